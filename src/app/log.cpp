#include "app/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "app/progress.hpp"
#include "pipebench/base/printable.hpp"

namespace pipebench {
namespace {

// Messages hold names that others chose.
class EscapedPayload : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& to) override {
    const std::string text = escaped({message.payload.data(), message.payload.size()});
    to.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedPayload>();
  }
};

// Messages begin a line of their own, above the progress line.
using ColorSink = spdlog::sinks::stderr_color_sink_mt;
class StderrSink : public ColorSink {
 public:
  using ColorSink::ColorSink;
  void log(const spdlog::details::log_msg& message) override {
    const ProgressPause pause;
    ColorSink::log(message);
  }
};

}  // namespace

bool takes_escapes(int fd) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

bool colors_on(int fd, When when) {
  if (when != When::automatic) return when == When::always;
  const char* no_color = std::getenv("NO_COLOR");
  return takes_escapes(fd) && (no_color == nullptr || *no_color == '\0');
}

void start_log(const RunSettings& settings) {
  const auto mode = colors_on(STDERR_FILENO, settings.color) ? spdlog::color_mode::always : spdlog::color_mode::never;
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("pipebench", std::make_shared<StderrSink>(mode)));
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<EscapedPayload>('*').set_pattern("pipebench: %^%l%$: %*");
  spdlog::set_formatter(std::move(formatter));
  spdlog::set_level(settings.quiet     ? spdlog::level::err
                    : settings.verbose ? spdlog::level::debug
                                       : spdlog::level::warn);
}

}  // namespace pipebench
