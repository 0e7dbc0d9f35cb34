#include "app/lookups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipebench/base/distinct.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/system/gup_test.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<PageLookup>;

std::string digits(double ns) {
  return fmt::format("{:.{}f}", ns, std::abs(ns) < 9.995 ? 2 : std::abs(ns) < 999 ? 1 : 0);
}

std::string median_text(const std::optional<PageCost>& cost) { return cost ? digits(cost->ns) : "-"; }

// What covers less than 95 % says so.
std::string interval_text(const std::optional<PageCost>& cost) {
  if (!cost) return "-";
  const std::string text = fmt::format("{} to {}", digits(cost->interval.low), digits(cost->interval.high));
  if (cost->interval.coverage >= 0.95) return text;
  return fmt::format("{} ({:.0f}%)", text, std::floor(cost->interval.coverage * 100));
}

std::string pages_text(const PageLookup& row) {
  const std::string name(name_of(row.result->spec.pages));
  return row.as_asked ? name : fmt::format("{} (got {})", name, name_of(*row.result->obtained->pages));
}

std::string_view touched_text(const PageLookup& row) { return row.result->spec.no_touch ? "no" : "yes"; }

Grid grid_of(const Rows& rows, GupSource source) {
  const bool estimated = source == GupSource::vmsplice;
  Grid grid{.columns = {{.header = "pages"}, {.header = "touched"}}, .rows = {}};
  if (estimated) grid.columns.push_back({.header = "vmsplice ns", .right = true});
  grid.columns.push_back({.header = estimated ? "get ns (estimate)" : "get ns", .right = true});
  grid.columns.push_back({.header = "95%", .right = true});
  if (!estimated) grid.columns.push_back({.header = "put ns", .right = true});
  for (const PageLookup& row : rows) {
    std::vector<std::string> cells{pages_text(row), std::string(touched_text(row))};
    if (estimated) cells.push_back(median_text(row.call));
    cells.push_back(row.is_base ? "base" : median_text(row.get));
    cells.push_back(row.is_base ? "" : interval_text(row.get));
    if (!estimated) cells.push_back(median_text(row.put));
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

const PageLookup* base_of(const Rows& rows) {
  const auto at = std::ranges::find(rows, true, &PageLookup::is_base);
  return at == rows.end() ? nullptr : &*at;
}

// Of the first row that could have been the base; empty where it does not say.
std::string why_no_base(const Rows& rows) {
  const auto at = std::ranges::find_if(rows, [](const PageLookup& row) {
    return row.result->spec.pages != Pages::k4 && !row.result->spec.no_touch && !row.result->reason.empty();
  });
  return at == rows.end() ? "" : at->result->reason;
}

// Empty for what the kernel measured itself.
std::string bias_text(const Rows& rows, GupSource source) {
  if (source == GupSource::kernel) return {};
  const PageLookup* base = base_of(rows);
  if (base == nullptr) {
    const std::string why = why_no_base(rows);
    return fmt::format(
        "No estimate: it needs huge pages that were written to as a baseline, and of these there is no "
        "figure.{}{}",
        why.empty() ? "" : " ", why);
  }
  return fmt::format(
      "get ns is an estimate: how much more vmsplice costs per page than with the base, {} that was written to. It is "
      "too "
      "low by what the base costs itself: for each batch of up to {} pages, one walk through the page tables and two "
      "changes of a reference count. The rest of vmsplice is the same for all.",
      name_of(base->result->spec.pages), gup_pages_per_call);
}

std::string headline_of(const LookupOrigin& origin) {
  if (origin.source == GupSource::kernel)
    return fmt::format("What getting a user page costs, by the kernel's own test (/sys/kernel/debug/{}).", origin.name);
  return "What getting a user page costs, estimated from vmsplice. " + sentence_of(origin.finding);
}

// Of the cases that were to be measured, the fewest and the most; none where there are no such cases.
std::pair<std::size_t, std::size_t> rounds_of(const Rows& rows) {
  std::vector<std::size_t> rounds;
  for (const PageLookup& row : rows) {
    const Status status = row.result->status;
    if (status == Status::ok || status == Status::planned) rounds.push_back(row.result->samples.size());
  }
  if (rounds.empty()) return {};
  const auto [fewest, most] = std::ranges::minmax(rounds);
  return {fewest, most};
}

std::string reading_text(const Document& document, const Rows& rows, GupSource source) {
  const auto [fewest, most] = rounds_of(rows);
  const std::string how = source == GupSource::kernel
                              ? fmt::format(" {} pages are looked up at a time, as in vmsplice.", gup_pages_per_call)
                              : "";
  return fmt::format(
      "ns: for each page of {} KiB, the median of {}; 95%: its interval.{} touched: it was written to before.",
      document.host.page_size_bytes.value_or(4096) / 1024, counted(fewest, most, "round"), how);
}

std::string interruption_text(const Document& document, const Rows& rows) {
  const auto [fewest, most] = rounds_of(rows);
  return fmt::format("Interrupted after {} of {}.", from_to(fewest, most), counted(document.plan.rounds, "round"));
}

// What is to be said of single rows, but for what was `said`: each sentence once, with the kinds of pages that it is
// about.
std::vector<std::string> row_remarks(const Rows& rows, std::string_view said) {
  std::vector<std::pair<std::string, std::vector<std::string>>> sentences;
  const auto add = [&](const std::string& sentence, const PageLookup& row) {
    if (sentence.empty() || said.find(sentence) != std::string_view::npos) return;
    const auto at = std::ranges::find(sentences, sentence, [](const auto& one) { return one.first; });
    auto& [text, pages] = at == sentences.end() ? sentences.emplace_back(sentence, std::vector<std::string>{}) : *at;
    pages.emplace_back(name_of(row.result->spec.pages));
  };
  for (const PageLookup& row : rows) {
    if (row.result->status != Status::planned) add(row.result->reason, row);  // else it is said of all at once
    for (const std::string& note : row.result->notes) add(note, row);
  }
  std::vector<std::string> remarks;
  for (auto& [sentence, pages] : sentences)
    remarks.push_back(fmt::format("{}: {}", fmt::join(distinct(std::move(pages)), ", "), sentence));
  return remarks;
}

// One paragraph.
std::string joined_sentences(const std::vector<std::string>& sentences) {
  return fmt::format("{}", fmt::join(sentences, " "));
}

void add_cost(Json& data, const std::string& key, const std::optional<PageCost>& cost) {
  const bool sure = cost && cost->interval.coverage >= 0.95;
  data[key + "_ns"] = cost ? Json(cost->ns) : Json();
  data[key + "_ns_ci95_low"] = sure ? Json(cost->interval.low) : Json();
  data[key + "_ns_ci95_high"] = sure ? Json(cost->interval.high) : Json();
}

Json row_as_json(const PageLookup& row) {
  const CaseResult& result = *row.result;
  const auto* obtained = result.obtained && result.obtained->pages ? &*result.obtained->pages : nullptr;
  Json data{{"pages", name_of(result.spec.pages)},
            {"touched", !result.spec.no_touch},
            {"cpu", result.spec.placement.writer_cpu ? Json(*result.spec.placement.writer_cpu) : Json()},
            {"status", name_of(result.status)},
            {"reason", result.reason.empty() ? Json() : Json(result.reason)},
            {"obtained", obtained == nullptr ? Json() : Json(name_of(*obtained))},
            {"rounds", result.samples.size()},
            {"base", row.is_base}};
  add_cost(data, "call", row.call);
  add_cost(data, "get", row.get);
  add_cost(data, "put", row.put);
  return data;
}

Json as_json(const Document& document, const LookupOrigin& origin, const Rows& rows) {
  Json data = frame_to_json(document);
  data["schema"] = "pipebench-gup/1";
  data.erase("cases");
  data["source"] = origin.name;
  data["estimated"] = origin.source != GupSource::kernel;
  const std::string bias = bias_text(rows, origin.source);
  data["bias"] = bias.empty() ? Json() : Json(bias);
  data["finding"] = origin.source == GupSource::kernel ? Json() : to_json(origin.finding);
  data["lookups"] = Json::array();
  for (const PageLookup& row : rows) data["lookups"].push_back(row_as_json(row));
  data["conclusions"] = lookup_conclusions(document, origin.source);
  return data;
}

// For CSV: the keys of `lookups`.
Grid plain_rows(const Json& lookups) {
  Grid grid{.columns = {}, .rows = {}};
  for (const Json& row : lookups) {
    std::vector<std::string> cells;
    for (const auto& [key, value] : row.items()) {
      if (grid.rows.empty()) grid.columns.push_back({.header = key});
      cells.push_back(value.is_null() ? "" : value.is_string() ? value.get<std::string>() : value.dump());
    }
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

}  // namespace

Listing lookup_listing(const Document& document, const LookupOrigin& origin) {
  const Rows rows = page_lookups(document, origin.source);
  Listing listing{.data = as_json(document, origin, rows),
                  .headline = headline_of(origin),
                  .grids = {grid_of(rows, origin.source)},
                  .legend = joined_sentences(lookup_conclusions(document, origin.source))};
  if (rounds_of(rows).second > 0) listing.remarks.push_back(reading_text(document, rows, origin.source));
  const std::string bias = bias_text(rows, origin.source);
  if (!bias.empty()) listing.remarks.push_back(bias);
  for (std::string& remark : row_remarks(rows, bias)) listing.remarks.push_back(std::move(remark));
  if (!document.plan.complete) listing.remarks.push_back(interruption_text(document, rows));
  listing.rows = plain_rows(listing.data.at("lookups"));
  return listing;
}

}  // namespace pipebench
