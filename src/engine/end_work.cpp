#include "engine/end_work.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>

#include <cerrno>
#include <exception>

#include "engine/clock_price.hpp"
#include "engine/memory_check.hpp"
#include "engine/reader_delay.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/sanitizers.hpp"
#include "pipebench/system/conditions.hpp"

namespace pipebench {
namespace {

// The thread sanitizer takes equal numbers in two descriptor tables for one descriptor, and reports races.
constexpr bool may_own_descriptors = !has_thread_sanitizer;

std::string describe_failure(const EndTask& task, const Tally& tally) {
  const std::string_view role = name_of(task.strategy.info.role);
  const auto call = task.strategy.info.system_call;
  if (tally.error == EPIPE) return fmt::format("The consumer closed its end of the pipe after {} bytes.", tally.bytes);
  if (tally.end_of_file)
    return fmt::format("The {}'s {}() returned 0 after {} bytes, before the end.", role, call, tally.bytes);
  return fmt::format("The {}'s {}() of up to {} bytes failed after {} bytes: {}.", role, call,
                     step_bytes(task.strategy.info, task.spec), tally.bytes, describe_errno(tally.error));
}

}  // namespace

EndWork::EndWork(const Topology& topology, Stage& stage, EndTask task)
    : topology_(topology), stage_(stage), task_(std::move(task)) {
  report_.stream = task_.stream;
  report_.role = task_.strategy.info.role;
}

void EndWork::prepare_thread() {
  if (task_.cpu) topology_.pin_this_thread(*task_.cpu);
  // As two processes have: with a shared table, each call takes and drops a reference to the file. The kernel may
  // forbid it (seccomp).
  const bool shares_descriptors = task_.spec.isolation != Isolation::processes;
  if (shares_descriptors && may_own_descriptors && ::unshare(CLONE_FILES) < 0)
    report_.notes.emplace_back(
        "unshare(CLONE_FILES) is not permitted here: each call also counts references to its files.");
}

void EndWork::make_end() {
  bind_memory();
  EndSetup setup{.spec = task_.spec,
                 .info = task_.strategy.info,
                 .exchange = {.returns = task_.returns,
                              .sent_from = stage_.sent_from(task_.stream),
                              .out = task_.out,
                              .pipes = task_.transports},
                 .reader = task_.reader,
                 .input = task_.input,
                 .purpose = task_.purpose,
                 .cancelled = [&stage = stage_] { return stage.aborted(); }};
  if (task_.purpose == Purpose::verify) setup.reader_delay = reader_delay();
  end_ = task_.strategy.make(setup);
}

// Nothing to wait for has a writer that takes turns, or that waits for an answer: it has done all that it can before
// the reader's turn. Nor has one whose bytes were copied, and what is no pipe cannot be asked what it holds.
std::function<void(std::size_t held)> EndWork::reader_delay() const {
  const bool is_copied = task_.strategy.info.transport != Transport::pipe;
  if (task_.spec.takes_turns() || task_.spec.is_ping_pong() || is_copied) return [](std::size_t) {};
  return ReaderDelay(stream().measured, task_.spec.buffer_bytes, task_.writing_ends);
}

void EndWork::bind_memory() try {
  if (task_.memory_node) topology_.bind_memory_of_this_thread(*task_.memory_node);
  if (task_.spec.membind == Membind::interleave) topology_.interleave_memory_of_this_thread();
} catch (const SystemError& error) {
  report_.misses.push_back(fmt::format("--membind {} did not succeed: {}.", membind_text(task_.spec), error.what()));
}

Phase EndWork::phase(unsigned number) const noexcept {
  if (task_.answers) return {.link = stream().answers[number - 1], .pipes = task_.pipes};
  return {.link = stream().link(number),
          .pipes = task_.pipes,
          .byte_target = stage_.bytes_to_send(number, task_.index, task_.spec.buffer_bytes),
          .progress = &stage_.progress(task_.stream, number, report_.role, task_.index),
          .clock = number == 2 ? clock_.get() : nullptr};
}

void EndWork::prepare_clock() {
  if (task_.send_times.empty()) return;
  if (report_.role == Role::writer) {
    clock_ = std::make_unique<DepartureClock>(task_.send_times);
  } else {
    ClockedTimes& times = report_.latency.emplace();
    times.clock_ps = clock_price_ps();
    clock_ = std::make_unique<ArrivalClock>(task_.send_times, times);
  }
}

// A signal that came before poll() slept is followed by another.
void EndWork::await_input() const noexcept {
  pollfd entry{.fd = task_.pipes.front(), .events = POLLIN, .revents = 0};
  while (!stream().measured.aborted() && ::poll(&entry, 1, -1) < 0) {
  }
}

void EndWork::measure_conditions_before() noexcept {
  if (!task_.conditions) return;
  HandoverMeeting& meeting = stream().before;
  if (task_.handover && !meeting.barrier.meet(HandoverMeeting::ends)) return;
  report_.conditions.ns_per_add = measure_ns_per_add();
  report_.conditions.handover_ns_before = measure_handover(meeting.share);
}

void EndWork::measure_conditions_after() {
  if (!task_.conditions) return;
  EndConditions& conditions = report_.conditions;
  // First: the rate soon changes when there is less to do.
  if (task_.cpu) conditions.frequency_hz = read_frequency_hz(*task_.cpu);
  HandoverMeeting& meeting = stream().after;
  if (task_.handover && !meeting.barrier.meet(HandoverMeeting::ends)) return;
  const double ns_per_add = measure_ns_per_add();
  conditions.ns_per_add = (conditions.ns_per_add.value_or(ns_per_add) + ns_per_add) / 2;
  conditions.handover_ns_after = measure_handover(meeting.share);
}

// The writer leads.
std::optional<double> EndWork::measure_handover(HandoverShare& share) noexcept {
  if (!task_.handover) return std::nullopt;
  if (report_.role == Role::writer) return lead_handover(share);
  follow_handover(share);
  return std::nullopt;
}

void EndWork::record_tally() {
  const Tally& tally = report_.tally;
  report_.counters[Counter::calls] = static_cast<double>(tally.calls);
  report_.counters[Counter::short_calls] = static_cast<double>(tally.short_calls);
  report_.counters[Counter::would_block] = static_cast<double>(tally.would_block);
  report_.counters[Counter::waits] = static_cast<double>(tally.waits);
  if (tally.error != 0 || (tally.end_of_file && !task_.input)) fail(describe_failure(task_, tally));
}

void EndWork::record_usage(const ThreadUsage& used) {
  report_.used = used;
  if (!task_.counters) return;
  EndCounters& counters = report_.counters;
  counters[Counter::user_seconds] = used.user_seconds;
  counters[Counter::system_seconds] = used.system_seconds;
  counters[Counter::voluntary_switches] = static_cast<double>(used.voluntary_switches);
  counters[Counter::involuntary_switches] = static_cast<double>(used.involuntary_switches);
  counters[Counter::minor_faults] = static_cast<double>(used.minor_faults);
}

void EndWork::record_memory() {
  report_.pages = end_->obtained_pages(stage_.smaps());
  report_.wanted_pages = when_obtained(end_->buffers().wanted_pages(), page_sizes_here());
  report_.in_file = end_->buffers().file() >= 0;
  check_nodes(end_->buffers());
}

void EndWork::check_nodes(const BufferSet& buffers) {
  report_.nodes = buffers.nodes();
  const Membind wanted = task_.spec.membind;
  if (wanted == Membind::any || buffers.starts().empty()) return;
  if (report_.nodes.empty()) {
    report_.notes.push_back(fmt::format(
        "Where the {}'s buffers are is not known (not touched, or move_pages() not permitted), so --membind {} could "
        "not be checked.",
        name_of(report_.role), membind_text(task_.spec)));
    return;
  }
  // A reader may choose ordinary pages, and the kind that was asked for may not have been there.
  const PageSizes& sizes = page_sizes_here();
  const bool ordinary = report_.pages == when_obtained(Pages::k4, sizes);
  const FoundMemory found{.nodes = report_.nodes,
                          .page_bytes = ordinary ? sizes.base : page_bytes_of(task_.spec.pages, sizes),
                          .bytes = buffers.starts().size() * step_bytes(task_.strategy.info, task_.spec)};
  const std::size_t nodes_here = wanted == Membind::interleave ? topology_.machine().nodes.size() : 1;
  std::string miss = why_misplaced(found, report_.role, wanted, task_.memory_node, nodes_here);
  if (!miss.empty()) report_.misses.push_back(std::move(miss));
}

void EndWork::fail(std::string sentence) {
  report_.failure = std::move(sentence);
  stage_.abort();
}

ExitBarrierGuard::~ExitBarrierGuard() {
  if (std::uncaught_exceptions() > 0) stage_.abort();
  (void)stream_.exit_barrier.gather(stage_.runners_of_stream());
}

}  // namespace pipebench
