#include "engine/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/controller.hpp"
#include "engine/end_pair.hpp"
#include "engine/kick.hpp"
#include "engine/ping_pong_end.hpp"
#include "engine/process_runner.hpp"
#include "engine/single_end.hpp"
#include "engine/thread_runner.hpp"
#include "pipebench/base/distinct.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

std::string describe_stall(const Stage& stage, std::size_t index, const CaseSpec& spec, double seconds) {
  const unsigned phase = stage.share().phases_begun.load();
  if (stage.shape().has_outside()) return fmt::format("Nothing moved for {} (--timeout).", format_duration(seconds));
  return fmt::format(
      "Nothing moved for {} (--timeout){}: the writer had sent {} bytes, the reader had taken {}; wait {}.",
      format_duration(seconds), spec.streams > 1 ? fmt::format(" in stream {}", index) : "",
      stage.moved(index, phase, Role::writer), stage.moved(index, phase, Role::reader), name_of(spec.wait));
}

struct AbandonOnExit {
  Stage& stage;
  ~AbandonOnExit() { stage.abandon(); }
};

// Of one stream; empty where nobody wants them.
std::span<SendTime> send_times_of(std::size_t stream, const Streams& streams) {
  if (!streams.send_times) return {};
  const std::span<SendTime> all = streams.send_times->objects();
  const std::size_t each = all.size() / streams.pipes.size();
  return all.subspan(stream * each, each);
}

void use_pipes(EndTask& task, std::span<const Pipe> pipes) {
  const bool writes = task.strategy.info.role == Role::writer;
  for (const Pipe& pipe : pipes) {
    task.pipes.push_back(writes ? pipe.write_fd() : pipe.read_fd());
    task.writing_ends.push_back(pipe.write_fd());
  }
  task.transports = pipes;
}

EndTask task_of(Role role, std::size_t stream, std::size_t index, const Streams& streams, const CaseSpec& spec) {
  const bool writes = role == Role::writer;
  const Placement& placement = spec.placement_of(stream, index);
  EndTask task{.strategy = writes ? streams.strategies.writer : streams.strategies.reader,
               .spec = spec,
               .stream = stream,
               .index = index,
               .reader = &streams.strategies.reader.info,
               .cpu = writes ? placement.writer_cpu : placement.reader_cpu,
               .memory_node = placement.memory_node,
               .returns = streams.pipes[stream].returns,
               .input = !writes && streams.strategies.writer.info.outside,
               .out = streams.strategies.pass_on() ? streams.outside.out : -1,
               .output = writes && streams.strategies.reader.info.outside,
               .send_times = send_times_of(stream, streams)};
  use_pipes(task, streams.pipes[stream].pipes);
  return task;
}

// The end of the way back in the thread of a task.
EndTask answering_task(const EndTask& task, const Streams& streams) {
  const bool writes = task.strategy.info.role == Role::writer;
  EndTask back{.strategy = writes ? streams.strategies.reader : streams.strategies.writer,
               .spec = task.spec,
               .stream = task.stream,
               .reader = task.reader,
               .cpu = task.cpu,
               .memory_node = task.memory_node,
               .answers = true};
  use_pipes(back, streams.pipes[task.stream].answers);
  return back;
}

// Behind each of them.
std::vector<EndTask> with_answering_tasks(std::vector<EndTask> tasks, const Streams& streams) {
  std::vector<EndTask> all;
  for (EndTask& task : tasks) {
    EndTask back = answering_task(task, streams);
    all.push_back(std::move(task));
    all.push_back(std::move(back));
  }
  return all;
}

// Empty where too many ends share it: a CPU is interrupted for each of them that samples it, whichever runs.
std::optional<int> cpu_to_sample(const std::vector<EndTask>& tasks, std::optional<int> cpu) {
  constexpr std::ptrdiff_t few = 2;
  return std::ranges::count(tasks, cpu, &EndTask::cpu) <= few ? cpu : std::nullopt;
}

// Nobody knows how long it will take. Samples of more than that may not fit into the buffer. It is sized for twice
// --time, as samples may end late, and those of other threads on the CPU take room, too.
constexpr double seconds_of_bytes = 10;

std::vector<EndTask> tasks_of(const Streams& streams, const CaseSpec& spec, Purpose purpose, const Sampling& sampling) {
  std::vector<EndTask> tasks;
  for (std::size_t stream = 0; stream < streams.pipes.size(); ++stream) {
    const StreamShape& shape = streams.stage.shape();
    for (std::size_t i = 0; i < shape.writers; ++i) tasks.push_back(task_of(Role::writer, stream, i, streams, spec));
    for (std::size_t i = 0; i < shape.readers; ++i) tasks.push_back(task_of(Role::reader, stream, i, streams, spec));
  }
  for (EndTask& task : tasks) {
    if (sampling.profile_hz)
      task.profile = {.frequency_hz = *sampling.profile_hz,
                      .cpu = cpu_to_sample(tasks, task.cpu),
                      .threads = spec.takes_turns() ? tasks.size() / 2 : tasks.size(),
                      .seconds = sampling.bytes ? seconds_of_bytes : 2 * sampling.time_seconds};
  }
  // What follows are no further threads.
  if (spec.is_ping_pong()) tasks = with_answering_tasks(std::move(tasks), streams);
  for (EndTask& task : tasks) {
    task.purpose = purpose;
    if (purpose == Purpose::verify) task.send_times = {};
    task.counters = sampling.has_cpu_time();
    task.migrations = sampling.counters;
    task.hardware_events = sampling.hardware_events;
  }
  return tasks;
}

