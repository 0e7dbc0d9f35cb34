// What the samples of a case come to.
#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

constexpr std::string_view no_ratio = "the case is the baseline itself, there is none, or they have no round in common";
constexpr std::string_view ratio_interval =
    "confidence interval of the ratio, from the rounds, which count for fewer [where the machine "
    "drifts](measuring.md#machines-that-drift); when it holds 1, the case cannot be told from the baseline";
constexpr std::string_view no_ratio_interval = "`ratio` is null, or fewer than 6 rounds have both";
constexpr std::string_view price_interval = "confidence interval of `turns_ns_per_page`; `--precision` is about it";
constexpr std::string_view no_price_interval = "`turns_ns_per_page` is null, or there are fewer than 6 samples";
constexpr std::string_view figures_of_end = "what each end needed, medians of the samples, [below](#figures)";
constexpr std::string_view not_counted = "the counters that it is made of are null";

template <bool is_price>
constexpr Field<ConditionGroup> group_figure(std::string_view key, std::string_view meaning,
                                             std::string_view null_when) {
  return {key, meaning, null_when,
          [](const ConditionGroup& from) { return from.is_price == is_price ? encode(from.figure) : Json(nullptr); },
          [](ConditionGroup& to, const Json& json, Reading& reading) {
            decode(json, to.figure, reading);
            to.is_price = is_price;
          }};
}

Json advice(const Summary& summary) {
  Json sentences = Json::array();
  for (const Doubt doubt : summary.doubts) sentences.push_back(advice_on(doubt, summary));
  return sentences;
}

}  // namespace

template <>
std::span<const Field<ConditionGroup>> fields_of<ConditionGroup>() {
  static constexpr std::array table{
      field<&ConditionGroup::count>("samples", "how many"),
      field<&ConditionGroup::condition>("value",
                                        "median of the condition, in the unit that its name ends in; of "
                                        "`steal_seconds`, `involuntary_switches` and `run_queue_seconds` per second of "
                                        "the sample"),
      group_figure<false>("gib_per_second", "median of the samples", "the isolation is `none`"),
      group_figure<true>("ns_per_page",
                         "median of the samples: nanoseconds per 4096 bytes, of both ends together, the sum of their "
                         "medians",
                         "the isolation is not `none`"),
  };
  return table;
}

template <>
std::span<const Field<Explanation>> fields_of<Explanation>() {
  static constexpr std::array table{
      field<&Explanation::condition>("condition", "{words}"),
      field<&Explanation::low>("low", "samples for which its value was low, [below](#groups)"),
      field<&Explanation::high>("high", "samples for which it was high, [below](#groups)"),
      field<&Explanation::undecided>("undecided",
                                     "number of the other samples: the condition changed meanwhile, or is not known"),
  };
  return table;
}

