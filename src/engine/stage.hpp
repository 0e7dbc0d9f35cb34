// What the threads of one sample share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/barrier.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/memory.hpp"

namespace pipebench {

/// What the two ends of one stream share.
struct StreamShare {
  Link warmup;
  Link measured;
  Exchange exchange;
  /// Here are the ends that have nothing more to do with the other's memory.
  Barrier farewell;
};

/// How far each stream's reader had come at one moment, which lies between the two times.
struct Mark {
  std::uint64_t from_ns = 0;
  std::uint64_t to_ns = 0;
  std::vector<std::uint64_t> consumed;
  [[nodiscard]] std::uint64_t ns() const noexcept { return from_ns + (to_ns - from_ns) / 2; }
};

/// What all threads of a sample look at besides the links of their streams.
struct Stage {
  explicit Stage(std::size_t stream_count);

  std::vector<std::unique_ptr<StreamShare>> streams;
  /// Where the warm-up begins, and the measurement.
  std::array<Barrier, 2> barriers;
  /// Where the measurement is over for all.
  Barrier ended;
  /// Phases that all ends have begun: 1 when the warm-up runs, 2 when the measurement does. The controller's clock
  /// starts by it.
  std::atomic<unsigned> phases_begun{0};
  std::uint64_t warmup_bytes = no_limit;
  std::uint64_t measured_bytes = no_limit;

  /// Ends of all streams.
  [[nodiscard]] std::uint32_t ends() const noexcept { return static_cast<std::uint32_t>(2 * streams.size()); }

  /// Called by each end when a phase begins (1 the warm-up, 2 the measurement), and by each reader when its measurement
  /// has ended: the last to begin the measurement and the first to end it leave a mark. Between the two, all streams
  /// ran.
  void note_begin(unsigned phase) noexcept;
  void note_end() noexcept;
  /// After all ends are done.
  [[nodiscard]] const Mark& all_begun() const noexcept { return all_begun_; }
  [[nodiscard]] const Mark& first_ended() const noexcept { return first_ended_; }

  /// What the ends' memory is made of, as it was when this was first called: reading it for each of many ends would
  /// take a time that grows with the square of their number.
  [[nodiscard]] const Smaps& smaps();

  /// Ends both phases.
  void abort() noexcept;
  /// Not all ends could be started: ends both phases, and nobody waits for the other end any more.
  void abandon() noexcept;
  [[nodiscard]] bool aborted() const noexcept { return streams.front()->measured.aborted(); }

 private:
  void leave(Mark& mark) noexcept;

  std::once_flag smaps_read_;
  std::optional<Smaps> smaps_;
  std::array<std::atomic<std::uint32_t>, 2> begun_{};
  std::atomic<bool> end_is_marked_{false};
  Mark all_begun_;
  Mark first_ended_;
};

}  // namespace pipebench
