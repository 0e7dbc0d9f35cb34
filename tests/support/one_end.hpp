// One end of a strategy of the registry, without threads: each call does what the pipe has room for.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {

class OneEnd {
 public:
  OneEnd(Role role, const CaseSpec& spec, std::span<const Pipe> returns = {})
      : spec_(spec),
        strategy_(*find_strategy(role, role == Role::writer ? spec.writer : spec.reader)),
        end_(strategy_.make({.spec = spec_,
                             .info = strategy_.info,
                             .exchange = {.returns = returns, .sent_from = sent_from_},
                             .reader = &find_strategy(Role::reader, spec.reader)->info})) {}

  /// Moves `bytes` through `pipe`; gives up, instead of waiting, when a call would block.
  Tally move(std::uint64_t bytes, int pipe) {
    Link link;
    link.control.stop.store(Stop::now);
    link.control.final_bytes.store(bytes);
    return end_->run({.link = link, .pipes = {&pipe, 1}, .byte_target = bytes});
  }
  [[nodiscard]] End& end() { return *end_; }

 private:
  const CaseSpec spec_;
  std::atomic<const std::byte*> sent_from_{nullptr};
  const StrategyDescriptor& strategy_;
  std::unique_ptr<End> end_;
};

}  // namespace pipebench
