// Who runs an end.
#pragma once

#include "engine/end_work.hpp"

namespace pipebench {

/// An end at work, from its construction on. Its owner aborts the stage before it goes, unless it is done.
class RunningEnd {
 public:
  virtual ~RunningEnd() = default;
  [[nodiscard]] virtual bool done() const noexcept = 0;
  /// Ends whatever call the end sleeps in. May come too early to catch it: repeat until done().
  virtual void kick() noexcept = 0;
  /// After done().
  [[nodiscard]] virtual const EndReport& report() const noexcept = 0;
};

}  // namespace pipebench
