#include "engine/end_routine.hpp"

#include <exception>
#include <optional>
#include <utility>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {

void EndRoutine::run() noexcept {
  try {
    const ExitBarrierGuard wait_for_the_other{stage_, ends_.front().stream()};
    run_phases();
  } catch (const Cancelled&) {  // by an abort, whose cause is known
  } catch (const std::exception& error) {
    ends_.front().fail(error.what());
  }
  // The reader's first: it may look at the writer's memory.
  for (auto end = ends_.rbegin(); end != ends_.rend(); ++end) end->free_end();
}

std::vector<EndReport> EndRoutine::take_reports() {
  std::vector<EndReport> reports;
  for (EndWork& end : ends_) {
    if (!end.task().answers) {
      reports.push_back(std::move(end.report()));
    } else {
      take_over(reports.front(), end.report());
    }
  }
  return reports;
}

// What an end of the way back has to say, its thread's other end says. Figures are of the way there.
void EndRoutine::take_over(EndReport& report, const EndReport& of_answers) {
  if (report.failure.empty()) report.failure = of_answers.failure;
  if (!report.tally.mismatch) report.tally.mismatch = of_answers.tally.mismatch;
  report.notes.insert(report.notes.end(), of_answers.notes.begin(), of_answers.notes.end());
  report.misses.insert(report.misses.end(), of_answers.misses.begin(), of_answers.misses.end());
}

void EndRoutine::run_phases() {
  ends_.front().prepare_thread();
  for (EndWork& end : ends_) end.make_end();
  if (stage_.warmup_bytes > 0 && !run_phase(1)) return;
  for (EndWork& end : ends_) end.measure_conditions_before();
  measure();
  if (stage_.gather_at_end()) {
    for (EndWork& end : ends_) end.measure_conditions_after();
  }
  // Buffers that were not touched beforehand are by now.
  for (EndWork& end : ends_) end.record_memory();
}

bool EndRoutine::run_phase(unsigned number, Instruments* instruments) {
  begin_phase(number);
  const RunQueueClock run_queue;
  if (!stage_.meet(number)) return false;
  // After the barrier, so that waiting there counts for nothing, and before the clock, so that reading does not either.
  const auto before = read_thread_usage();
  const std::optional<std::uint64_t> waited_before_ns = run_queue.read_ns();
  const std::uint64_t start_ns = monotonic_ns();
  for (EndWork& end : ends_) end.report().start_ns = start_ns;
  stage_.note_begin(number);
  if (instruments != nullptr) instruments->start();
  move_bytes(number, instruments);
  for (EndWork& end : ends_) {
    if (!end.task().answers) stage_.note_end(end.report().stream, number, end.report().role);
  }
  if (instruments != nullptr) instruments->stop();
  const std::optional<std::uint64_t> waited_ns = run_queue.read_ns();
  const auto used = used_between(before, read_thread_usage());
  if (waited_ns && waited_before_ns)
    ends_.front().report().run_queue_seconds = static_cast<double>(*waited_ns - *waited_before_ns) * 1e-9;
  for (EndWork& end : ends_) end.record_tally();
  if (used) record_usage(*used);
  return !stage_.aborted();
}

void EndRoutine::measure() {
  Instruments instruments(ends_.front().task());
  (void)run_phase(2, &instruments);
  record_instruments(instruments);
}

}  // namespace pipebench
