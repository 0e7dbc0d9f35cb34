// Both ends of a stream in one thread, turn by turn.
#pragma once

#include <utility>

#include "engine/end_routine.hpp"

namespace pipebench {

/// A turn of the writer, a turn of the reader, and so on, each of them timed. Nobody waits, so what is measured is the
/// price of the calls alone. What getrusage(2) counts is of both ends together, so their counters lack it: it is in
/// the writer's report.
class EndPair final : public EndRoutine {
 public:
  /// The tasks are of one stream, whose pipes do not block, and are run on the writer's CPU. `stage` must expect one
  /// runner a stream.
  EndPair(const Topology& topology, Stage& stage, EndTask writer, EndTask reader) : EndRoutine(topology, stage) {
    add(std::move(writer));
    add(std::move(reader));
  }

 private:
  [[nodiscard]] EndWork& writer() noexcept { return ends().front(); }
  [[nodiscard]] EndWork& reader() noexcept { return ends().back(); }

  void begin_phase(unsigned number) override;
  void move_bytes(unsigned number, Instruments* instruments) override;
  void record_usage(const ThreadUsage& used) override { writer().report().used = used; }
  void record_instruments(Instruments& instruments) override;
  void take_turns(Instruments* instruments);
};

}  // namespace pipebench
