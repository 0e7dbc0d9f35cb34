#include "engine/pair_thread.hpp"

#include <algorithm>
#include <limits>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

// What the clock itself adds to a turn: the smallest of many.
std::uint64_t clock_price_ns() noexcept {
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t before = monotonic_ns();
    smallest = std::min(smallest, monotonic_ns() - before);
  }
  return smallest;
}

Turn timed_turn(EndWork& work) {
  End& end = work.end();
  TurnTimes& times = *work.report().turns;
  const std::uint64_t bytes_before = end.tally().bytes;
  const std::uint64_t begin = monotonic_ns();
  const Turn turn = end.turn();
  const std::uint64_t ns = monotonic_ns() - begin;
  times.add(ns - std::min(ns, times.clock_ns), end.tally().bytes - bytes_before);
  return turn;
}

void begin(EndWork& work, unsigned phase, std::uint64_t now) {
  work.report().start_ns = now;
  work.report().turns = TurnTimes{.clock_ns = clock_price_ns()};
  work.end().begin(work.phase(phase));
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
  if (stage_.warmup_bytes > 0 && !run_phase(1)) return;
  (void)run_phase(2);
  (void)stage_.gather_at_end();
  for (EndWork* work : {&writer_, &reader_}) work->record_memory();
}

bool PairThread::run_phase(unsigned number) {
  if (!stage_.meet(number)) return false;
  const std::uint64_t start = monotonic_ns();
  for (EndWork* work : {&writer_, &reader_}) begin(*work, number, start);
  stage_.note_begin(number);
  take_turns();
  if (number == 2) stage_.note_end();
  const std::uint64_t end = monotonic_ns();
  for (EndWork* work : {&writer_, &reader_}) finish(*work, end);
  return !stage_.aborted();
}

// The writer is over before the reader, which ends with the last byte; or it failed, and no more will come.
void PairThread::take_turns() {
  for (Turn reading = Turn::blocked, writing = Turn::blocked; reading != Turn::over;) {
    if (writing != Turn::over) writing = timed_turn(writer_);
    if (writer_.end().tally().error != 0) return;
    reading = timed_turn(reader_);
  }
}

}  // namespace pipebench
