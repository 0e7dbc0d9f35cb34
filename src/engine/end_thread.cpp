#include "engine/end_thread.hpp"

#include <exception>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {

void EndThread::run() noexcept {
  try {
    const ExitBarrierGuard wait_for_the_other{stage_, work_.stream()};
    run_phases();
  } catch (const Cancelled&) {  // by an abort, whose cause is known
  } catch (const std::exception& error) {
    work_.fail(error.what());
  }
  work_.free_end();
  done_.store(true, std::memory_order_release);
  stage_.note_done();
}

void EndThread::run_phases() {
  work_.prepare_thread();
  work_.make_end();
  if (stage_.warmup_bytes > 0 && !run_phase(1)) return;
  work_.measure_conditions_before();
  measure();
  // Buffers that were not touched beforehand are by now.
  if (stage_.gather_at_end()) work_.measure_conditions_after();
  work_.record_memory();
}

bool EndThread::run_phase(unsigned number, Instruments* instruments) {
  if (!stage_.meet(number)) return false;
  EndReport& report = work_.report();
  report.start_ns = monotonic_ns();
  stage_.note_begin(number);
  // After the barrier, so that waiting there counts for nothing.
  const ThreadUsage before = read_thread_usage();
  if (instruments != nullptr) instruments->start();
  const Tally tally = work_.end().run(work_.phase(number));
  if (number == 2 && report.role == Role::reader) stage_.note_end();
  if (instruments != nullptr) instruments->stop();
  const ThreadUsage used = read_thread_usage() - before;
  work_.record_tally(tally);
  work_.record_usage(used);
  return report.failure.empty() && !stage_.aborted();
}

void EndThread::measure() {
  const bool counts = work_.task().counters;
  const auto before = counts ? read_migrations() : std::nullopt;
  Instruments instruments(work_.task());
  (void)run_phase(2, &instruments);
  instruments.record_events(work_.report().counters);
  instruments.record_stacks(work_.report());
  const auto after = before ? read_migrations() : std::nullopt;
  if (after) work_.report().counters[Counter::migrations] = static_cast<double>(*after - *before);
}

}  // namespace pipebench
