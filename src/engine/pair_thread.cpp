#include "engine/pair_thread.hpp"

#include <algorithm>
#include <limits>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/page_sizes.hpp"

namespace pipebench {
namespace {

// What the clock itself adds to a turn, in picoseconds. It counts in nanoseconds, so the mean of a batch of readings is
// taken; and of many batches the smallest, which nothing disturbed.
std::uint64_t clock_price_ps() noexcept {
  constexpr std::uint64_t reads = 100;
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  for (int batch = 0; batch < 50; ++batch) {
    const std::uint64_t before = monotonic_ns();
    std::uint64_t after = before;
    for (std::uint64_t i = 0; i < reads; ++i) after = monotonic_ns();
    smallest = std::min(smallest, (after - before) * 1000 / reads);
  }
  return smallest;
}

// A turn that would have had to wait has the price of a call that failed in it, and is left out.
Turn timed_turn(EndWork& work, std::uint64_t most, Instruments& instruments) {
  End& end = work.end();
  TurnTimes& times = *work.report().turns;
  const std::uint64_t bytes_before = end.tally().bytes;
  const std::uint64_t begin = monotonic_ns();
  const Turn turn = end.turn(most);
  const std::uint64_t ns = monotonic_ns() - begin;
  instruments.note_turn(work.report().role);
  if (turn != Turn::blocked) times.add(ns, end.tally().bytes - bytes_before);
  return turn;
}

void finish(EndWork& work, std::uint64_t now) {
  Tally tally = work.end().tally();
  tally.end_ns = now;
  work.record_tally(tally);
}

}  // namespace

void PairThread::run() noexcept {
  try {
    run_phases();
  } catch (const Cancelled&) {  // by an abort, whose cause is known
  } catch (const std::exception& error) {
    writer_.fail(error.what());
  }
  reader_.free_end();  // first: it may look at the writer's memory
  writer_.free_end();
  reports_ = {writer_.report(), reader_.report()};
  done_.store(true, std::memory_order_release);
  stage_.note_done();
}

void PairThread::run_phases() {
  writer_.prepare_thread();
  for (EndWork* work : {&writer_, &reader_}) work->make_end();
  Instruments instruments(writer_.task());
  if (stage_.warmup_bytes > 0 && !run_phase(1, instruments)) return;
  for (EndWork* work : {&writer_, &reader_}) work->measure_conditions_before();
  (void)run_phase(2, instruments);
  instruments.record_stacks(writer_.report(), reader_.report());
  if (stage_.gather_at_end()) {
    for (EndWork* work : {&writer_, &reader_}) work->measure_conditions_after();
  }
  for (EndWork* work : {&writer_, &reader_}) work->record_memory();
}

bool PairThread::run_phase(unsigned number, Instruments& instruments) {
  const TurnTimes nothing_yet{.clock_ps = clock_price_ps()};
  for (EndWork* work : {&writer_, &reader_}) {
    work->report().turns = nothing_yet;
    work->end().begin(work->phase(number));
  }
  if (!stage_.meet(number)) return false;
  const ThreadUsage before = read_thread_usage();
  const std::uint64_t start = monotonic_ns();
  for (EndWork* work : {&writer_, &reader_}) work->report().start_ns = start;
  stage_.note_begin(number);
  if (number == 2) instruments.start();
  take_turns(instruments);
  if (number == 2) stage_.note_end();
  const std::uint64_t end = monotonic_ns();
  if (number == 2) instruments.stop();
  writer_.report().used = read_thread_usage() - before;
  for (EndWork* work : {&writer_, &reader_}) finish(*work, end);
  return !stage_.aborted();
}

// The pipe is empty before each turn of the writer, so what it holds fits.
void PairThread::take_turns(Instruments& instruments) {
  const Tally& written = writer_.end().tally();
  const Tally& taken = reader_.end().tally();
  std::uint64_t room = writer_.task().spec.pipe_payload_bytes(page_sizes_here());
  for (Turn writing = Turn::moved; writing != Turn::over;) {
    const Tally before = written;
    writing = timed_turn(writer_, room, instruments);
    // Pages of a socket that came out smaller take more slots.
    if (written.would_block > before.would_block && written.bytes > before.bytes) room = written.bytes - before.bytes;
    while (taken.bytes < written.bytes) {
      if (timed_turn(reader_, written.bytes - taken.bytes, instruments) == Turn::over) return;
    }
  }
}

}  // namespace pipebench
