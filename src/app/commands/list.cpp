// The command `list`: what there is, whether it runs here, and what goes together.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/config_file.hpp"
#include "app/output.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/system/huge_pages.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

struct Entry {
  std::string kind;
  std::string name;
  std::string summary;
  std::optional<Finding> finding = {};  ///< why it cannot run here or, as a note, why that is unknown
};

/// Empty where that is unknown.
std::optional<bool> available(const Entry& entry) {
  if (!entry.finding) return true;
  return entry.finding->severity == Severity::note ? std::nullopt : std::optional(false);
}

std::string_view here(const Entry& entry) {
  const std::optional<bool> runs = available(entry);
  return !runs ? "unknown" : *runs ? "yes" : "no";
}

std::optional<Finding> blocker(const std::string& what) {
  return what.empty() ? std::nullopt : std::optional(Finding{.severity = Severity::blocker, .what = what});
}

Entry strategy_entry(std::string_view kind, const StrategyInfo& info) {
  return {.kind = std::string(kind),
          .name = std::string(info.name),
          .summary = std::string(info.summary),
          .finding = blocker(info.unavailable)};
}

// Where the call does not work at all, a writer that gives its pages away says why.
Entry zero_copy_entry(const Catalog& catalog) {
  const std::optional<bool> zero_copy = vmsplice_is_zero_copy();
  Entry entry{.kind = "kernel", .name = "zero-copy", .summary = "vmsplice passes pages on instead of copying them"};
  const auto giver = std::ranges::find(catalog.writers, true, &StrategyInfo::gives_pages);
  if (!zero_copy && giver != catalog.writers.end()) entry.finding = blocker(giver->unavailable);
  if (zero_copy == false) {
    entry.finding = Finding{.severity = Severity::blocker,
                            .what = "A page that was changed after vmsplice() arrived unchanged: this kernel copies.",
                            .why = "vmsplice() is write() by another name here."};
  }
  return entry;
}

std::vector<Entry> collect(const Catalog& catalog) {
  std::vector<Entry> entries;
  for (const StrategyInfo& info : catalog.writers) entries.push_back(strategy_entry(name_of(Role::writer), info));
  for (const StrategyInfo& info : catalog.readers) entries.push_back(strategy_entry(name_of(Role::reader), info));
  entries.push_back(zero_copy_entry(catalog));
  entries.push_back({.kind = "kernel",
                     .name = "gift",
                     .summary = "vmsplice takes pages as a gift (--gift)",
                     .finding = blocker(catalog.no_gift)});
  for (const auto& wait : names<Wait>)
    entries.push_back(
        {.kind = std::string(axis_names::wait), .name = std::string(wait.name), .summary = std::string(wait.summary)});
  for (const auto& pages : names<Pages>)
    entries.push_back({.kind = std::string(axis_names::pages),
                       .name = std::string(pages.name),
                       .summary = std::string(pages.summary),
                       .finding = why_no_pages(pages.value)});
  for (const BundledConfig& config : bundled_configs())
    entries.push_back({.kind = "config", .name = std::string(config.name), .summary = config.summary()});
  return entries;
}

Grid entry_grid(const std::vector<Entry>& entries) {
  Grid grid{
      .columns = {{.header = "kind"}, {.header = "name"}, {.header = "here"}, {.header = "what it is", .wrap = true}},
      .rows = {}};
  for (const Entry& entry : entries) {
    const std::string text = entry.finding ? entry.summary + ". " + sentence_of(*entry.finding) : entry.summary;
    grid.rows.push_back({entry.kind, entry.name, std::string(here(entry)), text});
  }
  return grid;
}

Grid pair_grid(const Catalog& catalog) {
  Grid grid{.columns = {{.header = "writer"}, {.header = "goes with readers", .wrap = true}}, .rows = {}};
  for (const StrategyInfo& writer : catalog.writers) {
    std::vector<std::string_view> readers;
    for (const StrategyInfo& reader : catalog.readers) {
      if (!why_not_paired(writer, reader)) readers.push_back(reader.name);
    }
    grid.rows.push_back({std::string(writer.name), joined(readers, " ")});
  }
  return grid;
}

Json as_json(const std::vector<Entry>& entries, const Catalog& catalog) {
  Json list = Json::array();
  for (const Entry& entry : entries) {
    list.push_back({{"kind", entry.kind},
                    {"name", entry.name},
                    {"summary", entry.summary},
                    {"available", available(entry) ? Json(*available(entry)) : Json()},
                    {"reason", entry.finding ? Json(sentence_of(*entry.finding)) : Json()},
                    {"finding", entry.finding ? to_json(*entry.finding) : Json()}});
  }
  Json pairs = Json::array();
  for (const StrategyInfo& writer : catalog.writers) {
    for (const StrategyInfo& reader : catalog.readers) {
      const MaybeObstacle obstacle = why_not_paired(writer, reader);
      pairs.push_back({{"writer", writer.name},
                       {"reader", reader.name},
                       {"compatible", !obstacle},
                       {"reason", obstacle ? Json(obstacle->detail) : Json()}});
    }
  }
  return {{"schema", "pipebench-list/1"}, {"entries", list}, {"pairs", pairs}};
}

int list(const Invocation& invocation, Loaded loaded) {
  const std::vector<Entry> entries = collect(loaded.catalog);
  print_listing({.data = as_json(entries, loaded.catalog), .grids = {entry_grid(entries), pair_grid(loaded.catalog)}},
                invocation);
  return 0;
}

}  // namespace

extern const Command command_list = {
    .name = "list",
    .summary = "every writer, reader, wait, page kind and bundled config, and whether it runs here",
    .options = listing_options,
    .loads = Loads::strategies,
    .run = list,
};

}  // namespace pipebench
