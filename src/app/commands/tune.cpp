// The command `tune`: what `run` does, of which the cases that take the next sample are chosen by those before.
#include <algorithm>

#include "app/execute.hpp"
#include "app/tuning.hpp"

namespace pipebench {
namespace {

int tune(const Invocation& invocation, Loaded loaded) {
  const OptionTexts defaults = tune_defaults(invocation.options, loaded.catalog, loaded.machine);
  RunRequest request = read_request(with_overrides(defaults, invocation.options), {.config = ""});
  if (!request.settings.tuning) request.settings.tuning.emplace();
  if (const auto most = request.settings.tuning->max_memory_bytes)
    loaded.machine.available_bytes = std::min(loaded.machine.available_bytes, *most);
  return execute(std::move(request), std::move(loaded), invocation.typed);
}

}  // namespace

extern const Command command_tune = {
    .name = "tune",
    .summary = "finds the fastest way for given CPUs and needs, and shows it in C",
    .options = tune_options,
    .loads = Loads::strategies,
    .run = tune,
};

}  // namespace pipebench
