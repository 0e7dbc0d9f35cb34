#include "engine/stage.hpp"

#include "pipebench/base/clock.hpp"

namespace pipebench {

Stage::Stage(std::size_t stream_count) {
  for (std::size_t i = 0; i < stream_count; ++i) streams.push_back(std::make_unique<StreamShare>());
  // Leaving a mark must not allocate.
  all_begun_.consumed.resize(stream_count);
  first_ended_.consumed.resize(stream_count);
}

void Stage::note_begin(unsigned phase) noexcept {
  if (begun_[phase - 1].fetch_add(1, std::memory_order_acq_rel) + 1 < ends()) return;
  if (phase == 2) leave(all_begun_);
  phases_begun.store(phase, std::memory_order_release);
}

void Stage::note_end() noexcept {
  if (!end_is_marked_.exchange(true, std::memory_order_acq_rel)) leave(first_ended_);
}

void Stage::leave(Mark& mark) noexcept {
  // Who loses its CPU while it reads has read what belongs to different moments, and reads again.
  constexpr unsigned most_tries = 100;
  const std::uint64_t at_once_ns = 20'000 + 500 * streams.size();
  for (unsigned i = 0; i < most_tries; ++i) {
    mark.from_ns = monotonic_ns();
    for (std::size_t stream = 0; stream < streams.size(); ++stream)
      mark.consumed[stream] = streams[stream]->measured.consumed.bytes.load(std::memory_order_acquire);
    mark.to_ns = monotonic_ns();
    if (mark.to_ns - mark.from_ns <= at_once_ns) return;
  }
}

const Smaps& Stage::smaps() {
  std::call_once(smaps_read_, [this] { smaps_.emplace(); });
  return *smaps_;
}

void Stage::abort() noexcept {
  for (const auto& stream : streams) {
    for (Link* link : {&stream->warmup, &stream->measured})
      link->control.command.store(Command::abort, std::memory_order_release);
  }
  for (Barrier& barrier : barriers) barrier.give_up();
  ended.give_up();
}

void Stage::abandon() noexcept {
  abort();
  for (const auto& stream : streams) stream->farewell.give_up();
}

}  // namespace pipebench
