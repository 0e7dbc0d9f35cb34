// Starts the ends of a sample, watches them, and collects what they found out.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/end_work.hpp"
#include "engine/stage.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/system/program.hpp"

namespace pipebench {

/// The strategies of a case.
struct Strategies {
  const StrategyDescriptor& writer;
  const StrategyDescriptor& reader;
  /// Has another program an end of the pipe?
  [[nodiscard]] bool have_outside() const { return has_outside(writer.info, reader.info); }
  /// Are both ends of other programs, and a thread of ours between them?
  [[nodiscard]] bool pass_on() const { return writer.info.outside && reader.info.outside; }
  [[nodiscard]] bool have_kernel_workers() const { return writer.info.kernel_workers || reader.info.kernel_workers; }
};
/// Those of the registry that the case names.
[[nodiscard]] Strategies strategies_of(const CaseSpec& spec);

/// The pipes of one stream, or what stands for them: from writer to reader, one a stripe, and back again for `recycle`.
struct StreamPipes {
  std::vector<Pipe> pipes;
  std::vector<Pipe> returns;
  std::vector<Pipe> answers = {};  ///< one, where each message is answered
};
/// Pipes as the case asks for them, but for those that come from outside. What an inherited one could not be made is
/// added to `notes`. Throws SystemError.
[[nodiscard]] StreamPipes make_pipes(const Strategies& strategies, const CaseSpec& spec, const OutsideEnds& outside,
                                     std::vector<std::string>& notes);

/// All streams of a sample: their pipes, and what their ends share.
struct Streams {
  /// With pipes as the case asks for them. Throws SystemError.
  Streams(const Strategies& strategies, const CaseSpec& spec, const Sampling& sampling, const OutsideEnds& outside = {},
          std::vector<std::string> noted = {});
  /// With the given pipes, one element a stream.
  Streams(const Strategies& strategies, const Sampling& sampling, std::vector<StreamPipes> pipes,
          const StreamShape& shape = {});
  Strategies strategies;
  Stage stage;
  std::vector<StreamPipes> pipes;
  std::unique_ptr<SharedArray<SendTime>> send_times = {};  ///< of all streams; null: the latency is not wanted
  OutsideEnds outside = {};
  std::optional<Program> program = {};  ///< with CaseSpec::exec, from run_streams() on; the last of all to be made
  std::vector<std::string> notes = {};  ///< sentences
};

/// What all ends found out, and why they ended.
struct Run {
  std::vector<EndReport> writers = {};  ///< of all streams, in the order of the tasks
  std::vector<EndReport> readers = {};
  bool interrupted = false;
  bool out_of_time = false;
  bool stuck = false;                       ///< an end was stopped (SIGSTOP) for longer than the timeout
  std::optional<std::size_t> stalled = {};  ///< the stream in which nothing moved for the timeout
  std::string failure = {};                 ///< a sentence, empty when all went well
};

/// What ends a run, besides its ends.
struct RunLimits {
  const Sampling& sampling;
  const std::atomic<int>& interrupt;         ///< non-zero when the run is to end
  std::optional<double> limit_seconds = {};  ///< aborts the measured phase after so long; empty: never
  const Watch* live = nullptr;
};

/// Runs each task in a thread of its own; with Isolation::processes in a process of its own, forked from the calling
/// thread; with Isolation::none, each writer and the reader that follows it in one thread. `stage` must expect as many
/// runners. Throws SystemError when a thread or process cannot be started.
[[nodiscard]] Run run_ends(Stage& stage, std::vector<EndTask> tasks, const Topology& topology, const RunLimits& limits);

/// Starts the program of CaseSpec::exec. Runs a writer and a reader for each stream, on the CPUs that `spec` gives
/// them. The other arguments are as in RunLimits.
[[nodiscard]] Run run_streams(Streams& streams, const CaseSpec& spec, const Sampling& sampling, Purpose purpose,
                              const Topology& topology, const std::atomic<int>& interrupt,
                              std::optional<double> limit_seconds = {}, const Watch* live = nullptr);

}  // namespace pipebench
