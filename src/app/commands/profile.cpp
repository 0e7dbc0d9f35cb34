// The command `profile`: what `run` does, with samples of where both ends spend their time.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/execute.hpp"
#include "app/log.hpp"

namespace pipebench {
namespace {

void warn_of_ignored(const RunRequest& request) {
  if (request.ignored.empty()) return;
  start_log(request.settings);
  spdlog::warn("A profile has no use for --{}, and ignores it.", fmt::join(request.ignored, " and --"));
}

int profile(const Invocation& invocation, Loaded loaded) {
  RunRequest request =
      read_request(invocation.options, {.config = "", .options = profile_defaults(), .ignored = not_of_profiles});
  warn_of_ignored(request);
  return execute(std::move(request), std::move(loaded), invocation.typed);
}

}  // namespace

extern const Command command_profile = {
    .name = "profile",
    .summary =
        "what the two ends spend their time on, by kind of work and by kernel function; without options, "
        "of vmsplice and splice",
    .options = profile_options,
    .loads = Loads::strategies,
    .run = profile,
};

}  // namespace pipebench
