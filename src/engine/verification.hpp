// How much a verification moves, and what its end says.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/runner.hpp"
#include "pipebench/model/results.hpp"

namespace pipebench {

/// Of each stream: at least 64 MiB, or 64 rotations of its buffers, in whole rotations.
[[nodiscard]] std::uint64_t bytes_to_verify(const CaseSpec& spec);

/// What the readers of `run` saw. Cut off by `limit_seconds`, it is intact only if every buffer was sent and looked at
/// twice: one that was not sent again has not been where reuse could do harm.
[[nodiscard]] Verification judge(const CaseSpec& spec, const Run& run, std::optional<double> limit_seconds);

}  // namespace pipebench
