#include "report/legend.hpp"

#include <algorithm>
#include <array>

#include "pipebench/analysis/baseline.hpp"
#include "report/rows.hpp"

namespace pipebench {
namespace {

// Of a document.
struct Ratios {
  bool has_picked_baseline;
  const CaseResult* baseline;  // nullptr: no case has a ratio
};

bool is_limited_by(const CaseResult& result, Ceiling ceiling) {
  return result.ceilings && result.ceilings->applies == ceiling;
}

// A line of the legend stands where any case that has figures needs it.
struct LegendLine {
  Term term;
  bool of_rows = true;  // of the table; else also of grids and remarks
  bool (*is_needed)(const CaseResult& result, const Ratios& ratios);
};

using Case = const CaseResult&;
using With = const Ratios&;
constexpr std::array legend_lines{
    LegendLine{.term = Term::coverage,
               .is_needed = [](Case of, With) { return !of.spec.takes_turns() && !covers_95(*of.summary); }},
    LegendLine{.term = Term::ns_per_page, .is_needed = [](Case of, With) { return !of.spec.takes_turns(); }},
    LegendLine{.term = Term::cpu_seconds,
               .is_needed = [](Case of,
                               With) { return !of.spec.takes_turns() && of.summary->cpu_seconds_per_gib.has_value(); }},
    LegendLine{.term = Term::x_first,
               .is_needed = [](Case, With ratios) { return ratios.baseline && !ratios.has_picked_baseline; }},
    LegendLine{.term = Term::x_base,
               .is_needed = [](Case, With ratios) { return ratios.baseline && ratios.has_picked_baseline; }},
    LegendLine{.term = Term::prices,
               .is_needed = [](Case, With ratios) { return ratios.baseline && ratios.baseline->spec.takes_turns(); }},
    LegendLine{.term = Term::equal, .is_needed = [](Case of, With) { return of.summary->may_equal_baseline(); }},
    LegendLine{.term = Term::no_interval, .is_needed = [](Case of, With) { return lacks_ratio_interval(*of.summary); }},
    LegendLine{.term = Term::turns, .of_rows = false, .is_needed = [](Case of, With) { return of.spec.takes_turns(); }},
    LegendLine{.term = Term::sum, .is_needed = [](Case of, With) { return of.spec.takes_turns(); }},
    LegendLine{.term = Term::touched, .is_needed = [](Case, With) { return true; }},
    LegendLine{.term = Term::replay, .of_rows = false, .is_needed = [](Case of, With) { return of.traits.replay; }},
    LegendLine{.term = Term::no_pipe,
               .of_rows = false,
               .is_needed = [](Case of, With) { return of.traits.transport != Transport::pipe; }},
    LegendLine{.term = Term::unsafe, .of_rows = false, .is_needed = [](Case of, With) { return !of.traits.safe; }},
    LegendLine{.term = Term::fairness,
               .of_rows = false,
               .is_needed = [](Case of, With) { return of.summary->fairness.has_value(); }},
    LegendLine{.term = Term::latency,
               .of_rows = false,
               .is_needed = [](Case of, With) { return of.summary->latency.count.has_value(); }},
    LegendLine{.term = Term::round_trip,
               .of_rows = false,
               .is_needed = [](Case of, With) { return of.summary->round_trip.count.has_value(); }},
    LegendLine{.term = Term::ceiling,
               .of_rows = false,
               .is_needed = [](Case of, With) { return of.ceilings && of.ceilings->applies.has_value(); }},
    LegendLine{.term = Term::copies,
               .of_rows = false,
               .is_needed = [](Case of, With) { return is_limited_by(of, Ceiling::copies); }},
    LegendLine{.term = Term::slots,
               .of_rows = false,
               .is_needed = [](Case of, With) { return is_limited_by(of, Ceiling::slots); }},
};
static_assert(legend_lines.size() == names<Term>.size());

}  // namespace

Term ratio_term(const Document& document) { return document.plan.baseline.empty() ? Term::x_first : Term::x_base; }

std::optional<Legend> legend_of(const Document& document, const std::vector<const CaseResult*>& rows) {
  const std::vector<const CaseResult*> cases = measured_cases(document);
  const auto any = [](const std::vector<const CaseResult*>& of, const auto& is_so) {
    return std::ranges::any_of(of, [&](const CaseResult* result) { return is_so(*result); });
  };
  Legend legend;
  for (const CaseResult* result : cases) {
    const std::size_t n = result->summary->n;
    legend.fewest_samples = legend.most_samples == 0 ? n : std::min(legend.fewest_samples, n);
    legend.most_samples = std::max(legend.most_samples, n);
  }
  if (legend.most_samples == 0) return std::nullopt;
  const bool any_ratio = any(rows, [](Case result) { return result.summary->ratio.has_value(); });
  const Ratios ratios{.has_picked_baseline = !document.plan.baseline.empty(),
                      .baseline = any_ratio ? baseline_of(document) : nullptr};
  if (ratios.baseline != nullptr) legend.baseline = ratios.baseline->name;
  legend.has_intervals = any(rows, [](Case result) { return !result.spec.takes_turns(); });
  for (const LegendLine& line : legend_lines) {
    const auto is_needed = [&](Case result) { return line.is_needed(result, ratios); };
    if (any(line.of_rows ? rows : cases, is_needed)) legend.terms.push_back(line.term);
  }
  return legend;
}

}  // namespace pipebench
