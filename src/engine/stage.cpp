#include "engine/stage.hpp"

namespace pipebench {

Stage::Stage(std::size_t stream_count) {
  for (std::size_t i = 0; i < stream_count; ++i) streams.push_back(std::make_unique<StreamShare>());
  // Leaving a mark must not allocate.
  all_begun_.consumed.resize(stream_count);
  first_ended_.consumed.resize(stream_count);
}

void Stage::note_begin(std::uint64_t ns) noexcept {
  if (begun_.fetch_add(1, std::memory_order_acq_rel) + 1 == ends()) leave(all_begun_, ns);
}

void Stage::note_end(std::uint64_t ns) noexcept {
  if (!ended_.exchange(true, std::memory_order_acq_rel)) leave(first_ended_, ns);
}

void Stage::leave(Mark& mark, std::uint64_t ns) noexcept {
  mark.ns = ns;
  for (std::size_t i = 0; i < streams.size(); ++i)
    mark.consumed[i] = streams[i]->measured.consumed.bytes.load(std::memory_order_acquire);
}

void Stage::abort() noexcept {
  for (const auto& stream : streams) {
    for (Link* link : {&stream->warmup, &stream->measured})
      link->control.command.store(Command::abort, std::memory_order_release);
  }
}

}  // namespace pipebench
