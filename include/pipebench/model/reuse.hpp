// THE rule of reuse: when a writer may rewrite a buffer. The plan calls cases safe by it, and the loops wait by it.
#pragma once

#include <cstdint>
#include <optional>

#include "pipebench/model/strategy.hpp"

namespace pipebench {

struct ReuseRule {
  /// New bytes in a buffer never overwrite what the reader has not seen yet.
  bool safe = true;
  /// Bytes that may have been sent and not been counted by the reader when a buffer is rewritten: more would have to
  /// wait. Empty: the writer does not wait for the reader's count, as the pipes alone hold a buffer back, or nothing
  /// does.
  std::optional<std::uint64_t> window = {};
};

/// What holds for this pair, with spec.pipe_bytes resolved. docs/kernel.md derives it.
[[nodiscard]] ReuseRule rule_of_reuse(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                                      Purpose purpose, const PageSizes& sizes);

/// The capacity that `--pipe-size auto` means, at most `most` bytes: for a writer that refers to its buffers, the
/// largest that is safe with one pipe and a reader that holds no pages; for one that keeps its pages in pipes, what
/// holds them all.
[[nodiscard]] std::uint64_t safe_pipe_bytes(const StrategyInfo& writer, const CaseSpec& spec, std::uint64_t most,
                                            const PageSizes& sizes);

}  // namespace pipebench
