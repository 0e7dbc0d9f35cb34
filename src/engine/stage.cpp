#include "engine/stage.hpp"

#include "pipebench/base/clock.hpp"

namespace pipebench {

Stage::Stage(std::size_t stream_count) {
  for (std::size_t i = 0; i < stream_count; ++i) streams.push_back(std::make_unique<StreamShare>());
  // Leaving a mark must not allocate.
  all_begun_.consumed.resize(stream_count);
  first_ended_.consumed.resize(stream_count);
}

void Stage::note_begin() noexcept {
  if (begun_.fetch_add(1, std::memory_order_acq_rel) + 1 == ends()) leave(all_begun_);
}

void Stage::note_end() noexcept {
  if (!ended_.exchange(true, std::memory_order_acq_rel)) leave(first_ended_);
}

void Stage::leave(Mark& mark) noexcept {
  mark.ns = monotonic_ns();
  for (std::size_t i = 0; i < streams.size(); ++i)
    mark.consumed[i] = streams[i]->measured.consumed.bytes.load(std::memory_order_acquire);
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
}

void Stage::abandon() noexcept {
  abort();
  for (const auto& stream : streams) stream->farewell.give_up();
}

}  // namespace pipebench
