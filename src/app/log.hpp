// Messages on stderr, through spdlog.
#pragma once

#include "app/options.hpp"

namespace pipebench {

/// Sends spdlog's default logger to stderr, at the level and with the colours that the settings ask for.
void start_log(const RunSettings& settings);

/// Whether what goes to this descriptor gets colours. NO_COLOR (no-color.org) counts for `automatic`.
[[nodiscard]] bool colors_on(int fd, When when);

}  // namespace pipebench