namespace {

// How fast it is.
constexpr std::array speed_fields{
    field<&Summary::n>("n", "samples"),
    field<&Summary::median_gib_per_second>("median_gib_per_second", "the figure of the case"),
    field<&Summary::ci95_low>("ci95_low", "confidence interval of the median; both ends are samples"),
    field<&Summary::ci95_high>("ci95_high", "confidence interval of the median; both ends are samples"),
    field<&Summary::ci_coverage>("ci_coverage",
                                 "probability with which such an interval holds the true median: at least 0.95 from "
                                 "6 samples on, less with fewer"),
    field<&Summary::mad>("mad", "median absolute deviation, GiB/s"),
    field<&Summary::min>("min", "GiB/s"),
    field<&Summary::max>("max", "GiB/s"),
    field<&Summary::outliers>("outliers", "number of samples that lie far from the others"),
};

// What it costs.
constexpr std::array cost_fields{
    field<&Summary::ns_per_page>("ns_per_page", "nanoseconds per 4096 bytes at the median"),
    field<&Summary::cpu_seconds_per_gib>("cpu_seconds_per_gib",
                                         "CPU time of all threads, user and system, and of the kernel's workers, per "
                                         "GiB of `counted_bytes`, over all samples",
                                         "`--counters off`, `worker_seconds` is not known, or getrusage(2) is refused"),
    field<&Summary::writer_ns_per_page>("writer_ns_per_page",
                                        "with `--isolation none`: nanoseconds per 4096 bytes that a turn of the "
                                        "writer takes, the median of the samples' medians",
                                        no_timed_turns),
    field<&Summary::reader_ns_per_page>("reader_ns_per_page", "the same of the reader", no_timed_turns),
    field<&Summary::turns_ns_per_page>(
        "turns_ns_per_page",
        "of both ends together: the median of the samples' `turns_ns_per_page`, which may differ from the sum of the "
        "two medians above; the figure of such a case, of which ratios and `--precision` are",
        no_timed_turns),
    field<&Summary::turns_ns_per_page_ci95_low>("turns_ns_per_page_ci95_low", price_interval, no_price_interval),
    field<&Summary::turns_ns_per_page_ci95_high>("turns_ns_per_page_ci95_high", price_interval, no_price_interval),
    percentiles_field<&Summary::latency>(
        "latency",
        "with `--latency`: medians of the samples' percentiles, and the longest of all, "
        "[below](#percentiles)",
        no_latency),
    percentiles_field<&Summary::round_trip>(
        "round_trip", "with `--message`: likewise, there and back, [below](#percentiles)", no_round_trip),
    field<&Summary::writer>("writer", figures_of_end),
    field<&Summary::reader>("reader", figures_of_end),
};

// How the streams share.
constexpr std::array stream_fields{
    field<&Summary::stream_gib_per_second>("stream_gib_per_second", "array: the median of each stream", single_stream),
    field<&Summary::fairness>("fairness",
                              "Jain's index, median of the samples: 1 when all streams are equally fast, 1/N when "
                              "one has everything",
                              single_stream),
    field<&Summary::writer_thread_shares>("writer_thread_shares",
                                          "array: each thread's share of what all threads sent, stream by stream, the "
                                          "median of the samples",
                                          "one thread writes to each pipe"),
    field<&Summary::reader_thread_shares>("reader_thread_shares", "array: likewise, of what they received",
                                          "one thread reads from each pipe"),
};

// How it compares with the baseline.
constexpr std::array ratio_fields{
    field<&Summary::ratio>("ratio",
                           "the case's figure relative to the baseline's: the median of the ratios of their samples "
                           "of the same round, not the ratio of the medians; of prices, above 1 costs more",
                           no_ratio),
    field<&Summary::ratio_ci95_low>("ratio_ci95_low", ratio_interval, no_ratio_interval),
    field<&Summary::ratio_ci95_high>("ratio_ci95_high", ratio_interval, no_ratio_interval),
    field<&Summary::relative_to>("relative_to", "name of the baseline", no_ratio),
};

// How far the figure can be trusted.
constexpr std::array doubt_fields{
    field<&Summary::sleeps_per_second>("sleeps_per_second",
                                       "voluntary switches per second of one thread, on the side that has more; of "
                                       "several streams or threads, on average",
                                       "`--counters off` or `--isolation none`"),
    field<&Summary::explanation>("explanation",
                                 "which condition goes with the figures of the samples, [below](#explanation)",
                                 "none does, or none is known"),
    derived<Summary>("stable", "`true` when `doubts` is empty",
                     [](const Summary& from) { return Json(from.stable()); }),
    field<&Summary::doubts>(
        "doubts",
        "array: why the figure should not be taken at face value: {words} ([which](measuring.md#what--means))"),
    derived<Summary>("advice", "array of sentences: the same in words, and what to do", advice),
};

}  // namespace

template <>
std::span<const Field<EndFigures>> fields_of<EndFigures>() {
  static constexpr std::array table{
      field<&EndFigures::bytes_per_call>("bytes_per_call", "that a call moved, of calls that moved something",
                                         "it made no such call"),
      field<&EndFigures::ns_per_call>("ns_per_call",
                                      "elapsed nanoseconds for each of those calls, with all waiting; with "
                                      "`--isolation none` in its own turns",
                                      "it made no such call, or no turn could be timed"),
      field<&EndFigures::switches_per_gib>("switches_per_gib",
                                           "`voluntary_switches` and `involuntary_switches` per GiB", not_of_one_end),
      field<&EndFigures::cycles_per_byte>("cycles_per_byte", "`cycles` per byte", not_counted),
      field<&EndFigures::instructions_per_byte>("instructions_per_byte", "`instructions` per byte", not_counted),
      field<&EndFigures::instructions_per_cycle>("instructions_per_cycle", "`instructions` per cycle", not_counted),
      field<&EndFigures::cache_misses_per_page>("cache_misses_per_page", "`cache_misses` per 4096 bytes", not_counted),
      field<&EndFigures::dtlb_misses_per_page>("dtlb_misses_per_page", "`dtlb_misses` per 4096 bytes", not_counted),
  };
  return table;
}

template <>
std::span<const Field<Summary>> fields_of<Summary>() {
  static constexpr auto table = joined(speed_fields, cost_fields, stream_fields, ratio_fields, doubt_fields);
  return table;
}

}  // namespace pipebench
