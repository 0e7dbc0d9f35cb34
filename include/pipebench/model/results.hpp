// What a run yields: samples, summaries and the context to believe them. Plain data; JSON in json.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipebench/model/case.hpp"
#include "pipebench/model/ceilings.hpp"
#include "pipebench/model/conditions.hpp"
#include "pipebench/model/counters.hpp"
#include "pipebench/model/finding.hpp"
#include "pipebench/model/profile.hpp"
#include "pipebench/model/tuning.hpp"

namespace pipebench {

/// What the turns of one end took, per 4 KiB, of all streams together. All empty unless the case has Isolation::none; a
/// figure also where turns took no longer than reading the clock.
struct Turns {
  std::optional<std::uint64_t> count = {};
  std::optional<double> min_ns_per_page = {}, q1_ns_per_page = {}, median_ns_per_page = {}, q3_ns_per_page = {};
};

/// Of durations in nanoseconds, from which the price of the clock was subtracted; each within 0.4 %. All empty where
/// none were asked for.
struct Percentiles {
  std::optional<std::uint64_t> count = {};
  std::optional<double> clock_ns = {};  ///< what reading the clock added to each; has been subtracted
  std::optional<double> p50_ns = {}, p90_ns = {}, p99_ns = {}, p999_ns = {}, max_ns = {};
};

struct Sample {
  unsigned round = 0;  ///< from 0
  std::uint64_t bytes = 0;
  double seconds = 0;
  EndCounters writer;  ///< of all streams together
  EndCounters reader;
  /// Of each stream, when there are several; then, and where several threads share an end of a pipe, `bytes` and
  /// `seconds` are of the interval in which all ran.
  std::vector<std::uint64_t> stream_bytes = {};
  /// Of each thread, stream by stream, where several share an end of a pipe, in the same interval; the readers' add up
  /// to `bytes`. Empty for an end with one thread.
  std::vector<std::uint64_t> writer_thread_bytes = {}, reader_thread_bytes = {};
  /// What the counters cover. Of several streams or threads: all bytes from each stream's first to its last, including
  /// those before and after that interval, and how long a stream took for them on average. Of a single stream: `bytes`
  /// and `seconds`.
  std::uint64_t counted_bytes = 0;
  double counted_seconds = 0;
  /// CPU time of kernel threads that did transfers for the ends of all streams; empty when it is not available.
  std::optional<double> worker_seconds = {};
  /// CPU time of the threads that each run both ends of a stream; empty unless the case has Isolation::none.
  std::optional<double> both_ends_seconds = {};
  /// The part of it that the kernel used, by timer ticks as that of each end; empty likewise.
  std::optional<double> both_ends_system_seconds = {};
  Conditions conditions = {};
  /// Taken under other conditions than most: kept, but not in the summary.
  bool set_aside = false;
  Turns writer_turns = {}, reader_turns = {};
  /// What reading the clock added to each turn; has been subtracted.
  std::optional<double> clock_ns = {};
  Percentiles latency = {};     ///< with CaseSpec::latency: how long each 4 KiB stayed in the pipe
  Percentiles round_trip = {};  ///< with CaseSpec::message_bytes: of a message and its answer
  /// Of both ends together: the sum of their medians.
  [[nodiscard]] std::optional<double> turns_ns_per_page() const {
    const auto& sent = writer_turns.median_ns_per_page;
    const auto& taken = reader_turns.median_ns_per_page;
    return sent && taken ? std::optional(*sent + *taken) : std::nullopt;
  }
  [[nodiscard]] double gib_per_second() const { return speed_of(bytes); }
  /// GiB/s of so many bytes in the time of this sample.
  [[nodiscard]] double speed_of(std::uint64_t some_bytes) const {
    return static_cast<double>(some_bytes) / seconds / (1024.0 * 1024.0 * 1024.0);
  }
};

/// Why a figure should not be taken at face value, and, in a sentence, what to do.
enum class Doubt : std::uint8_t {
  cut_short,
  others,
  conditions,
  no_conditions,
  two_groups,
  sleeping,
  wide_interval,
  few_samples,
  once,
  interrupted,
  draining,
  overrun,
};
template <>
inline constexpr std::array<Named<Doubt>, 12> names<Doubt>{{
    {Doubt::cut_short, "cut-short", "The figure rests on fewer samples than planned; measure again."},
    {Doubt::others, "others",
     "Another pipebench measured on the same CPUs meanwhile; stop it, or wait for it (--wait-for-others)."},
    {Doubt::conditions, "conditions",
     "The samples were taken under two conditions, and the figure depends on which; keep the condition the same."},
    {Doubt::no_conditions, "no-conditions",
     "The samples lie far apart, and conditions, which might tell why, were not recorded; take them (--conditions "
     "on)."},
    {Doubt::two_groups, "two-groups",
     "The samples fall into two groups, so the median is typical of neither, and no recorded condition explains them; "
     "look at the individual samples (--format csv), and pin both ends (--cpus) if they are not."},
    {Doubt::sleeping, "sleeping",
     "The ends sleep thousands of times a second, and how long a wake-up takes varies; use --wait busy."},
    {Doubt::wide_interval, "wide-interval",
     "Half the interval is more than 5 % of the median, and no recorded condition explains it; take more rounds "
     "(--rounds, and --budget if there is one) or longer samples (--time), or quieten the machine."},
    {Doubt::few_samples, "few-samples",
     "A 95 % interval needs at least 6 samples; take more rounds (--rounds, and --budget if there is one)."},
    {Doubt::once, "once",
     "There is one sample, as another program's bytes come once, and nothing tells how far others would lie apart; "
     "repeat the whole command to see."},
    {Doubt::interrupted, "interrupted",
     "Other work took the CPU from a thread more than 100 times a second, or had it when a thread was ready to run; "
     "stop that work, or choose other CPUs (--cpus)."},
    {Doubt::draining, "draining",
     "The samples took more than twice their --time, because a buffer that was begun is sent in full and the pipe is "
     "drained; use smaller or fewer buffers (--buffer-size, --buffers), or a longer --time."},
    {Doubt::overrun, "overrun",
     "The samples were ended late, after more than twice their --time; use longer samples (--time)."},
}};

/// What one end needed for what it moved; medians over samples. Empty: what it is made of was not counted.
struct EndFigures {
  std::optional<double> bytes_per_call = {},
                        ns_per_call = {};       ///< calls that moved something; the time includes all waiting
  std::optional<double> switches_per_gib = {};  ///< of its threads, voluntary or not
  std::optional<double> cycles_per_byte = {}, instructions_per_byte = {}, instructions_per_cycle = {};
  std::optional<double> cache_misses_per_page = {}, dtlb_misses_per_page = {};  ///< per 4096 bytes
};

struct Summary {
  std::size_t n = 0;
  double median_gib_per_second = 0;
  double ci95_low = 0, ci95_high = 0;  ///< GiB/s, order statistics
  double ci_coverage = 0;              ///< probability that it holds the true median; below 0.95 when n is too small
  double mad = 0, min = 0, max = 0;    ///< GiB/s
  std::size_t outliers = 0;
  double ns_per_page = 0;  ///< per 4096 bytes, from the median
  std::optional<double> cpu_seconds_per_gib;
  std::optional<double> writer_ns_per_page = {}, reader_ns_per_page = {};  ///< medians of samples' medians of turns
  /// Of both ends together: the median of the samples' sums, which decides how precise such a case is.
  std::optional<double> turns_ns_per_page = {};
  /// Interval of that median; empty with fewer than 6 samples.
  std::optional<double> turns_ns_per_page_ci95_low = {}, turns_ns_per_page_ci95_high = {};
  /// Medians of the samples' percentiles; the largest of their `max_ns`, and the sum of their counts.
  Percentiles latency = {}, round_trip = {};
  std::vector<double> stream_gib_per_second = {};  ///< medians of each stream, when there are several
  /// Medians of each thread's share of what its end of the pipes moved, stream by stream; empty for an end with one.
  std::vector<double> writer_thread_shares = {}, reader_thread_shares = {};
  std::optional<double> fairness = {};  ///< Jain's index, median of the samples: 1 when all streams are equally fast
  /// This case relative to the baseline, round by round: the median of the ratios. Empty for the baseline itself, and
  /// where no round has both.
  std::optional<double> ratio = {};
  /// Interval of that median; empty where too few rounds (below 6) have both.
  std::optional<double> ratio_ci95_low = {}, ratio_ci95_high = {};
  std::string relative_to = {};  ///< name of the baseline; empty where there is no ratio
  /// Voluntary switches of a thread on the side that has more of them; empty where they were not counted.
  std::optional<double> sleeps_per_second = {};
  EndFigures writer = {}, reader = {};
  std::optional<Explanation> explanation = {};  ///< the condition that goes with the samples' figures, if one does
  std::vector<Doubt> doubts = {};
  /// Is the ratio's interval known, and is 1 in it?
  [[nodiscard]] bool may_equal_baseline() const {
    return ratio_ci95_low && ratio_ci95_high && *ratio_ci95_low <= 1 && 1 <= *ratio_ci95_high;
  }
  [[nodiscard]] bool stable() const { return doubts.empty(); }
  /// Half the width of the interval of the figure (of the price, where ends take turns) and of the ratio, each relative
  /// to its median; infinite where there is none.
  [[nodiscard]] double precision() const;
  [[nodiscard]] double ratio_precision() const;
};

/// In sentences, what to do: what is true of every such doubt, and `text` in its place, where that is given. Where the
/// figure varies and the ratio is known better, that ratios are to be compared.
[[nodiscard]] std::string advice_on(Doubt doubt, const Summary& summary, std::string_view text = {});

/// What the machine really gave.
struct Obtained {
  std::optional<std::uint64_t> pipe_bytes;
  std::optional<ObtainedPages> pages;  ///< of the writer, or of the reader when it has none; empty: neither has buffers
  std::vector<int> writer_nodes, reader_nodes;  ///< NUMA nodes that hold the buffers, of all streams, ascending
};

enum class Touched : std::uint8_t { none, writer, reader, both };
template <>
inline constexpr std::array<Named<Touched>, 4> names<Touched>{
    {{Touched::none, "none"}, {Touched::writer, "writer"}, {Touched::reader, "reader"}, {Touched::both, "both"}}};

struct Traits {
  int copies = 0;                   ///< per byte, both sides together
  bool replay = false;              ///< the same bytes are sent again: they cannot be fresh
  Touched touched = Touched::none;  ///< whose CPU loads or stores every byte, in user space or in a kernel copy
  bool safe = true;                 ///< a fresh producer could not damage what the reader sees
  Transport transport = Transport::pipe;
  bool moves_bytes = true;  ///< through a pipe, so that its speed is one that others compare with
};

enum class Outcome : std::uint8_t { intact, torn, not_applicable };
template <>
inline constexpr std::array<Named<Outcome>, 3> names<Outcome>{
    {{Outcome::intact, "intact"}, {Outcome::torn, "torn"}, {Outcome::not_applicable, "not-applicable"}}};

/// What --verify found out.
struct Verification {
  Outcome outcome = Outcome::intact;
  std::string reason;             ///< a sentence: why not applicable, where it was torn, or that not all was checked
  std::optional<bool> zero_copy;  ///< does a change after sending arrive? Empty when that cannot be tested
  std::uint64_t bytes = 0;        ///< checked
  std::optional<std::uint64_t> offset, expected, found;  ///< of the first wrong 8 bytes, when torn
};

enum class Status : std::uint8_t { ok, skipped, failed, planned };
template <>
inline constexpr std::array<Named<Status>, 4> names<Status>{{
    {Status::ok, "ok", "it has its rounds"},
    {Status::skipped, "skipped", "it cannot be measured (see `reason`)"},
    {Status::failed, "failed", "measuring it failed (see `reason`)"},
    {Status::planned, "planned",
     "in a dry run, or an interrupt or `--budget` left rounds out; it has those that were measured"},
}};

/// Options and their values, as they are typed, in the order of case names.
using OptionValues = std::vector<std::pair<std::string, std::string>>;

/// What keeps a case from being measured.
enum class ObstacleKind : std::uint8_t {
  unpaired,
  unavailable,
  sizes,
  limits,
  pages,
  memory,
  content,
  threads,
  timing,
  waiting,
  same_case,
  huge_pages,
  placement,
};
template <>
inline constexpr std::array<Named<ObstacleKind>, 13> names<ObstacleKind>{{
    {ObstacleKind::unpaired, "unpaired", "the writer and the reader do not go together"},
    {ObstacleKind::unavailable, "unavailable", "the kernel, or the user's rights, do not allow it here"},
    {ObstacleKind::sizes, "sizes", "a size does not suit the strategy"},
    {ObstacleKind::limits, "limits", "it needs a larger pipe or ring than there may be"},
    {ObstacleKind::pages, "pages", "the strategy does not work with such pages"},
    {ObstacleKind::memory, "memory", "too little memory is available"},
    {ObstacleKind::content, "content", "the strategy can neither send new bytes nor look at them in this way"},
    {ObstacleKind::threads, "threads", "several threads cannot share an end of the pipe in this way"},
    {ObstacleKind::timing, "timing", "what `--latency` or `--message` is to time does not happen in such a case"},
    {ObstacleKind::waiting, "waiting", "the strategies cannot wait in this way"},
    {ObstacleKind::same_case, "same-case", "its options make no difference, so another case of the plan is the same"},
    {ObstacleKind::huge_pages, "huge-pages", "too few reserved huge pages are free"},
    {ObstacleKind::placement, "placement", "there is no such place for its threads or its memory"},
}};

struct CaseResult {
  std::string name;
  std::string section;  ///< empty outside config files
  OptionValues varied;  ///< the options that vary in its section, and their values for this case
  CaseSpec spec;
  Sampling sampling;
  Traits traits;
  Status status = Status::planned;
  std::string reason;                         ///< why skipped, failed or, after a run, still planned: a sentence
  std::optional<ObstacleKind> obstacle = {};  ///< why skipped
  /// Was it skipped for pages or a place that this machine does not give? That is a failure with Sampling::strict.
  [[nodiscard]] bool unobtained() const {
    return obstacle == ObstacleKind::huge_pages || obstacle == ObstacleKind::placement;
  }
  std::optional<Obtained> obtained;
  std::optional<Verification> verify;
  std::vector<Sample> samples;
  /// A sample of its own, in which hardware events were counted, of a case whose samples do without. Not in the summary
  /// but for what those events tell.
  std::optional<Sample> counting = {};
  std::optional<Summary> summary;
  std::optional<Ceilings> ceilings = {};  ///< with PlanRecord::ceilings, of cases that move bytes
  bool only_for_ceilings = false;         ///< not one of the plan's own: its figures are part of other cases' ceilings
  std::optional<Profile> profile = {};    ///< with Sampling::profile_hz
  std::vector<std::string> notes;         ///< sentences worth a line beside the number ("asked for thp, got 4k")
};

struct Tool {
  std::string version, commit, compiler, flags;
};

/// A missing value (an empty text) could not be had; a finding says why.
struct Host {
  std::string kernel, cpu_model, topology;
  std::optional<std::string> hostname, hypervisor, thp, psi, mitigations, governor, load_average;
  std::optional<std::uint64_t> page_size_bytes, pipe_max_size_bytes;
  std::optional<std::string> microcode = {}, caches = {}, smt = {}, container = {}, clock_source = {};
  std::optional<std::string> thp_defrag = {}, thp_shmem = {}, psi_accounting = {}, cgroup = {}, seccomp = {};
  std::optional<std::string> capabilities = {};  ///< names without CAP_, those that matter here; "none"
  std::optional<bool> turbo = {};
  std::optional<std::int64_t> perf_event_paranoid = {};
  std::optional<std::uint64_t> pipe_user_pages_soft = {}, pipe_user_pages_hard = {}, max_map_count = {};
  std::optional<std::uint64_t> kptr_restrict = {}, io_uring_disabled = {};
  /// Empty where there is no limit; the quota is in CPUs.
  std::optional<std::uint64_t> cgroup_memory_limit_bytes = {}, memlock_limit_bytes = {}, nofile_limit = {};
  std::optional<std::uint64_t> address_space_limit_bytes = {};
  std::optional<double> cgroup_cpu_quota = {};
  std::vector<Finding> findings;
};

/// What decides how many rounds a run takes, besides the number that was asked for.
struct RunGoals {
  std::optional<double> precision = {};       ///< of each interval: 0.02 is +-2 %
  std::optional<double> budget_seconds = {};  ///< the most that the run may take
  bool steady = false;                        ///< take again what was taken under other conditions than most
  [[nodiscard]] bool any() const { return precision || budget_seconds || steady; }
  /// Is it decided by what is measured?
  [[nodiscard]] bool are_open() const { return precision || steady; }
};

/// Of the cases within a round.
enum class Order : std::uint8_t { shuffled, sequential };
template <>
inline constexpr std::array<Named<Order>, 2> names<Order>{{
    {Order::shuffled, "shuffled", "by the seed, differently in each round"},
    {Order::sequential, "sequential", "as they are planned"},
}};

struct PlanRecord {
  std::uint64_t seed = 0;
  Order order = Order::shuffled;
  unsigned rounds = 0;
  RunGoals goals = {};
  bool ceilings = false;                    ///< what limits the cases is measured, too
  std::vector<std::string> imprecise = {};  ///< names of cases that did not become as precise as wanted
  std::optional<double> time_seconds;       ///< empty when cases differ, or are measured in bytes
  std::optional<std::uint64_t> bytes;
  std::string baseline = {};                   ///< name of the case that --baseline picks; empty: none was picked
  std::size_t cases = 0;                       ///< of the whole plan; a long dry run lists fewer
  std::optional<double> estimated_seconds;     ///< empty when samples are measured in bytes, or RunGoals::are_open()
  std::optional<double> longest_seconds = {};  ///< what goals leave as the most, roughly; empty when nothing does
  std::vector<std::string> arguments;
  std::string started, finished;  ///< ISO 8601, UTC; `finished` empty in a dry run
  bool complete = false;
  /// Other pipebenches that were noticed on the same CPUs; empty: none.
  std::optional<std::uint64_t> others = {};
  std::optional<TuningRecord> tuning = {};  ///< of `tune`, whose cases are those that were tried, the best first
  [[nodiscard]] bool is_dry_run() const { return finished.empty(); }
};

struct Document {
  Tool tool;
  Host host;
  PlanRecord plan;
  std::vector<CaseResult> cases;
};

/// The plan's own cases, which reports show: without those that are measured for the ceilings alone.
[[nodiscard]] inline std::vector<const CaseResult*> shown_cases(const Document& document) {
  std::vector<const CaseResult*> shown;
  for (const CaseResult& result : document.cases) {
    if (!result.only_for_ceilings) shown.push_back(&result);
  }
  return shown;
}

/// Those of them that have figures.
[[nodiscard]] inline std::vector<const CaseResult*> measured_cases(const Document& document) {
  std::vector<const CaseResult*> measured = shown_cases(document);
  std::erase_if(measured, [](const CaseResult* result) { return !result->summary; });
  return measured;
}

}  // namespace pipebench
