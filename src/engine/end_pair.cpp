#include "engine/end_pair.hpp"

#include "engine/clock_price.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/system/page_sizes.hpp"

namespace pipebench {
namespace {

// A turn that would have had to wait has the price of a call that failed in it, and is left out.
Turn timed_turn(EndWork& work, std::uint64_t most, Instruments* instruments) {
  End& end = work.end();
  TurnTimes& times = *work.report().turns;
  const std::uint64_t bytes_before = end.tally().bytes;
  const std::uint64_t begin = monotonic_ns();
  const Turn turn = end.turn(most);
  const std::uint64_t ns = monotonic_ns() - begin;
  if (instruments != nullptr) instruments->note_turn(work.report().role);
  if (turn != Turn::blocked) times.add(ns, end.tally().bytes - bytes_before);
  return turn;
}

}  // namespace

void EndPair::begin_phase(unsigned number) {
  const TurnTimes nothing_yet{.clock_ps = clock_price_ps()};
  for (EndWork& work : ends()) {
    work.report().turns = nothing_yet;
    work.end().begin(work.phase(number));
  }
}

void EndPair::move_bytes(unsigned /*number*/, Instruments* instruments) {
  take_turns(instruments);
  const std::uint64_t end_ns = monotonic_ns();
  for (EndWork& work : ends()) {
    Tally& tally = work.report().tally;
    tally = work.end().tally();
    tally.end_ns = end_ns;
  }
}

// Hardware events are of the thread, and nothing tells whose they were: nobody asks for them with --isolation none.
void EndPair::record_instruments(Instruments& instruments) {
  instruments.record_stacks(writer().report(), reader().report());
}

// The pipe is empty before each turn of the writer, so what it holds fits.
void EndPair::take_turns(Instruments* instruments) {
  const Tally& written = writer().end().tally();
  const Tally& taken = reader().end().tally();
  std::uint64_t room = writer().task().spec.pipe_payload_bytes(page_sizes_here());
  for (Turn writing = Turn::moved; writing != Turn::over;) {
    const Tally before = written;
    writing = timed_turn(writer(), room, instruments);
    // Pages of a socket that came out smaller take more slots.
    if (written.would_block > before.would_block && written.bytes > before.bytes) room = written.bytes - before.bytes;
    while (taken.bytes < written.bytes) {
      if (timed_turn(reader(), written.bytes - taken.bytes, instruments) == Turn::over) return;
    }
  }
}

}  // namespace pipebench