// The first end of each role in the first stream measures: more would disturb each other. Ends on one CPU cannot hand
// anything over, nor can another program's.
void ask_for_conditions(std::vector<EndTask>& tasks, const CaseSpec& spec, bool outside) {
  const Placement& first = spec.placement;
  const bool same_cpu = spec.takes_turns() || (first.writer_cpu && first.writer_cpu == first.reader_cpu);
  for (EndTask& task : tasks) {
    task.conditions = task.stream == 0 && task.index == 0 && !task.answers;
    task.handover = task.conditions && !same_cpu && !outside;
  }
}

// Each once; none when a thread is not pinned.
std::vector<int> cpus_of(const std::vector<EndTask>& tasks) {
  std::vector<int> cpus;
  for (const EndTask& task : tasks) {
    if (!task.cpu) return {};
    cpus.push_back(*task.cpu);
  }
  return sorted_distinct(std::move(cpus));
}

// For the task at `next`, and for the other end that its thread has, if any; moves on behind them.
std::unique_ptr<EndRoutine> make_routine(const Topology& topology, Stage& stage, std::vector<EndTask>& tasks,
                                         std::size_t& next) {
  EndTask& task = tasks[next++];
  if (task.spec.is_ping_pong())
    return std::make_unique<PingPongEnd>(topology, stage, std::move(task), std::move(tasks[next++]));
  if (!task.spec.takes_turns()) return std::make_unique<SingleEnd>(topology, stage, std::move(task));
  return std::make_unique<EndPair>(topology, stage, std::move(task), std::move(tasks[next++]));
}

std::unique_ptr<EndRunner> make_runner(const Topology& topology, Stage& stage, std::vector<EndTask>& tasks,
                                       std::size_t& next) {
  const bool forks = tasks[next].spec.isolation == Isolation::processes;
  std::unique_ptr<EndRoutine> routine = make_routine(topology, stage, tasks, next);
  if (forks) return std::make_unique<ProcessRunner>(stage, std::move(routine));
  return std::make_unique<ThreadRunner>(stage, std::move(routine));
}

StreamShape shape_of(const Strategies& strategies, const CaseSpec& spec) {
  if (strategies.writer.info.outside) return {.writers = 0, .readers = 1};
  if (strategies.reader.info.outside) return {.writers = 1, .readers = 0};
  if (spec.takes_turns()) return {.runners = 1};
  return {.writers = spec.writer_threads, .readers = spec.reader_threads};
}

std::vector<StreamPipes> make_all_pipes(const Strategies& strategies, const CaseSpec& spec, const OutsideEnds& outside,
                                        std::vector<std::string>& notes) {
  std::vector<StreamPipes> all;
  for (std::size_t i = 0; i < spec.streams; ++i) all.push_back(make_pipes(strategies, spec, outside, notes));
  return all;
}

// Of `stdin`, the other program knows what it takes for granted about its pipe, and it may hold more than fits into a
// smaller one: it may stay as it is. Where ours writes, the capacity is part of the rule of reuse.
Pipe take_pipe(const Strategies& strategies, const CaseSpec& spec, const OutsideEnds& outside,
               std::vector<std::string>& notes) {
  const bool reads = strategies.writer.info.outside;
  Pipe pipe = Pipe::inherited(reads ? outside.in : outside.out, reads, spec.wait != Wait::block);
  if (pipe.capacity() == *spec.pipe_bytes) return pipe;
  const int code = pipe.resize(*spec.pipe_bytes);
  if (code == 0) return pipe;
  const std::string what = fmt::format("fcntl(pipe, F_SETPIPE_SZ, {})", *spec.pipe_bytes);
  if (!reads) throw SystemError(what, code);
  notes.push_back(fmt::format("The pipe keeps its {}: {} fails with {}.", format_size(pipe.capacity()), what,
                              describe_errno(code)));
  return pipe;
}

// While this thread is the only one.
void start_program(Streams& streams, const CaseSpec& spec, const Topology& topology) {
  const bool writes = streams.strategies.writer.info.outside;
  const std::optional<int> cpu = writes ? spec.placement.writer_cpu : spec.placement.reader_cpu;
  const UniqueFd end = streams.pipes.front().pipes.front().give_away(!writes);
  streams.program.emplace(spec.exec, end.get(), writes, [&] {
    if (cpu) topology.pin_this_thread(*cpu);
  });
}

}  // namespace

