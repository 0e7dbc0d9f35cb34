#include "pipebench/report/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/distinct.hpp"
#include "pipebench/base/plural.hpp"
#include "report/explanation.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

std::string figure_text(Compared figure) {
  return std::string(names<Compared>[static_cast<std::size_t>(figure)].summary);
}

std::string shown_name(const ComparedCase& compared) {
  const std::string& name = compared.other.result->name;
  return is_price(compared.figure) ? fmt::format("{} ({})", name, figure_text(compared.figure)) : name;
}

std::string ratio_text(double ratio) { return fmt::format("{:.3f}", ratio); }

bool is_sure(const ComparedCase& compared) { return compared.ratio && compared.ratio->interval.coverage >= 0.95; }

// An interval that covers less than 95 % says so.
std::string interval_text(const ComparedCase& compared) {
  if (!compared.ratio || compared.ratio->interval.coverage <= 0) return "-";
  const Interval& interval = compared.ratio->interval;
  const std::string text = fmt::format("{} to {}", ratio_text(interval.low), ratio_text(interval.high));
  if (is_sure(compared)) return text;
  return fmt::format("{} ({:.0f}%)", text, std::floor(interval.coverage * 100));
}

std::string chance_text(const std::optional<double>& p) {
  if (!p) return "-";
  return *p < 0.001 ? "<0.001" : fmt::format("{:.3f}", *p);
}

