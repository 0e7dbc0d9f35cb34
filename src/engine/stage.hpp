// What the ends of one sample share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "engine/barrier.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/shared_array.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {

/// What the ends of one stream share.
struct StreamShare {
  Link warmup;
  Link measured;
  /// Where the writer's buffers begin, once they are there.
  std::atomic<const std::byte*> sent_from{nullptr};
  /// Here are the ends that have nothing more to do with the other's memory.
  Barrier farewell;
  /// What the reader had taken at the two marks.
  std::uint64_t consumed_at_begin = 0;
  std::uint64_t consumed_at_end = 0;
};

/// A moment, which lies between the two times.
struct Mark {
  std::uint64_t from_ns = 0;
  std::uint64_t to_ns = 0;
  [[nodiscard]] std::uint64_t ns() const noexcept { return from_ns + (to_ns - from_ns) / 2; }
};

/// What all ends of a sample share besides the shares of their streams.
struct StageShare {
  /// Where the warm-up begins, and the measurement.
  std::array<Barrier, 2> barriers;
  /// Where the measurement is over for all.
  Barrier ended;
  /// Phases that all ends have begun: 1 when the warm-up runs, 2 when the measurement does. The controller's clock
  /// starts by it.
  std::atomic<unsigned> phases_begun{0};
  std::array<std::atomic<std::uint32_t>, 2> begun{};
  std::atomic<bool> end_is_marked{false};
  Mark all_begun;
  Mark first_ended;
  std::atomic<std::uint32_t> ends_done{0};
  FutexWord all_done{0};  // who waits for the ends, sleeps on this
};

/// The shares lie in memory that processes can share; the rest is each process's own.
class Stage {
 public:
  /// Throws SystemError. `ends`: of each stream.
  explicit Stage(std::size_t stream_count, std::uint32_t ends_of_stream = 2);

  [[nodiscard]] StageShare& share() const noexcept { return share_.objects()[0]; }
  [[nodiscard]] std::span<StreamShare> streams() const noexcept { return streams_.objects(); }
  /// Ends of one stream, and of all.
  [[nodiscard]] std::uint32_t ends_of_stream() const noexcept { return ends_of_stream_; }
  [[nodiscard]] std::uint32_t ends() const noexcept {
    return static_cast<std::uint32_t>(ends_of_stream_ * streams().size());
  }
  /// Bytes that each stream moves in the two phases; set before the ends start.
  std::uint64_t warmup_bytes = no_limit;
  std::uint64_t measured_bytes = no_limit;
  /// Do threads of the kernel work for the ends, and is what they use wanted? Set before the ends start.
  bool counts_workers = false;

  /// Called by each end before a phase (1 the warm-up, 2 the measurement), and after the measurement: returns when all
  /// are there. What workers have used is read meanwhile, when they have nothing to do. False: given up.
  [[nodiscard]] bool meet(unsigned phase) noexcept;
  [[nodiscard]] bool gather_at_end() noexcept;
  /// CPU seconds of the workers in the measurement; empty: not known, or not wanted. After all ends are done.
  [[nodiscard]] std::optional<double> worker_seconds_used() const;

  /// Called by each end when a phase begins (1 the warm-up, 2 the measurement), and by each reader when its measurement
  /// has ended: the last to begin the measurement and the first to end it leave a mark. Between the two, all streams
  /// ran.
  void note_begin(unsigned phase) noexcept;
  void note_end() noexcept;

  /// Called by each end when nothing more is to come from it: the last wakes who waits for all, for at most `ns`.
  void note_done() noexcept;
  void await_all_done(std::uint64_t ns) const noexcept { futex_wait_for(share().all_done, 0, ns); }

  /// What the ends' memory is made of, as it was when this was first called: reading it for each of many ends would
  /// take a time that grows with the square of their number.
  [[nodiscard]] const Smaps& smaps();

  /// Ends both phases.
  void abort() noexcept;
  /// Not all ends could be started: ends both phases, and nobody waits for the other end any more.
  void abandon() noexcept;
  [[nodiscard]] bool aborted() const noexcept { return streams().front().measured.aborted(); }

 private:
  void read_usage(std::optional<ProcessUsage>& usage) const noexcept;
  void leave(Mark& mark, std::uint64_t StreamShare::*consumed) noexcept;

  SharedArray<StageShare> share_;
  SharedArray<StreamShare> streams_;
  std::uint32_t ends_of_stream_;
  std::once_flag smaps_read_;
  std::optional<Smaps> smaps_;
  std::optional<ProcessUsage> usage_before_, usage_after_;
};

}  // namespace pipebench
