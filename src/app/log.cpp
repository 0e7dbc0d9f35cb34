#include "app/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace pipebench {

bool colors_on(int fd, When when) {
  if (when != When::automatic) return when == When::always;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) == 1 && (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

void start_log(const RunSettings& settings) {
  const auto mode = colors_on(STDERR_FILENO, settings.color) ? spdlog::color_mode::always : spdlog::color_mode::never;
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("pipebench", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(mode)));
  spdlog::set_pattern("pipebench: %^%l%$: %v");
  spdlog::set_level(settings.quiet     ? spdlog::level::err
                    : settings.verbose ? spdlog::level::debug
                                       : spdlog::level::warn);
}

}  // namespace pipebench
