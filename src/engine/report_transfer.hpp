// What ends found out, from the process that ran them to the one that asked.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/end_work.hpp"

namespace pipebench {

/// As bytes that mean the same in any process forked from one program, but for EndReport::turns: ends in turns share a
/// thread, and need no transfer.
[[nodiscard]] std::string pack_reports(std::span<const EndReport> reports);

/// The other way round. Throws std::runtime_error when `bytes` are fewer than were packed.
[[nodiscard]] std::vector<EndReport> unpack_reports(std::string_view bytes);

}  // namespace pipebench
