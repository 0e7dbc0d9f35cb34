// What each command does. Arguments are as parsed; `raw` as typed, for the record. Returns the exit code.
#pragma once

#include <string>
#include <vector>

#include "app/options.hpp"

namespace pipebench {

int run_command(const Layer& arguments, const std::vector<std::string>& raw);
int list_command(const Layer& arguments, const std::vector<std::string>& raw);
int topology_command(const Layer& arguments, const std::vector<std::string>& raw);

}  // namespace pipebench
