// Another program, whose pipe is standard input. What a thread would do is done there.
#include <stdexcept>

#include "pipebench/strategies/end.hpp"

namespace pipebench {
namespace {

std::unique_ptr<End> no_end(const EndSetup& /*setup*/) {
  throw std::logic_error("writer stdin is another program, and has no end here");
}

}  // namespace

extern const StrategyDescriptor writer_stdin = {
    .info = {.name = "stdin",
             .summary = "another program, whose pipe is standard input; how it writes is its own affair",
             .role = Role::writer,
             .uses = {.exec = true},
             .outside = true},
    .make = no_end,
};

}  // namespace pipebench
