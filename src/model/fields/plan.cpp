// The plan as results record it.
#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

constexpr std::string_view cases_differ_time = "cases differ, or are measured by bytes";
constexpr std::string_view cases_differ_bytes = "cases differ, or are measured by time";

constexpr std::string_view ratio_interval_99 =
    "confidence interval of the ratio, 99 %, as the search looks at it after each round";

}  // namespace

template <>
std::span<const Field<TuningRecord>> fields_of<TuningRecord>() {
  static constexpr std::array table{
      field<&TuningRecord::needs>("needs", "array: what `--need` asked for. {meanings}", "nothing was"),
      field<&TuningRecord::max_memory_bytes>("max_memory_bytes", "what buffers and pipes might take",
                                             "no `--max-memory`"),
      field<&TuningRecord::considered>("considered", "cases that can run, are safe, and meet the needs"),
      field<&TuningRecord::tried>("tried", "those of them that were measured, or failed: all that `cases` has"),
      field<&TuningRecord::left_out>("left_out",
                                     "those of the first large round for which the budget was too small, whose writer, "
                                     "reader and wait may not have been tried"),
      field<&TuningRecord::rounds>("rounds", "in which the last ones were compared; 0: it did not come to that"),
      field<&TuningRecord::fastest>("fastest", "name of the case", "nothing was measured"),
      field<&TuningRecord::runner_up>("runner_up", "name of the case that comes nearest to it", "there is no other"),
      field<&TuningRecord::ratio>("ratio",
                                  "the fastest relative to the runner-up: the median of the rounds that both have",
                                  "there is no runner-up"),
      field<&TuningRecord::ratio_ci99_low>("ratio_ci99_low", ratio_interval_99, "fewer than 8 rounds have both"),
      field<&TuningRecord::ratio_ci99_high>("ratio_ci99_high", ratio_interval_99, "fewer than 8 rounds have both"),
      field<&TuningRecord::certain>("certain",
                                    "do such intervals say of all that came to the last rounds that they are slower "
                                    "than the fastest?"),
      field<&TuningRecord::code>("code", "C for both ends, that does what the fastest case does",
                                 "there is no fastest, or `no_code` says why"),
      field<&TuningRecord::no_code>("no_code", "a sentence: why there is none", "there is"),
  };
  return table;
}

template <>
std::span<const Field<PlanRecord>> fields_of<PlanRecord>() {
  static constexpr std::array table{
      field<&PlanRecord::seed>("seed", "of the shuffling; `--seed` with it gives the same order again"),
      field<&PlanRecord::order>("order", "of the cases within a round: {words}"),
      field<&PlanRecord::rounds>("rounds",
                                 "the largest number of rounds of any case; with `--precision` or `--steady` there may "
                                 "be more"),
      field<&PlanRecord::goals, &RunGoals::precision>(
          "precision", "how narrow each interval was to become, relative to its median: 0.02 is ±2 %",
          "no `--precision`"),
      field<&PlanRecord::goals, &RunGoals::budget_seconds>("budget_seconds", "the most that the run was to take",
                                                           "no `--budget`"),
      field<&PlanRecord::goals, &RunGoals::steady>("steady", "`true` with `--steady`"),
      field<&PlanRecord::ceilings>("ceilings", "`true` with `--ceilings`"),
      field<&PlanRecord::imprecise>("imprecise", "array: names of the cases whose interval stayed wider than that",
                                    "there are none, or no `--precision`"),
      field<&PlanRecord::time_seconds>("time_seconds", "length of a sample", cases_differ_time),
      field<&PlanRecord::bytes>("bytes", "length of a sample in bytes of each stream", cases_differ_bytes),
      field<&PlanRecord::baseline>("baseline", "the case that `--baseline` names, which others are compared with",
                                   "none was named: it is the first that has samples and moves bytes"),
      field<&PlanRecord::cases>("cases", "number of cases in the plan"),
      field<&PlanRecord::estimated_seconds>("estimated_seconds", "how long the run was expected to take",
                                            "samples are measured in bytes, or figures decide (`--precision`, "
                                            "`--steady`)"),
      field<&PlanRecord::longest_seconds>(
          "longest_seconds",
          "the most that the run was expected to take: `--budget`, or the first round if that takes longer; else, with "
          "`--precision` or `--steady`, ten times its `rounds`",
          "neither sets a limit, or samples are measured in bytes without `--budget`"),
      field<&PlanRecord::arguments>("arguments", "array: the command line, without the program's name"),
      field<&PlanRecord::started>("started", "ISO 8601, UTC"),
      field<&PlanRecord::finished>("finished", "ISO 8601, UTC", "in a dry run"),
      field<&PlanRecord::complete>("complete", "`false` when the run was interrupted, and in a dry run"),
      field<&PlanRecord::others>("other_pipebenches",
                                 "how many others were noticed that measured on the same CPUs; `host.findings` names "
                                 "them",
                                 "none was"),
      field<&PlanRecord::tuning>("tuning", "what `tune` looked for and found, [below](#tuning)",
                                 "the command was another"),
  };
  return table;
}

}  // namespace pipebench
