// The values of --cpus.
#pragma once

#include "pipebench/plan/axes.hpp"

namespace pipebench {

std::vector<std::string> expand_cpus(std::string_view text, std::string_view origin, const PlanContext& context);
void apply_cpus(CaseSpec& spec, const std::string& value, const PlanContext& context);

/// Values of --cpus for both ends on one CPU, the writer's; each once.
InTurns on_one_cpu(const std::vector<std::string>& values, const PlanContext& context);

}  // namespace pipebench
