// The command `run`: options -> plan -> samples -> reports.
#include "app/execute.hpp"

namespace pipebench {
namespace {

int run(const Invocation& invocation, Loaded loaded) {
  return execute(read_request(invocation.options), std::move(loaded), invocation.typed);
}

}  // namespace

extern const Command command_run = {
    .name = "run",
    .summary = "measures; without options, the ladder of the article (the default command)",
    .options = run_options,
    .loads = Loads::strategies,
    .run = run,
};

}  // namespace pipebench
