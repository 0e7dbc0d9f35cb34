#include "pipebench/model/reuse.hpp"

#include <algorithm>
#include <bit>

namespace pipebench {
namespace {

// Bytes of pages that the reader took out of the pipes and is not done with. Readers that pass pages on hold at most
// what one call took: of a buffer, as much as the pipe held.
std::uint64_t held_bytes(const StrategyInfo& reader, const CaseSpec& spec) {
  return reader.release == Release::passed_on ? std::min(spec.buffer_bytes, *spec.pipe_bytes) : 0;
}

// May a reader hold pages for any time, while others go on taking bytes out of the pipe?
bool holds_for_long(const StrategyInfo& reader, const CaseSpec& spec) {
  return spec.reader_threads > 1 && held_bytes(reader, spec) > 0;
}

// Do the buffers sent in between fill the pipes, so that a buffer is out of them, and the reader done with it, when its
// next turn comes? With several writers, those that this one sent are enough. Buffers that are under way together were
// all filled before.
bool pipes_hold_back(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec) {
  if (holds_for_long(reader, spec)) return false;
  const std::uint64_t between = spec.total_buffers() * spec.buffer_bytes - step_bytes(writer, spec);
  return spec.stripe * *spec.pipe_bytes + held_bytes(reader, spec) <= between;
}

}  // namespace

ReuseRule rule_of_reuse(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec, Purpose purpose,
                        const PageSizes& sizes) {
  // Everything is out of the pipes, and given back by the reader, before the writer's next turn: it has been answered.
  if (spec.takes_turns() || spec.is_ping_pong()) return {};
  const bool credit = spec.wait == Wait::credit;
  const std::uint64_t all_buffers = spec.total_buffers() * spec.buffer_bytes;
  const auto asks_if = [&](bool asks) { return asks ? std::optional(all_buffers) : std::nullopt; };
  if (!writer.moves_bytes) return {.window = asks_if(credit)};
  switch (writer.reuse) {
    case Reuse::at_once:
    case Reuse::new_pages:
      break;
    case Reuse::after_pipe:
      if (writer.replay || pipes_hold_back(writer, reader, spec)) break;
      return {.safe = credit, .window = asks_if(credit)};
    case Reuse::own_ring:
      if (holds_for_long(reader, spec)) return {.safe = false};
      if (held_bytes(reader, spec) == 0 || writer.ring_is_long_enough(spec, false, sizes)) break;
      return {.safe = credit && writer.ring_is_long_enough(spec, true, sizes), .window = asks_if(credit)};
    case Reuse::on_return:
      // Rewriting a page that circulates needs to know that the reader is done with it; the count says so before the
      // splice does.
      return {.window = asks_if(credit || spec.payload != Payload::fixed || purpose == Purpose::verify)};
  }
  return {};
}

std::uint64_t safe_pipe_bytes(const StrategyInfo& writer, const CaseSpec& spec, std::uint64_t most,
                              const PageSizes& sizes) {
  if (writer.reuse == Reuse::on_return) return std::min(writer.kept_pipe_bytes(spec, sizes), most);
  if (writer.reuse != Reuse::after_pipe || writer.replay || spec.takes_turns() || spec.is_ping_pong()) return most;
  // With credit all buffers may be under way: the reader's count holds them back.
  const std::uint64_t all_bytes = spec.buffers * spec.buffer_bytes;
  const std::uint64_t bytes = spec.wait == Wait::credit ? all_bytes : all_bytes - step_bytes(writer, spec);
  return std::min(std::bit_floor(std::max(bytes, sizes.base)), most);
}

}  // namespace pipebench
