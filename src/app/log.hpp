// Messages on stderr, through spdlog.
#pragma once

#include "app/options.hpp"

namespace pipebench {

/// Sends spdlog's default logger to stderr, at the level and with the colours that the settings ask for. Its lines go
/// above the progress line. It is for the main thread alone.
void start_log(const RunSettings& settings);

/// Is it a terminal that knows escape sequences? By TERM, which says "dumb" of one that does not.
[[nodiscard]] bool takes_escapes(int fd);

/// Whether what goes to this descriptor gets colours. NO_COLOR (no-color.org) counts for `automatic`.
[[nodiscard]] bool colors_on(int fd, When when);

}  // namespace pipebench
