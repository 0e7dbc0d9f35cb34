// What a thread does to run one end of a sample, and what it found out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/latency.hpp"
#include "engine/stage.hpp"
#include "engine/turn_times.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/perf/sampler.hpp"
#include "pipebench/system/topology.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {

/// Under which conditions an end was measured. The hand-over is in the report of the writer.
struct EndConditions {
  std::optional<double> handover_ns_before = {}, handover_ns_after = {};
  std::optional<double> ns_per_add = {};  ///< of its CPU, mean of before and after
  std::optional<double> frequency_hz = {};
};

/// Where a thread was while its end was measured.
struct StackRecord {
  std::string event;  ///< as StackSampler::event()
  EventScope scope = EventScope::thread;
  std::uint64_t frequency_hz = 0;
  StackSamples samples;
  std::optional<Finding> obstacle;  ///< why there are none
};

/// What one end found out.
struct EndReport {
  std::size_t stream = 0;
  Role role = Role::writer;
  Tally tally;                 ///< of the measured phase, or of the warm-up when that failed
  std::uint64_t start_ns = 0;  ///< of the same phase
  EndCounters counters;
  /// By its thread, in the same phase; empty where that is not known. Of a thread that runs both ends, the writer's
  /// report has it.
  std::optional<ThreadUsage> used = {};
  std::optional<double> run_queue_seconds = {};  ///< likewise
  std::optional<StackRecord> stacks = {};        ///< of an end that was to be profiled
  EndConditions conditions = {};
  std::optional<TurnTimes> turns = {};                  ///< of an end that was run turn by turn
  std::optional<ClockedTimes> latency = {};             ///< of a reader, where it was asked for
  std::optional<ClockedTimes> round_trip = {};          ///< of a writer whose messages are answered
  std::optional<ObtainedPages> pages = {};              ///< as in Obtained
  ObtainedPages wanted_pages = ObtainedPages::unknown;  ///< what `pages` says when it got the kind that it asked for
  bool in_file = false;                                 ///< its buffers are a memfd
  std::vector<int> nodes;                               ///< NUMA nodes that hold its buffers, ascending
  std::string failure;                                  ///< a sentence, empty when all went well
  std::vector<std::string> notes;
  std::vector<std::string> misses;
};

/// What one end is to do.
struct EndTask {
  const StrategyDescriptor& strategy;
  const CaseSpec& spec;
  std::size_t stream = 0;                ///< of the stage
  std::size_t index = 0;                 ///< among the ends of its role in the stream
  const StrategyInfo* reader = nullptr;  ///< as in EndSetup
  Purpose purpose = Purpose::measure;
  std::optional<int> cpu = {};          ///< not pinned when empty
  std::optional<int> memory_node = {};  ///< where its memory is to be, when bound to one node
  bool counters = true;                 ///< what getrusage(2) tells
  bool migrations = true;
  bool hardware_events = false;                ///< of the thread, while it is measured
  std::optional<SamplerOptions> profile = {};  ///< sample the thread's call chains, while it is measured
  bool conditions = false;                     ///< measure how fast its CPU is
  bool handover = false;                       ///< and how far from the other end's, which is asked to do so, too
  std::vector<int> pipes = {};                 ///< this end's descriptors
  std::vector<int> writing_ends = {};          ///< of the same pipes, for a reader that verifies
  std::span<const Pipe> returns = {};          ///< `recycle`: the way back
  bool input = false;                          ///< a reader whose writer is another program
  int out = -1;                                ///< as in Exchange
  bool output = false;                         ///< a writer whose reader is another program
  std::span<const Pipe> transports = {};       ///< as Exchange::pipes
  bool answers = false;                        ///< its bytes go the way back, from the reader's thread to the writer's
  std::span<SendTime> send_times = {};         ///< of its stream, where the latency is wanted
};

/// Everything happens in the thread that runs the end. Call in this order: prepare_thread(), make_end(), what the
/// phases take, with conditions before and after the measured one, record_memory(), free_end().
class EndWork {
 public:
  EndWork(const Topology& topology, Stage& stage, EndTask task);

  /// Pins the calling thread and gives it a descriptor table of its own. Throws SystemError.
  void prepare_thread();
  /// Binds the memory that is allocated from now on, and makes the end. Throws SystemError; Cancelled when aborted.
  void make_end();
  /// Where another program writes: waits until there is something to read, or its end, or the phase was aborted.
  void await_input() const noexcept;
  /// Not before all who use its memory have passed the exit barrier.
  void free_end() noexcept { end_.reset(); }

  [[nodiscard]] End& end() noexcept { return *end_; }
  /// Before the measured phase, outside its time: makes the clock that it has, where the task asks for one.
  void prepare_clock();
  [[nodiscard]] Phase phase(unsigned number) const noexcept;
  [[nodiscard]] const EndTask& task() const noexcept { return task_; }
  [[nodiscard]] StreamShare& stream() const noexcept { return stage_.streams()[task_.stream]; }

  /// What the task asks for. Each waits for the other end where the hand-over is wanted, takes half a millisecond then,
  /// and is over a moment after an abort. They touch a few cache lines, so buffers stay in the caches. (In the barrier
  /// before the measurement /proc/stat is read, which touches more.)
  void measure_conditions_before() noexcept;
  void measure_conditions_after();

  /// Counters of the report's tally; a transfer that failed aborts the stage.
  void record_tally();
  /// Of a thread that runs this end alone.
  void record_usage(const ThreadUsage& used);
  /// Which pages the buffers are made of, and where they are.
  void record_memory();
  /// Aborts the stage.
  void fail(std::string sentence);
  [[nodiscard]] EndReport& report() noexcept { return report_; }
  [[nodiscard]] const EndReport& report() const noexcept { return report_; }

 private:
  std::optional<double> measure_handover(HandoverShare& share) noexcept;
  [[nodiscard]] std::function<void(std::size_t held)> reader_delay() const;
  void bind_memory();
  void check_nodes(const BufferSet& buffers);

  const Topology& topology_;
  Stage& stage_;
  EndTask task_;
  std::unique_ptr<End> end_;
  EndReport report_;
  std::unique_ptr<TransferClock> clock_;
};

/// Waits at the exit barrier of a stream when its scope ends: a reader may look at bytes in the writer's memory, so
/// no memory is freed before both ends are done with it. An exception aborts the stage, which ends the wait.
class ExitBarrierGuard {
 public:
  ExitBarrierGuard(Stage& stage, StreamShare& stream) noexcept : stage_(stage), stream_(stream) {}
  ~ExitBarrierGuard();
  ExitBarrierGuard(const ExitBarrierGuard&) = delete;
  ExitBarrierGuard& operator=(const ExitBarrierGuard&) = delete;

 private:
  Stage& stage_;
  StreamShare& stream_;
};

}  // namespace pipebench