Strategies strategies_of(const CaseSpec& spec) {
  return {.writer = *find_strategy(Role::writer, spec.writer), .reader = *find_strategy(Role::reader, spec.reader)};
}

StreamPipes make_pipes(const Strategies& strategies, const CaseSpec& spec, const OutsideEnds& outside,
                       std::vector<std::string>& notes) {
  const StrategyInfo& writer = strategies.writer.info;
  const bool nonblocking = spec.wait != Wait::block;
  StreamPipes made;
  if (strategies.have_outside() && !spec.starts_program()) {
    made.pipes.push_back(take_pipe(strategies, spec, outside, notes));
    return made;
  }
  for (unsigned i = 0; i < spec.stripe; ++i) {
    made.pipes.push_back(Pipe::of(writer.transport, *spec.pipe_bytes, nonblocking));
    const std::uint64_t granted = made.pipes.back().capacity();
    if (writer.transport == Transport::socketpair && granted < *spec.pipe_bytes)
      notes.push_back(
          fmt::format("The send buffer of the sockets is {} instead of {}: net.core.wmem_max allows no more.",
                      format_size(granted), format_size(*spec.pipe_bytes)));
    if (writer.reuse == Reuse::on_return)
      made.returns.emplace_back(writer.kept_pipe_bytes(spec, page_sizes_here()), nonblocking);
  }
  if (spec.is_ping_pong()) made.answers.push_back(Pipe::of(writer.transport, *spec.pipe_bytes, nonblocking));
  return made;
}

Streams::Streams(const Strategies& chosen, const CaseSpec& spec, const Sampling& sampling, const OutsideEnds& ends,
                 std::vector<std::string> noted)
    : Streams(chosen, sampling, make_all_pipes(chosen, spec, ends, noted), shape_of(chosen, spec)) {
  if (spec.latency)
    send_times = std::make_unique<SharedArray<SendTime>>(spec.streams * send_times_needed(spec, page_sizes_here()));
  outside = ends;
  notes = std::move(noted);
}

Streams::Streams(const Strategies& chosen, const Sampling& sampling, std::vector<StreamPipes> given,
                 const StreamShape& shape)
    : strategies(chosen), stage(given.size(), shape), pipes(std::move(given)) {
  if (sampling.warmup_seconds <= 0) stage.warmup_bytes = 0;
  if (sampling.bytes) stage.measured_bytes = *sampling.bytes;
  for (StreamShare& share : stage.streams()) share.measured.control.final_bytes.store(stage.measured_bytes);
  stage.counts_workers = sampling.counters && strategies.have_kernel_workers();
}

Run run_ends(Stage& stage, std::vector<EndTask> tasks, const Topology& topology, const RunLimits& limits) {
  const KickHandler handler;
  std::vector<std::unique_ptr<EndRunner>> runners;
  for (std::size_t next = 0; next < tasks.size();) runners.push_back(make_runner(topology, stage, tasks, next));
  // Should one not start, the others must not wait for it.
  const AbandonOnExit abandon_on_exit{stage};
  for (const auto& runner : runners) {
    if (limits.interrupt.load(std::memory_order_relaxed) != 0) return {.interrupted = true};
    runner->start();
  }
  Controller controller(stage, runners, limits.sampling, limits.interrupt, limits.limit_seconds, limits.live);
  controller.watch();

  Run run{.interrupted = controller.interrupted(),
          .out_of_time = controller.out_of_time(),
          .stuck = controller.stuck(),
          .stalled = controller.stalled()};
  for (const auto& runner : runners) {
    for (EndReport& report : runner->take_reports()) {
      if (run.failure.empty()) run.failure = report.failure;
      (report.role == Role::writer ? run.writers : run.readers).push_back(std::move(report));
    }
  }
  return run;
}

Run run_streams(Streams& streams, const CaseSpec& spec, const Sampling& sampling, Purpose purpose,
                const Topology& topology, const std::atomic<int>& interrupt, std::optional<double> limit_seconds,
                const Watch* live) {
  if (spec.starts_program()) start_program(streams, spec, topology);
  std::vector<EndTask> tasks = tasks_of(streams, spec, purpose, sampling);
  if (sampling.conditions) {
    ask_for_conditions(tasks, spec, streams.strategies.have_outside());
    streams.stage.watched_cpus = cpus_of(tasks);
  }
  Run run = run_ends(streams.stage, std::move(tasks), topology,
                     {.sampling = sampling, .interrupt = interrupt, .limit_seconds = limit_seconds, .live = live});
  if (run.failure.empty() && run.stuck)
    run.failure = fmt::format("The process of an end was stopped for longer than {} (--timeout).",
                              format_duration(sampling.timeout_seconds));
  if (run.failure.empty() && run.stalled)
    run.failure = describe_stall(streams.stage, *run.stalled, spec, sampling.timeout_seconds);
  return run;
}

}  // namespace pipebench
