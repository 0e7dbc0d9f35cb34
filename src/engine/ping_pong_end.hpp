// One end of a ping-pong: its thread also has the other end of the way back.
#pragma once

#include <utility>

#include "engine/single_end.hpp"

namespace pipebench {

/// The writer's sends a message, waits for the answer, and so on, and times each round trip. The reader's takes a
/// message and answers it. The phase is over as for any other end: when the reader has the last byte, whose answer is
/// the last.
class PingPongEnd final : public SingleEnd {
 public:
  /// `back`: of the other role, with EndTask::answers.
  PingPongEnd(const Topology& topology, Stage& stage, EndTask task, EndTask back)
      : SingleEnd(topology, stage, std::move(task)) {
    add(std::move(back));
  }

 private:
  [[nodiscard]] EndWork& back() noexcept { return ends().back(); }

  void begin_phase(unsigned number) override;
  void move_bytes(unsigned number, Instruments* instruments) override;
  void send_and_await(const Link& there, ClockedTimes* times);
  void take_and_answer(const Link& there);
};

}  // namespace pipebench
