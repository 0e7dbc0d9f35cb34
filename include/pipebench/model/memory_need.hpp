// What the ends of a case allocate. Strategies allocate by it, and the plan counts with it.
#pragma once

#include <vector>

#include "pipebench/model/strategy.hpp"

namespace pipebench {

/// The buffers that a writer sends from, as the case asks for them.
[[nodiscard]] BufferRequest writer_buffers(const StrategyInfo& writer, const CaseSpec& spec);
/// The one buffer that a reader receives into.
[[nodiscard]] BufferRequest reader_buffer(const StrategyInfo& reader, const CaseSpec& spec);
/// What a strategy allocates besides; none (a count of 0) for most.
[[nodiscard]] BufferRequest further_buffer(const StrategyInfo& info, const CaseSpec& spec, Purpose purpose,
                                           const PageSizes& sizes);

/// What makes a difference to a strategy in this case: a writer that sends skb pages has no memory of its own to touch
/// or lock.
[[nodiscard]] OptionsUsed options_used(const StrategyInfo& info, const CaseSpec& spec);

/// All buffers of one stream, of all its threads.
[[nodiscard]] std::vector<BufferRequest> buffers_of_stream(const StrategyInfo& writer, const StrategyInfo& reader,
                                                           const CaseSpec& spec, Purpose purpose,
                                                           const PageSizes& sizes);

/// Reserved huge pages of the case's kind that all its streams take; 0 for other kinds.
[[nodiscard]] std::uint64_t huge_pages_needed(const StrategyInfo& writer, const StrategyInfo& reader,
                                              const CaseSpec& spec, const PageSizes& sizes);

}  // namespace pipebench
