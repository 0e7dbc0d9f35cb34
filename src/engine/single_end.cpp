#include "engine/single_end.hpp"

#include "pipebench/base/clock.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {

void SingleEnd::measure() {
  const auto before = work().task().migrations ? read_migrations() : std::nullopt;
  EndRoutine::measure();
  const auto after = before ? read_migrations() : std::nullopt;
  if (after) work().report().counters[Counter::migrations] = static_cast<double>(*after - *before);
}

void SingleEnd::begin_phase(unsigned number) {
  if (number == 2) work().prepare_clock();
}

void SingleEnd::move_bytes(unsigned number, Instruments* /*instruments*/) {
  if (work().task().input) {
    // The clock runs from the first byte: when it comes is the other program's affair.
    work().await_input();
    work().report().start_ns = monotonic_ns();
  }
  work().report().tally = work().end().run(work().phase(number));
}

void SingleEnd::record_instruments(Instruments& instruments) {
  instruments.record_events(work().report().counters);
  instruments.record_stacks(work().report());
}

}  // namespace pipebench
