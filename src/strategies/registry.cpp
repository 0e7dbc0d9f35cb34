#include "pipebench/strategies/registry.hpp"

#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

std::vector<StrategyInfo> probe_all(std::span<const StrategyDescriptor* const> strategies) {
  std::vector<StrategyInfo> infos;
  for (const StrategyDescriptor* strategy : strategies) {
    infos.push_back(strategy->info);
    infos.back().unavailable = strategy->probe();
  }
  return infos;
}

}  // namespace

const StrategyDescriptor* find_strategy(Role role, std::string_view name) {
  for (const StrategyDescriptor* strategy : role == Role::writer ? all_writers() : all_readers()) {
    if (strategy->info.name == name) return strategy;
  }
  return nullptr;
}

Catalog probe_catalog() {
  return {.writers = probe_all(all_writers()), .readers = probe_all(all_readers()), .no_gift = why_no_gift()};
}

}  // namespace pipebench
