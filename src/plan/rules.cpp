#include "pipebench/plan/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "pipebench/base/units.hpp"

namespace pipebench {
namespace {

// Bytes that are surely sent between two uses of the same buffer, not counting the buffer itself.
std::uint64_t bytes_between_uses(const CaseSpec& spec) { return (spec.buffers - 1) * spec.buffer_bytes; }

// The kernel rounds a capacity up to a power of two pages.
std::uint64_t granted_bytes(std::uint64_t asked, const Machine& machine) { return std::bit_ceil(std::max(asked, machine.page_bytes)); }

}  // namespace

std::string why_not_paired(const StrategyInfo& writer, const StrategyInfo& reader) {
  if (writer.moves_bytes != reader.moves_bytes) return "null moves nothing, so it pairs with null alone.";
  if (!writer.unavailable.empty()) return fmt::format("Writer {} cannot run here: {}", writer.name, writer.unavailable);
  if (!reader.unavailable.empty()) return fmt::format("Reader {} cannot run here: {}", reader.name, reader.unavailable);
  return {};
}

std::string why_sizes_do_not_fit(const StrategyInfo& writer, const CaseSpec& spec, const Sampling& sampling, const Machine& machine) {
  if (!writer.whole_pages) return {};
  const auto complain = [&](std::string_view what, std::uint64_t bytes) {
    return fmt::format("Writer {} sends whole pages, and {} {} is not a multiple of {} bytes.", writer.name, what, format_size(bytes), machine.page_bytes);
  };
  if (spec.buffer_bytes % machine.page_bytes != 0) return complain("--buffer-size", spec.buffer_bytes);
  if (sampling.bytes.value_or(0) % machine.page_bytes != 0) return complain("--bytes", *sampling.bytes);
  return {};
}

std::uint64_t safe_pipe_bytes(const StrategyInfo& writer, const CaseSpec& spec, const Machine& machine) {
  if (writer.reuse == Reuse::at_once) return machine.pipe_max_bytes;
  const std::uint64_t safe = std::bit_floor(std::max(bytes_between_uses(spec), machine.page_bytes));
  return std::min(safe, machine.pipe_max_bytes);
}

Traits traits_of(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec, const Machine& machine) {
  const bool writer_touches = writer.copies > 0;
  const bool reader_touches = reader.copies > 0;
  Traits traits{.copies = writer.copies + reader.copies};
  if (writer_touches) traits.touched = reader_touches ? Touched::both : Touched::writer;
  if (!writer_touches && reader_touches) traits.touched = Touched::reader;
  // A page may be rewritten when it has left the pipe: when later bytes fill the whole pipe. Bytes that nobody looks at
  // cannot be damaged.
  traits.safe = writer.reuse == Reuse::at_once || reader.release == Release::discarded ||
                bytes_between_uses(spec) >= granted_bytes(spec.pipe_bytes.value_or(0), machine);
  return traits;
}

}  // namespace pipebench
