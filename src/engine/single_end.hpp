// One end, whose thread runs no other.
#pragma once

#include <utility>

#include "engine/end_routine.hpp"

namespace pipebench {

class SingleEnd : public EndRoutine {
 public:
  SingleEnd(const Topology& topology, Stage& stage, EndTask task) : EndRoutine(topology, stage) {
    add(std::move(task));
  }

 protected:
  [[nodiscard]] EndWork& work() noexcept { return ends().front(); }

  void begin_phase(unsigned number) override;
  void move_bytes(unsigned number, Instruments* instruments) override;

 private:
  void measure() override;
  void record_usage(const ThreadUsage& used) override { work().record_usage(used); }
  void record_instruments(Instruments& instruments) override;
};

}  // namespace pipebench
