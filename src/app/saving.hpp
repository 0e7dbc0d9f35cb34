// Keeps what a run has measured safe while it goes on.
#pragma once

#include <cstdint>

#include "app/output.hpp"
#include "app/session.hpp"

namespace pipebench {

/// Writes the results to the files that can be read again after each round, with PlanRecord::complete false. Where
/// writing takes longer than a tenth of what was measured since, rounds are saved together, so that a long run does not
/// end up writing most of the time. A file that cannot be written is said once; the run goes on.
class Saving : public RunObserver {
 public:
  /// `document`: the one that is being measured. All must outlive this object.
  Saving(const Session& session, const Document& document, const Outputs& outputs)
      : session_(session), document_(document), outputs_(outputs) {}
  void after_round(unsigned round) override;

 private:
  const Session& session_;
  const Document& document_;
  const Outputs& outputs_;
  bool failed_ = false;
  std::uint64_t due_ns_ = 0;  // not before, on the monotonic clock
};

}  // namespace pipebench
