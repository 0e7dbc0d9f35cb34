#include "engine/runner.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "engine/controller.hpp"
#include "engine/end_thread.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

std::string describe_stall(const Streams& streams, std::size_t index, const CaseSpec& spec, double seconds) {
  const StreamShare& share = streams.stage.streams()[index];
  const Link& link = streams.stage.share().phases_begun.load() == 1 ? share.warmup : share.measured;
  return fmt::format(
      "Nothing moved for {} (--timeout){}: the writer had sent {} bytes, the reader had taken {}; wait {}.",
      format_duration(seconds), spec.streams > 1 ? fmt::format(" in stream {}", index) : "", link.produced.bytes.load(),
      link.consumed.bytes.load(), name_of(spec.wait));
}

struct AbandonOnExit {
  Stage& stage;
  ~AbandonOnExit() { stage.abandon(); }
};

EndTask task_of(Role role, std::size_t stream, const Streams& streams, const CaseSpec& spec, Purpose purpose,
                bool counters) {
  const bool writes = role == Role::writer;
  const Placement& placement = spec.placement_of(stream);
  EndTask task{.strategy = writes ? streams.strategies.writer : streams.strategies.reader,
               .spec = spec,
               .stream = stream,
               .purpose = purpose,
               .cpu = writes ? placement.writer_cpu : placement.reader_cpu,
               .memory_node = placement.memory_node,
               .counters = counters,
               .pipes = {},
               .returns = streams.pipes[stream].returns};
  for (const Pipe& pipe : streams.pipes[stream].pipes) {
    task.pipes.push_back(writes ? pipe.write_fd() : pipe.read_fd());
    task.writing_ends.push_back(pipe.write_fd());
  }
  return task;
}

std::unique_ptr<RunningEnd> start_end(const Topology& topology, Stage& stage, EndTask task) try {
  return std::make_unique<EndThread>(topology, stage, std::move(task));
} catch (const std::system_error& error) {
  const int code = error.code().value();
  const std::string_view limit =
      code == EAGAIN
          ? " (no memory for its stack, `ulimit -v`; or as many threads run as `ulimit -u`, the cgroup's pids.max or "
            "kernel.threads-max allow)"
          : "";
  throw SystemError(fmt::format("pthread_create(){}", limit), code);
}

}  // namespace

Strategies strategies_of(const CaseSpec& spec) {
  return {*find_strategy(Role::writer, spec.writer), *find_strategy(Role::reader, spec.reader)};
}

StreamPipes make_pipes(const StrategyInfo& writer, const CaseSpec& spec) {
  const bool nonblocking = spec.wait != Wait::block;
  StreamPipes made;
  for (unsigned i = 0; i < spec.stripe; ++i) {
    made.pipes.emplace_back(*spec.pipe_bytes, nonblocking);
    if (writer.reuse == Reuse::on_return)
      made.returns.emplace_back(spec.pipe_bytes_to_keep(spec.buffers, page_sizes_here()), nonblocking);
  }
  return made;
}

Streams::Streams(const Strategies& chosen, const CaseSpec& spec, const Sampling& sampling)
    : strategies(chosen), stage(spec.streams) {
  for (StreamShare& share : stage.streams()) {
    pipes.push_back(make_pipes(strategies.writer.info, spec));
    if (sampling.bytes) share.measured.control.final_bytes.store(*sampling.bytes);
  }
  if (sampling.warmup_seconds <= 0) stage.warmup_bytes = 0;
  if (sampling.bytes) stage.measured_bytes = *sampling.bytes;
  stage.counts_workers = sampling.counters && strategies.have_kernel_workers();
}

Run run_streams(Streams& streams, const CaseSpec& spec, const Sampling& sampling, Purpose purpose,
                const Topology& topology, const std::atomic<int>& interrupt, std::optional<double> limit_seconds) {
  const KickHandler handler;
  std::vector<std::unique_ptr<RunningEnd>> ends;
  // Should one thread not start, the others must not wait for it.
  const AbandonOnExit abandon_on_exit{streams.stage};
  for (std::size_t i = 0; i < spec.streams; ++i) {
    if (interrupt.load(std::memory_order_relaxed) != 0)
      return {.writers = {}, .readers = {}, .interrupted = true, .out_of_time = false, .failure = {}};
    for (const Role role : {Role::writer, Role::reader})
      ends.push_back(start_end(topology, streams.stage, task_of(role, i, streams, spec, purpose, sampling.counters)));
  }
  Controller controller(streams.stage, ends, sampling, interrupt, limit_seconds);
  controller.watch();

  Run run{.writers = {},
          .readers = {},
          .interrupted = controller.interrupted(),
          .out_of_time = controller.out_of_time(),
          .failure = {}};
  for (const auto& end : ends) {
    if (run.failure.empty()) run.failure = end->report().failure;
    (run.writers.size() == run.readers.size() ? run.writers : run.readers).push_back(end->report());
  }
  if (run.failure.empty() && controller.stalled())
    run.failure = describe_stall(streams, *controller.stalled(), spec, sampling.timeout_seconds);
  return run;
}

}  // namespace pipebench