Grid case_grid(const NamedComparison& named) {
  const std::vector<ComparedCase>& cases = named.comparison.cases;
  const bool several_figures = std::ranges::any_of(cases, is_price, &ComparedCase::figure);
  Grid grid{.columns = {{.header = "case", .wrap = true}}, .rows = {}};
  if (several_figures) grid.columns.push_back({.header = "figure"});
  for (const char* header : {"base", named.is_within() ? "case" : "new", "ratio", "95%", "p"})
    grid.columns.push_back({.header = header, .right = true});
  grid.columns.push_back({.header = "verdict"});
  for (const ComparedCase& compared : cases) {
    std::vector<std::string> cells{compared.other.result->name};
    if (several_figures) cells.push_back(figure_text(compared.figure));
    for (std::string cell : {three_digits(compared.base.median), three_digits(compared.other.median),
                             compared.ratio ? ratio_text(compared.ratio->median) : "-", interval_text(compared),
                             chance_text(compared.p_adjusted), std::string(name_of(compared.verdict))})
      cells.push_back(std::move(cell));
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

Grid context_grid(const Comparison& comparison) {
  Grid grid{.columns = {{.header = "differs"}, {.header = "base -> new", .wrap = true}}, .rows = {}};
  for (const KeyDifference& difference : comparison.context)
    grid.rows.push_back({difference.key, fmt::format("{} -> {}", difference.base, difference.other)});
  return grid;
}

std::string document_text(const ComparedDocument& named) {
  const Host& host = named.document->host;
  return fmt::format("{} ({}, Linux {}, {})", named.name, host.cpu_model.empty() ? "unknown CPU" : host.cpu_model,
                     host.kernel, named.document->plan.started);
}

std::string headline_of(const NamedComparison& named) {
  if (named.is_within())
    return fmt::format("Cases of {} against {}, round by round.", document_text(named.other), named.base.name);
  return fmt::format("base: {}; new: {}.", document_text(named.base), document_text(named.other));
}

// Which samples of a case were not compared, and why.
std::string left_out_text(const NamedComparison& named, const ComparedCase& compared) {
  const auto of = [](const ComparedSide& side) { return side.n + side.left_out; };
  const std::string_view other = named.is_within() ? "this case" : "new";
  std::string why = "their CPUs changed during them, or were not alike";
  if (compared.unlike)
    why = fmt::format("base has {}, {} {}", condition_text(compared.unlike->condition, compared.unlike->base), other,
                      condition_text(compared.unlike->condition, compared.unlike->other));
  if (!compared.ratio) return fmt::format("{}: not compared: {}.", shown_name(compared), why);
  if (named.is_within())
    return fmt::format("{}: {} of {} rounds are compared; in the others the two had other conditions: {}.",
                       shown_name(compared), compared.other.n, of(compared.other), why);
  return fmt::format(
      "{}: {} of {} samples of base and {} of {} of new are compared; the others were taken under other "
      "conditions: {}.",
      shown_name(compared), compared.base.n, of(compared.base), compared.other.n, of(compared.other), why);
}

// Samples that have no ratio to any other.
std::string without_figure_text(const NamedComparison& named, const ComparedCase& compared) {
  const auto of = [](const ComparedSide& side, std::string_view name) {
    return side.without_figure == 0 ? ""
                                    : fmt::format("{} of {}{}", side.without_figure,
                                                  counted(counted_samples(*side.result).size(), "sample"), name);
  };
  const std::string base = of(compared.base, named.is_within() ? " of the base" : " of base");
  const std::string other = of(compared.other, named.is_within() ? "" : " of new");
  return fmt::format("{}: {}{}{} {}, and are not compared.", shown_name(compared), base,
                     base.empty() || other.empty() ? "" : " and ", other,
                     is_price(compared.figure) ? "have no price above 0" : "moved nothing");
}

// Why a case, or two of one file, have no figures to compare.
std::string state_of(const CaseResult& result) {
  if (result.samples.empty())
    return std::string(name_of(result.status)) + (result.reason.empty() ? "" : fmt::format(" ({})", result.reason));
  const std::size_t samples = counted_samples(result).size(), idle = idle_samples(result);
  if (samples == 0) return "all samples were set aside";
  if (moved_nothing(result) && idle < samples) return fmt::format("{} of {} samples moved nothing", idle, samples);
  if (moved_nothing(result) || !has_figures(result)) return "no figure above 0";
  return "measured";
}

std::string unmeasured_text(const CaseResult& base, const CaseResult& other) {
  const std::string here = state_of(base), there = state_of(other);
  if (differ_in_relation(base, other))
    return fmt::format("{}: not compared: what its CPUs share is {} in base, {} in new.", other.name,
                       name_of(*base.spec.placement.relation), name_of(*other.spec.placement.relation));
  if (base.spec.takes_turns() != other.spec.takes_turns())
    return fmt::format("{}: not compared: only one of the two takes turns, and has prices instead of a speed.",
                       other.name);
  if (here == "measured" && there == here)
    return fmt::format("{}: not compared: no round has a figure above 0 of both.", other.name);
  return fmt::format("{}: not compared: {} in base, {} in new.", other.name, here, there);
}

// How many are named: more would not be read.
constexpr std::size_t most_named = 8;

std::string names_text(const Cases& cases) {
  std::vector<std::string> list;
  for (const CaseResult* result : cases) list.push_back(result->name);
  return listed_up_to(most_named, list);
}

std::string namesakes_text(const NamesakePair& pair) {
  std::vector<std::string> differences;
  for (const KeyDifference& difference : pair.differences)
    differences.push_back(fmt::format("{} {} -> {}", difference.key, difference.base, difference.other));
  return fmt::format("{}: not compared: the two files measured different things under this name: {}.", pair.base->name,
                     listed_up_to(most_named, differences));
}

// Texts about cases, each once, with all cases that it is true of.
class Grouped {
 public:
  void add(const std::string& text, const CaseResult* result) {
    Cases& cases = groups_[text];
    if (std::ranges::find(cases, result) == cases.end()) cases.push_back(result);  // a price of each end names it twice
  }
  void move_to(std::vector<std::string>& remarks) const {
    for (const auto& [text, cases] : groups_) remarks.push_back(fmt::format("{}: {}.", text, names_text(cases)));
  }

 private:
  std::map<std::string, Cases> groups_;
};

std::string cpus_text(const CaseResult& result) {
  const Placement& placement = result.spec.placement;
  if (!placement.writer_cpu || !placement.reader_cpu) return "any CPUs";
  return fmt::format("CPUs {},{}", *placement.writer_cpu, *placement.reader_cpu);
}

// What was compared although it is not quite like with like.
void add_reservations(std::vector<std::string>& remarks, const NamedComparison& named) {
  Grouped groups;
  const std::string_view other = named.is_within() ? "the case" : "new";
  for (const ComparedCase& compared : named.comparison.cases) {
    const CaseResult& result = *compared.other.result;
    const bool elsewhere = differ_in_cpus(*compared.base.result, result);
    if (elsewhere)
      groups.add(fmt::format("Base ran on {}, {} on {}{}", cpus_text(*compared.base.result), other, cpus_text(result),
                             named.is_within() ? ", and how far apart these are is part of what is compared" : ""),
                 &result);
    if (compared.base.has_conditions && compared.other.has_conditions) continue;
    if (elsewhere && named.is_within()) continue;  // they would not have been looked at
    const bool neither = !compared.base.has_conditions && !compared.other.has_conditions;
    groups.add(fmt::format("Conditions were not recorded in {}, so samples are compared whatever these were",
                           neither                        ? "either"
                           : compared.base.has_conditions ? std::string(other)
                                                          : "base"),
               &result);
  }
  groups.move_to(remarks);
}

std::string percent_range(const std::vector<double>& shares) {
  const auto [least, most] = std::ranges::minmax(shares);
  const std::string low = fmt::format("{:.0f}", least * 100), high = fmt::format("{:.0f}", most * 100);
  return low == high ? low + " %" : fmt::format("{} to {} %", low, high);
}

// In which cases other work had the CPUs, though only in one of the files: in `busier`.
void add_busier(std::vector<std::string>& remarks, const NamedComparison& named, ComparedSide ComparedCase::*busier) {
  const bool is_base = busier == &ComparedCase::base;
  const auto quieter = is_base ? &ComparedCase::other : &ComparedCase::base;
  Cases cases;
  std::vector<double> much, little;
  for (const ComparedCase& compared : named.comparison.cases) {
    const auto more = (compared.*busier).waiting, less = (compared.*quieter).waiting;
    if (!compared.differs_in_waiting() || *more < *less) continue;
    if (std::ranges::find(cases, compared.other.result) != cases.end()) continue;  // a price of each end
    cases.push_back(compared.other.result);
    much.push_back(*more);
    little.push_back(*less);
  }
  if (cases.empty()) return;
  remarks.push_back(
      fmt::format("{}: in {} the ends waited for a CPU {} of the time, in {} {}: other work had the CPUs.",
                  names_text(cases), is_base ? named.base.name : named.other.name, percent_range(much),
                  is_base ? named.other.name : named.base.name, percent_range(little)));
}

void add_pages(std::vector<std::string>& remarks, const NamedComparison& named) {
  Grouped groups;
  for (const ComparedCase& compared : named.comparison.cases) {
    const auto &here = compared.base.pages, &there = compared.other.pages;
    if (here && there && *here != *there)
      groups.add(fmt::format("The kernel gave {} pages in base, {} in new", name_of(*here), name_of(*there)),
                 compared.other.result);
  }
  groups.move_to(remarks);
}

// What went on in one of two files, and not in the other.
void add_circumstances(std::vector<std::string>& remarks, const NamedComparison& named) {
  if (named.is_within()) return;
  for (const ComparedDocument* document : {&named.base, &named.other}) {
    const auto& cases = document->document->cases;
    const bool has_samples = std::ranges::any_of(cases, [](const CaseResult& each) { return !each.samples.empty(); });
    if (has_samples && !document->document->plan.complete)  // without samples it is a plan
      remarks.push_back(fmt::format("The run of {} was interrupted: cases lack samples.", document->name));
  }
  add_busier(remarks, named, &ComparedCase::base);
  add_busier(remarks, named, &ComparedCase::other);
  add_pages(remarks, named);
}

void add_unmatched(std::vector<std::string>& remarks, const Comparison& comparison) {
  if (!comparison.only_in_base.empty())
    remarks.push_back(fmt::format("Only in base: {}.", names_text(comparison.only_in_base)));
  if (!comparison.only_in_other.empty())
    remarks.push_back(fmt::format("Only in new: {}.", names_text(comparison.only_in_other)));
  const std::size_t told = std::min(comparison.namesakes.size(), most_named);
  for (std::size_t i = 0; i < told; ++i) remarks.push_back(namesakes_text(comparison.namesakes[i]));
  if (comparison.namesakes.size() > told)
    remarks.push_back(fmt::format("So do {} more names.", comparison.namesakes.size() - told));
  if (comparison.elsewhere_in_base.empty()) return;
  remarks.push_back(fmt::format(
      "Not compared, as they differ in their CPUs, and more than one would go with each: {} of base; {} of new.",
      names_text(comparison.elsewhere_in_base), names_text(comparison.elsewhere_in_other)));
}

std::size_t fewest_samples(const NamedComparison& named) {
  std::size_t fewest = least_for_same;
  for (const ComparedCase& compared : named.comparison.cases) {
    if (compared.ratio && compared.verdict == Verdict::unclear)
      fewest = std::min({fewest, compared.base.n, compared.other.n});
  }
  return fewest;
}

// Why much is unclear: with few samples nothing can be told.
void add_too_few(std::vector<std::string>& remarks, const NamedComparison& named) {
  const std::size_t fewest = fewest_samples(named);
  if (fewest >= least_for_same) return;
  const bool no_interval = !named.is_within() && fewest < least_for_interval;
  remarks.push_back(
      fmt::format("With fewer than {} samples on a side hardly anything can be told{}.", least_for_same,
                  no_interval ? fmt::format(", and with fewer than {} there is no interval", least_for_interval) : ""));
}

// A verdict on the speed says nothing of those.
void add_percentiles(std::vector<std::string>& remarks, const NamedComparison& named) {
  Grouped groups;
  for (const ComparedCase& compared : named.comparison.cases) {
    const auto& summary = compared.other.result->summary;
    if (summary && (summary->latency.count || summary->round_trip.count))
      groups.add("Speeds are compared, percentiles of times are not", compared.other.result);
  }
  groups.move_to(remarks);
}

std::vector<std::string> remarks_of(const NamedComparison& named) {
  const Comparison& comparison = named.comparison;
  std::vector<std::string> remarks;
  add_circumstances(remarks, named);
  for (const ComparedCase& compared : comparison.cases) {
    if (compared.base.left_out + compared.other.left_out > 0) remarks.push_back(left_out_text(named, compared));
    if (compared.base.without_figure + compared.other.without_figure > 0)
      remarks.push_back(without_figure_text(named, compared));
  }
  add_reservations(remarks, named);
  add_percentiles(remarks, named);
  for (const auto& [base, other] : comparison.unmeasured) remarks.push_back(unmeasured_text(*base, *other));
  add_unmatched(remarks, comparison);
  add_too_few(remarks, named);
  return distinct(std::move(remarks));
}

std::string verdict_counts(const Comparison& comparison) {
  std::vector<std::string> parts;
  for (const auto& verdict : names<Verdict>) {
    const auto count = std::ranges::count(comparison.cases, verdict.value, &ComparedCase::verdict);
    if (count > 0) parts.push_back(fmt::format("{} {}", count, verdict.name));
  }
  return parts.empty() ? "Nothing to compare" : fmt::format("{}", fmt::join(parts, ", "));
}

// What decides the exit code.
std::string failure_text(const NamedComparison& named) {
  if (!named.fail_above) return "";
  const auto slower = regressions(named.comparison, *named.fail_above);
  const auto failures = new_failures(named.comparison);
  if (slower.empty() && failures.empty() && !named.comparison.has_ratio()) return "";
  if (slower.empty() && failures.empty())
    return fmt::format(" None is slower by more than {:g} %.", *named.fail_above * 100);
  std::string text;
  if (!slower.empty()) {
    std::vector<std::string> list;
    for (const ComparedCase* compared : slower)
      list.push_back(fmt::format("{} ({:.1f} %)", shown_name(*compared), compared->slowdown() * 100));
    text += fmt::format(" Slower by more than {:g} %: {}.", *named.fail_above * 100, fmt::join(list, ", "));
  }
  Cases failed, idle;
  for (const CaseResult* result : failures) (result->status == Status::failed ? failed : idle).push_back(result);
  if (!failed.empty()) text += fmt::format(" Failed in new alone: {}.", names_text(failed));
  if (!idle.empty())
    text += fmt::format(" Moved nothing, in half of the samples or more, in new alone: {}.", names_text(idle));
  return text;
}

std::string legend_of(const NamedComparison& named) {
  const bool prices = std::ranges::any_of(named.comparison.cases,
                                          [](const ComparedCase& compared) { return is_price(compared.figure); });
  return fmt::format(
      "ratio: {}{}; 95%: its interval, {}; p: that they differ so much by chance, {}, corrected for {} (Holm). same: "
      "the "
      "interval lies within {:g} % of 1.",
      named.is_within() ? "median over rounds, case / base" : "of the medians, new / base",
      prices ? ", of GiB/s or of ns per 4 KiB, where less is better" : ", of GiB/s",
      named.is_within() ? "from the rounds" : "by bootstrap, and by what two runs of the same thing differ by",
      named.is_within() ? "by the sign test" : "by Mann and Whitney's test, or between two runs of the same thing",
      counted(named.comparison.cases.size(), "comparison"), named.margin * 100);
}

Json number(const std::optional<double>& value) { return value && std::isfinite(*value) ? Json(*value) : Json(); }

Json side_as_json(const ComparedSide& side) {
  return {{"name", side.result->name},
          {"n", side.n},
          {"left_out", side.left_out},
          {"without_figure", side.without_figure},
          {"median", side.median},
          {"waiting", number(side.waiting)},
          {"pages", side.pages ? Json(name_of(*side.pages)) : Json()}};
}

Json case_as_json(const ComparedCase& compared) {
  const auto& ratio = compared.ratio;
  const bool sure = is_sure(compared);
  Json data{{"name", compared.other.result->name},
            {"figure", name_of(compared.figure)},
            {"base", side_as_json(compared.base)},
            {"new", side_as_json(compared.other)},
            {"ratio", ratio ? Json(ratio->median) : Json()},
            {"ratio_ci95_low", sure ? Json(ratio->interval.low) : Json()},
            {"ratio_ci95_high", sure ? Json(ratio->interval.high) : Json()},
            {"p", number(compared.p)},
            {"p_adjusted", number(compared.p_adjusted)},
            {"verdict", name_of(compared.verdict)},
            {"condition", compared.unlike ? Json(name_of(compared.unlike->condition)) : Json()},
            {"condition_base", compared.unlike ? Json(compared.unlike->base) : Json()},
            {"condition_new", compared.unlike ? Json(compared.unlike->other) : Json()}};
  return data;
}

Json differences_as_json(const std::vector<KeyDifference>& differences) {
  Json list = Json::array();
  for (const KeyDifference& difference : differences)
    list.push_back({{"key", difference.key}, {"base", difference.base}, {"new", difference.other}});
  return list;
}

Json names_as_json(const Cases& cases) {
  Json list = Json::array();
  for (const CaseResult* result : cases) list.push_back(result->name);
  return list;
}

Json as_json(const NamedComparison& named) {
  const Comparison& comparison = named.comparison;
  Json data{{"base", named.base.name},
            {"new", named.other.name},
            {"paired", named.is_within()},
            {"margin", named.margin},
            {"fail_above", number(named.fail_above)},
            {"differences", differences_as_json(comparison.context)},
            {"cases", Json::array()},
            {"unmeasured", Json::array()},
            {"only_in_base", names_as_json(comparison.only_in_base)},
            {"only_in_new", names_as_json(comparison.only_in_other)},
            {"namesakes", Json::array()},
            {"regressions", Json::array()},
            {"remarks", remarks_of(named)}};
  for (const ComparedCase& compared : comparison.cases) data["cases"].push_back(case_as_json(compared));
  for (const auto& [base, other] : comparison.unmeasured)
    data["unmeasured"].push_back(
        {{"name", other->name}, {"base", name_of(base->status)}, {"new", name_of(other->status)}});
  for (const NamesakePair& pair : comparison.namesakes)
    data["namesakes"].push_back({{"name", pair.base->name}, {"differences", differences_as_json(pair.differences)}});
  if (named.fail_above) {
    for (const ComparedCase* compared : regressions(comparison, *named.fail_above))
      data["regressions"].push_back(compared->other.result->name);
    for (const CaseResult* failed : new_failures(comparison)) data["regressions"].push_back(failed->name);
  }
  return data;
}

Grid plain_rows(std::span<const NamedComparison> comparisons) {
  Grid grid;
  for (const char* header : {"base_file", "new_file", "name", "figure", "base_n", "new_n", "base_median", "new_median",
                             "ratio", "ratio_low", "ratio_high", "p_adjusted", "verdict"})
    grid.columns.push_back({.header = header});
  const auto text = [](const std::optional<double>& value) { return value ? fmt::format("{}", *value) : ""; };
  for (const NamedComparison& named : comparisons) {
    for (const ComparedCase& compared : named.comparison.cases) {
      const auto& ratio = compared.ratio;
      const bool sure = is_sure(compared);
      grid.rows.push_back(
          {named.base.name, named.other.name, compared.other.result->name, std::string(name_of(compared.figure)),
           std::to_string(compared.base.n), std::to_string(compared.other.n), fmt::format("{}", compared.base.median),
           fmt::format("{}", compared.other.median), ratio ? fmt::format("{}", ratio->median) : "",
           sure ? fmt::format("{}", ratio->interval.low) : "", sure ? fmt::format("{}", ratio->interval.high) : "",
           text(compared.p_adjusted), std::string(name_of(compared.verdict))});
    }
  }
  return grid;
}

}  // namespace

Listing comparison_listing(std::span<const NamedComparison> comparisons) {
  Json list = Json::array();
  for (const NamedComparison& named : comparisons) list.push_back(as_json(named));
  Listing listing{.data = {{"schema", "pipebench-compare/1"}, {"comparisons", std::move(list)}},
                  .grids = {},
                  .rows = plain_rows(comparisons)};
  std::vector<std::string> headlines;
  for (const NamedComparison& named : comparisons) {
    const bool is_only = comparisons.size() == 1;
    const std::string title = is_only ? "" : fmt::format("{} -> {}", named.base.name, named.other.name);
    headlines.push_back(headline_of(named));
    for (Grid grid : {context_grid(named.comparison), case_grid(named)}) {
      grid.title = title;
      if (!grid.rows.empty()) listing.grids.push_back(std::move(grid));
    }
    std::vector<std::string> remarks = remarks_of(named);
    remarks.push_back(verdict_counts(named.comparison) + "." + failure_text(named));
    for (const std::string& remark : remarks)
      listing.remarks.push_back(is_only ? remark : fmt::format("{}: {}", named.other.name, remark));
  }
  listing.headline = fmt::format("{}", fmt::join(headlines, " "));
  listing.legend = legend_of(comparisons.front());
  return listing;
}

}  // namespace pipebench
