#include "pipebench/analysis/gup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "pipebench/analysis/precision.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/distinct.hpp"

namespace pipebench {
namespace {

constexpr std::array huge_kinds{Pages::thp, Pages::m2, Pages::g1};

using Side = Turns Sample::*;

// In ns per ordinary page, by round. Turns are recorded per 4 KiB.
std::vector<RoundSpeed> costs_of(const CaseResult& result, Side side, const Host& host) {
  const double scale = static_cast<double>(host.page_size_bytes.value_or(4096)) / 4096;
  std::vector<RoundSpeed> costs;
  for (const Sample& sample : counted_samples(result)) {
    const std::optional<double>& ns = (sample.*side).median_ns_per_page;
    if (ns) costs.push_back({.round = sample.round, .speed = *ns * scale});
  }
  std::ranges::stable_sort(costs, {}, &RoundSpeed::round);
  return costs;
}

std::optional<PageCost> cost_of(const std::vector<double>& ns) {
  if (ns.empty()) return std::nullopt;
  return PageCost{.ns = median(ns), .interval = median_interval(ns), .rounds = ns.size()};
}

std::optional<PageCost> cost_of(const CaseResult& result, Side side, const Host& host) {
  std::vector<double> ns;
  for (const RoundSpeed& cost : costs_of(result, side, host)) ns.push_back(cost.speed);
  return cost_of(ns);
}

// What disturbs a round disturbs both of its figures.
std::optional<PageCost> difference(const CaseResult& result, const CaseResult& base, const Host& host) {
  std::vector<double> ns;
  for (const RoundPair& pair :
       pairs_of_rounds(costs_of(result, &Sample::writer_turns, host), costs_of(base, &Sample::writer_turns, host)))
    ns.push_back(pair.value - pair.reference);
  return cost_of(ns);
}

// Memory that was never written to has no pages of its own.
bool is_as_asked(const CaseResult& result) {
  if (result.spec.pages == Pages::k4 || !result.obtained) return true;
  const auto& pages = result.obtained->pages;
  return pages == when_obtained(result.spec.pages, {}) || pages == ObtainedPages::unknown ||
         (result.spec.no_touch && pages == ObtainedPages::untouched);
}

const CaseResult* find_case(const Document& document, Pages pages, bool touched) {
  const auto at = std::ranges::find_if(document.cases, [&](const CaseResult& result) {
    return result.spec.pages == pages && result.spec.no_touch != touched && !counted_samples(result).empty() &&
           is_as_asked(result);
  });
  return at == document.cases.end() ? nullptr : &*at;
}

const CaseResult* find_huge(const Document& document) {
  for (const Pages pages : huge_kinds) {
    if (const CaseResult* found = find_case(document, pages, true)) return found;
  }
  return nullptr;
}

enum class Verdict : std::uint8_t { unknown, less, alike, more };

// How the first compares with the second.
Verdict compare(const PageCost& difference, double second_ns) {
  constexpr double least = 0.05;
  if (difference.interval.coverage < 0.95) return Verdict::unknown;
  const bool counts = std::abs(difference.ns) > least * second_ns;
  if (counts && difference.interval.high < 0) return Verdict::less;
  if (counts && difference.interval.low > 0) return Verdict::more;
  return Verdict::alike;
}

std::string taking(double ns, GupSource source) {
  return source == GupSource::kernel ? fmt::format("getting a page takes {:.1f} ns", ns)
                                     : fmt::format("vmsplice takes {:.1f} ns a page", ns);
}

struct Comparison {
  Verdict verdict;
  double first_ns, second_ns;
};

std::optional<Comparison> compare(const CaseResult& first, const CaseResult& second, const Host& host) {
  const auto first_cost = cost_of(first, &Sample::writer_turns, host);
  const auto second_cost = cost_of(second, &Sample::writer_turns, host);
  const auto between = difference(first, second, host);
  if (!first_cost || !second_cost || !between) return std::nullopt;
  return Comparison{compare(*between, second_cost->ns), first_cost->ns, second_cost->ns};
}

constexpr auto too_few = "A 95 % interval needs at least 6 rounds, so these figures are too few to conclude from.";

std::string huge_conclusion(const CaseResult& huge, const CaseResult& ordinary, const Comparison& found,
                            GupSource source) {
  const std::string figures = fmt::format("{} with {}, and {:.1f} ns with {}.", taking(found.first_ns, source),
                                          name_of(huge.spec.pages), found.second_ns, name_of(ordinary.spec.pages));
  switch (found.verdict) {
    case Verdict::less:
      return "Huge pages cut the cost: " + figures;
    case Verdict::more:
      return "Huge pages do not cut the cost here, they raise it: " + figures;
    case Verdict::alike:
      return "Huge pages do not change the cost here: " + figures;
    case Verdict::unknown:
      break;
  }
  return too_few;
}

std::string untouched_conclusion(const CaseResult& untouched, const Comparison& found, GupSource source) {
  const std::string_view pages = name_of(untouched.spec.pages);
  const std::string figures = fmt::format("{}, and {:.1f} ns with memory that was written to.",
                                          taking(found.first_ns, source), found.second_ns);
  switch (found.verdict) {
    case Verdict::more:
      return fmt::format("Untouched {} memory stays slow, however often it is looked up: {}", pages, figures);
    case Verdict::less:
      return fmt::format("Untouched {} memory is not slow here, but faster: {}", pages, figures);
    case Verdict::alike:
      return fmt::format("Untouched {} memory is not slow here: {}", pages, figures);
    case Verdict::unknown:
      break;
  }
  return too_few;
}

}  // namespace

std::vector<PageLookup> page_lookups(const Document& document, GupSource source) {
  const CaseResult* base = source == GupSource::vmsplice ? find_huge(document) : nullptr;
  std::vector<PageLookup> rows;
  for (const CaseResult& result : document.cases) {
    PageLookup row{.result = &result, .as_asked = is_as_asked(result), .is_base = &result == base};
    const auto whole = cost_of(result, &Sample::writer_turns, document.host);
    if (source == GupSource::kernel) {
      row.get = whole;
      row.put = cost_of(result, &Sample::reader_turns, document.host);
    } else {
      row.call = whole;
      if (base != nullptr && base != &result) row.get = difference(result, *base, document.host);
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> lookup_conclusions(const Document& document, GupSource source) {
  std::vector<std::string> sentences;
  const CaseResult* ordinary = find_case(document, Pages::k4, true);
  const CaseResult* huge = find_huge(document);
  if (ordinary == nullptr || huge == nullptr) {
    sentences.push_back(fmt::format("There is no figure for {}, so what huge pages change is not known.",
                                    ordinary == nullptr ? name_of(Pages::k4) : "huge pages"));
  } else if (const auto found = compare(*huge, *ordinary, document.host)) {
    sentences.push_back(huge_conclusion(*huge, *ordinary, *found, source));
  }
  for (const CaseResult* touched : {ordinary, huge}) {
    const CaseResult* untouched = touched ? find_case(document, touched->spec.pages, false) : nullptr;
    if (untouched == nullptr) continue;
    if (const auto found = compare(*untouched, *touched, document.host))
      sentences.push_back(untouched_conclusion(*untouched, *found, source));
  }
  return distinct(std::move(sentences));
}

}  // namespace pipebench
