// A sample: what was counted, and under which conditions.
#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

constexpr std::string_view not_of_both_ends =
    "the isolation is not `none`; `--counters off`, unless it is a profile; or getrusage(2) is refused";
constexpr std::string_view turns_of_end =
    "what the turns of each end took, with `--isolation none`, of several streams together, [below](#turns)";
constexpr std::string_view no_turns = "the isolation is not `none`";
constexpr std::string_view none_timed = "nothing was timed: less than 4 KiB were taken";
constexpr std::string_view each_end =
    "what each end did for `counted_bytes`, of all its threads together, [below](#counters)";

/// Null for a single stream, whose speed is the sample's.
Json stream_speeds(const Sample& sample) {
  Json speeds = Json::array();
  for (const std::uint64_t bytes : sample.stream_bytes) speeds.push_back(encode(sample.speed_of(bytes)));
  return speeds;
}

/// Counts are whole numbers.
Json encode_figure(const std::optional<double>& value, Unit unit) {
  return unit == Unit::count && value ? Json(static_cast<std::uint64_t>(*value)) : encode(value);
}

void decode_figure(const Json& json, std::optional<double>& value, Unit unit, Reading& reading) {
  if (unit != Unit::count) return decode(json, value, reading);
  std::optional<std::uint64_t> count;
  decode(json, count, reading);
  if (count) value = static_cast<double>(*count);
}

template <std::size_t index>
constexpr Field<EndCounters> counter_field() {
  constexpr CounterInfo info = counter_table[index];
  static_assert(info.value == static_cast<Counter>(index), "the table is in the order of the enumerators");
  return {info.name, info.meaning, info.null_when,
          [](const EndCounters& from) {
            return encode_figure(from[counter_table[index].value], counter_table[index].unit);
          },
          [](EndCounters& to, const Json& json, Reading& reading) {
            decode_figure(json, to[counter_table[index].value], counter_table[index].unit, reading);
          }};
}

template <std::size_t... index>
constexpr std::array<Field<EndCounters>, sizeof...(index)> counter_fields(std::index_sequence<index...>) {
  return {counter_field<index>()...};
}

template <std::size_t index>
constexpr Field<Conditions> condition_field() {
  constexpr ConditionInfo info = condition_table[index];
  return {info.name, info.meaning, info.null_when,
          [](const Conditions& from) {
            return encode_figure(from.*condition_table[index].value, condition_table[index].unit);
          },
          [](Conditions& to, const Json& json, Reading& reading) {
            decode_figure(json, to.*condition_table[index].value, condition_table[index].unit, reading);
          }};
}

template <std::size_t... index>
constexpr std::array<Field<Conditions>, sizeof...(index)> condition_fields(std::index_sequence<index...>) {
  return {condition_field<index>()...};
}

}  // namespace

template <>
std::span<const Field<EndCounters>> fields_of<EndCounters>() {
  static constexpr auto table = counter_fields(std::make_index_sequence<counter_table.size()>());
  return table;
}

template <>
std::span<const Field<Turns>> fields_of<Turns>() {
  static constexpr std::array table{
      field<&Turns::count>("count", "turns that were timed", no_turns),
      field<&Turns::min_ns_per_page>("min_ns_per_page", "nanoseconds per 4096 bytes in the fastest turn",
                                     no_timed_turns),
      field<&Turns::q1_ns_per_page>("q1_ns_per_page", "a quarter of the turns took at most so long", no_timed_turns),
      field<&Turns::median_ns_per_page>("median_ns_per_page", "half of the turns did", no_timed_turns),
      field<&Turns::q3_ns_per_page>("q3_ns_per_page", "three quarters did", no_timed_turns),
  };
  return table;
}

template <>
std::span<const Field<Percentiles>> fields_of<Percentiles>() {
  static constexpr std::array table{
      field<&Percentiles::count>("count", "how many were timed; in the summary, in all samples"),
      field<&Percentiles::clock_ns>("clock_ns", "what reading the clock added to each; has been subtracted"),
      field<&Percentiles::p50_ns>("p50_ns", "nanoseconds: half of them took at most so long, within 0.4 %", none_timed),
      field<&Percentiles::p90_ns>("p90_ns", "90 % did", none_timed),
      field<&Percentiles::p99_ns>("p99_ns", "99 % did", none_timed),
      field<&Percentiles::p999_ns>("p999_ns", "99.9 % did", none_timed),
      field<&Percentiles::max_ns>("max_ns", "the longest, within 0.4 %; in the summary, of all samples", none_timed),
  };
  return table;
}

