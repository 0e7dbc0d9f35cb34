#include "engine/end_work.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <exception>

#include "engine/linger.hpp"
#include "engine/memory_check.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {
namespace {

#ifdef __SANITIZE_THREAD__
// It takes descriptors of one number in two tables for the same, and their uses for races.
constexpr bool may_own_descriptors = false;
#else
constexpr bool may_own_descriptors = true;
#endif

// A reader may look at bytes in the writer's memory, so neither end takes its memory away before both are through. Ends
// that fail come here too, and an abort brings the others.
struct LeaveTogether {
  Stage& stage;
  StreamShare& stream;
  ~LeaveTogether() {
    if (std::uncaught_exceptions() > 0) stage.abort();
    (void)stream.farewell.gather(stage.ends_of_stream());
  }
};

void fill_counters(EndCounters& counters, const Tally& tally) {
  counters[Counter::calls] = static_cast<double>(tally.calls);
  counters[Counter::short_calls] = static_cast<double>(tally.short_calls);
  counters[Counter::would_block] = static_cast<double>(tally.would_block);
  counters[Counter::waits] = static_cast<double>(tally.waits);
}

void fill_usage(EndCounters& counters, const ThreadUsage& before, const ThreadUsage& after) {
  const auto count = [](std::uint64_t later, std::uint64_t earlier) { return static_cast<double>(later - earlier); };
  counters[Counter::user_seconds] = after.user_seconds - before.user_seconds;
  counters[Counter::system_seconds] = after.system_seconds - before.system_seconds;
  counters[Counter::voluntary_switches] = count(after.voluntary_switches, before.voluntary_switches);
  counters[Counter::involuntary_switches] = count(after.involuntary_switches, before.involuntary_switches);
  counters[Counter::minor_faults] = count(after.minor_faults, before.minor_faults);
}

std::string_view role_name(const EndTask& task) {
  return task.strategy.info.role == Role::writer ? "writer" : "reader";
}

std::string describe_failure(const EndTask& task, const Tally& tally) {
  const std::string_view role = role_name(task);
  const auto call = task.strategy.info.system_call;
  if (tally.end_of_file)
    return fmt::format("The {}'s {}() returned 0 after {} bytes, before the end.", role, call, tally.bytes);
  return fmt::format("The {}'s {}() of up to {} bytes failed after {} bytes: {}.", role, call, task.spec.buffer_bytes,
                     tally.bytes, describe_errno(tally.error));
}

}  // namespace

EndWork::EndWork(const Topology& topology, Stage& stage, EndTask task)
    : topology_(topology), stage_(stage), stream_(stage.streams()[task.stream]), task_(std::move(task)) {}

void EndWork::run() noexcept {
  try {
    run_phases();
  } catch (const Cancelled&) {  // by an abort, whose cause is known
  } catch (const std::exception& error) {
    report_.failure = error.what();
  }
  if (!report_.failure.empty()) stage_.abort();
}

void EndWork::run_phases() {
  std::unique_ptr<End> end;
  const LeaveTogether leave_together{stage_, stream_};  // before `end` goes
  if (task_.cpu) topology_.pin_this_thread(*task_.cpu);
  bind_memory();
  // A descriptor table of its own, as two processes have: with a shared one each call would take and drop a reference
  // to the file. The kernel may forbid it (seccomp); then the figures include that price.
  if (may_own_descriptors && ::unshare(CLONE_FILES) < 0)
    report_.notes.emplace_back(
        "unshare(CLONE_FILES) is not permitted here: each call also counts references to its files.");
  EndSetup setup{.spec = task_.spec,
                 .info = task_.strategy.info,
                 .exchange = {.returns = task_.returns, .sent_from = stream_.sent_from},
                 .purpose = task_.purpose,
                 .cancelled = [this] { return stage_.aborted(); }};
  if (task_.purpose == Purpose::verify)
    setup.linger = Linger(stream_.measured, task_.spec.buffer_bytes, task_.writing_ends);
  end = task_.strategy.make(setup);
  if (stage_.warmup_bytes > 0 && !run_phase(*end, stream_.warmup, stage_.warmup_bytes, 1)) return;
  measure(*end);
  (void)stage_.gather_at_end();  // what is not touched beforehand is, by now
  report_.pages = end->obtained_pages(stage_.smaps());
  report_.wanted_pages = obtained_name(end->buffers().wanted_pages(), page_sizes_here());
  look_at_memory(*end);
}

void EndWork::bind_memory() try {
  if (task_.memory_node) topology_.bind_memory_of_this_thread(*task_.memory_node);
  if (task_.spec.membind == Membind::interleave) topology_.interleave_memory_of_this_thread();
} catch (const SystemError& error) {
  report_.misses.push_back(fmt::format("--membind {} did not succeed: {}.", membind_text(task_.spec), error.what()));
}

void EndWork::look_at_memory(const End& end) {
  const BufferSet& buffers = end.buffers();
  report_.nodes = buffers.nodes();
  const Membind wanted = task_.spec.membind;
  if (wanted == Membind::any || buffers.starts().empty()) return;
  if (report_.nodes.empty()) {
    report_.notes.push_back(fmt::format(
        "Where the {}'s buffers are is not known (not touched, or move_pages() not permitted), so --membind {} could "
        "not be checked.",
        role_name(task_), membind_text(task_.spec)));
    return;
  }
  // A reader's pages may be ordinary ones by choice, and those that were asked for may not have been there.
  const PageSizes& sizes = page_sizes_here();
  const bool ordinary = report_.pages == obtained_name(Pages::k4, sizes);
  const FoundMemory found{.nodes = report_.nodes,
                          .page_bytes = ordinary ? sizes.base : page_bytes_of(task_.spec.pages, sizes),
                          .bytes = buffers.starts().size() * task_.spec.buffer_bytes};
  const std::size_t nodes_here = wanted == Membind::interleave ? topology_.machine().nodes.size() : 1;
  std::string miss = why_misplaced(found, role_name(task_), wanted, task_.memory_node, nodes_here);
  if (!miss.empty()) report_.misses.push_back(std::move(miss));
}

bool EndWork::run_phase(End& end, Link& link, std::uint64_t bytes, unsigned number) {
  if (!stage_.meet(number)) return false;
  report_.start_ns = monotonic_ns();
  stage_.note_begin(number);
  // Read here, so that waiting for the other end at the barrier is in neither time nor usage.
  const ThreadUsage before = read_thread_usage();
  report_.tally = end.run({.link = link, .pipes = task_.pipes, .byte_target = bytes});
  if (number == 2 && task_.strategy.info.role == Role::reader) stage_.note_end();
  const ThreadUsage after = read_thread_usage();
  fill_counters(report_.counters, report_.tally);
  if (task_.counters) fill_usage(report_.counters, before, after);
  if (report_.tally.error != 0 || report_.tally.end_of_file) report_.failure = describe_failure(task_, report_.tally);
  if (!report_.failure.empty()) stage_.abort();
  return report_.failure.empty() && !link.aborted();
}

void EndWork::measure(End& end) {
  const auto before = task_.counters ? read_migrations() : std::nullopt;
  (void)run_phase(end, stream_.measured, stage_.measured_bytes, 2);
  const auto after = before ? read_migrations() : std::nullopt;
  if (after) report_.counters[Counter::migrations] = static_cast<double>(*after - *before);
}

}  // namespace pipebench
