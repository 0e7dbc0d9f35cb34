// The command `profile`: what `run` does, with samples of where both ends spend their time.
#include <spdlog/spdlog.h>

#include "app/execute.hpp"
#include "app/log.hpp"

namespace pipebench {
namespace {

// Unless a config or the command line gives a number: there is no interval to become precise.
void give_up_goals(RunSettings& settings) {
  if (!settings.goals.any()) return;
  start_log(settings);
  spdlog::warn("The config asks for precision, budget or steady; a profile takes its rounds, whatever they show.");
  settings.goals = {};
}

int profile(const Invocation& invocation, Loaded loaded) {
  RunRequest request = read_request(invocation.options, {.config = "", .options = profile_defaults()});
  give_up_goals(request.settings);
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