template <>
std::span<const Field<Conditions>> fields_of<Conditions>() {
  static constexpr auto table = condition_fields(std::make_index_sequence<condition_table.size()>());
  return table;
}

namespace {

// How much was moved, in which time.
constexpr std::array moved_fields{
    field<&Sample::round>("round", "from 0"),
    field<&Sample::set_aside>("set_aside",
                              "`true`: it was taken under other conditions than most (`--steady`), and is not in the "
                              "summary"),
    field<&Sample::bytes>("bytes",
                          "that the reader received; of several streams or threads, all together while all ran"),
    field<&Sample::seconds>("seconds",
                            "from the common start to the reader's last byte; of several streams or threads at an end "
                            "of a pipe, from when the last had begun to when the first had ended"),
    derived<Sample>("gib_per_second", "`bytes` / `seconds` / 1024³",
                    [](const Sample& from) { return encode(from.gib_per_second()); }),
    derived<Sample>("stream_gib_per_second", "array: each stream's speed in that time", stream_speeds, single_stream),
    field<&Sample::stream_bytes>("stream_bytes", "array: what each stream's reader received in that time",
                                 single_stream),
    field<&Sample::writer_thread_bytes>("writer_thread_bytes",
                                        "array: what each thread that writes sent in that time, stream by stream; "
                                        "the pipes may hold more at its end, or less, than at its beginning",
                                        "one thread writes to each pipe"),
    field<&Sample::reader_thread_bytes>("reader_thread_bytes",
                                        "array: what each thread that reads received in that time, stream by "
                                        "stream; they add up to `bytes`",
                                        "one thread reads from each pipe"),
    field<&Sample::counted_bytes>("counted_bytes",
                                  "what the counters of `writer` and `reader` cover: `bytes`; of several streams or "
                                  "threads, everything that they moved, also before and after that time"),
    field<&Sample::counted_seconds>("counted_seconds",
                                    "how long that took: `seconds`; of several streams, the mean of theirs, each "
                                    "from its start to its reader's last byte; of several readers of a pipe, to when "
                                    "they knew that there was no more, some tenths of a millisecond later"),
};

// What it cost, and how long it took.
constexpr std::array cost_fields{
    field<&Sample::worker_seconds>("worker_seconds",
                                   "CPU time of kernel threads (io_uring's io-wq) that did transfers for the ends, "
                                   "for `counted_bytes`; 0 where neither strategy has any",
                                   "`--counters off`, or the kernel does not tell"),
    field<&Sample::both_ends_seconds>("both_ends_seconds",
                                      "CPU time, user and system, of the threads that each run both ends of a "
                                      "stream, for `counted_bytes`; includes reading the clock",
                                      not_of_both_ends),
    field<&Sample::both_ends_system_seconds>(
        "both_ends_system_seconds", "the part of it that the kernel used; the rest is user code", not_of_both_ends),
    field<&Sample::clock_ns>("clock_ns",
                             "what reading the clock added to each turn; has been subtracted from `writer_turns` and "
                             "`reader_turns`",
                             no_turns),
    derived<Sample>(
        "turns_ns_per_page", "of both ends together: the sum of the two medians below",
        [](const Sample& from) { return encode(from.turns_ns_per_page()); }, no_timed_turns),
    field<&Sample::writer_turns>("writer_turns", turns_of_end),
    field<&Sample::reader_turns>("reader_turns", turns_of_end),
    percentiles_field<&Sample::latency>(
        "latency",
        "with `--latency`: how long each 4 KiB stayed in the pipe, of all streams together, "
        "[below](#percentiles)",
        no_latency),
    percentiles_field<&Sample::round_trip>(
        "round_trip",
        "with `--message`: from the beginning of the call that sends a message to the end of "
        "the one that takes the last byte of its answer, there and back, of all streams "
        "together, [below](#percentiles)",
        no_round_trip),
};

// Beside it.
constexpr std::array other_fields{
    field<&Sample::conditions>("conditions", "under which conditions it was taken, [below](#conditions)"),
    field<&Sample::writer>("writer", each_end),
    field<&Sample::reader>("reader", each_end),
};

}  // namespace

template <>
std::span<const Field<Sample>> fields_of<Sample>() {
  static constexpr auto table = joined(moved_fields, cost_fields, other_fields);
  return table;
}

}  // namespace pipebench
