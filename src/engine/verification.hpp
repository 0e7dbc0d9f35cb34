// How much a verification moves, and what its outcome is.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/runner.hpp"
#include "pipebench/model/results.hpp"

namespace pipebench {

/// Of each stream: at least 64 MiB, or 64 rotations of its buffers, in whole rotations.
[[nodiscard]] std::uint64_t bytes_to_verify(const CaseSpec& spec);

/// What the readers of `run` saw. A run that was cut short by `limit_seconds` is intact only if every buffer was sent
/// and looked at twice: a buffer that was sent once was not reused.
[[nodiscard]] Verification judge(const CaseSpec& spec, const Run& run, std::optional<double> limit_seconds);

}  // namespace pipebench
