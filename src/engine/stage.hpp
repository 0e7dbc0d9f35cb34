// What the ends of one sample share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "engine/barrier.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/conditions.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/shared_array.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {

/// Where the first writer and the first reader of a stream meet, so that they measure at once, and what they share
/// then.
struct HandoverMeeting {
  static constexpr std::uint32_t ends = 2;
  Barrier barrier;
  HandoverShare share;
};

/// What the ends of one stream share.
struct StreamShare {
  Link warmup;
  Link measured;
  /// Of the way back, in both phases, where each message is answered.
  std::array<Link, 2> answers;
  HandoverMeeting before;  ///< the measurement
  HandoverMeeting after;
  /// Ends wait here before they free memory that another end may look at.
  Barrier exit_barrier;
  /// How many ends have left the loops of a phase: the warm-up, the measurement.
  struct Through {
    std::atomic<std::uint32_t> writers{0};
    std::atomic<std::uint32_t> readers{0};
  };
  std::array<Through, 2> through;

  /// Of the warm-up (1) or the measurement (2).
  [[nodiscard]] Link& link(unsigned phase) noexcept { return phase == 1 ? warmup : measured; }
};

/// What each stream consists of. Ends of other programs do not count.
struct StreamShape {
  std::uint32_t writers = 1;
  std::uint32_t readers = 1;
  std::uint32_t runners = writers + readers;  ///< threads (or processes) that run these, and meet at its barriers
  /// Does an end of the pipe belong to several?
  [[nodiscard]] bool is_shared() const noexcept { return writers > 1 || readers > 1; }
  /// Is one end another program's?
  [[nodiscard]] bool has_outside() const noexcept { return ends() == 1; }
  [[nodiscard]] std::size_t ends() const noexcept { return std::size_t{writers} + readers; }
};

/// Bytes that an end had moved at the two snapshots.
struct EndSnapshots {
  std::uint64_t at_begin = 0;
  std::uint64_t at_end = 0;
};

/// When the counts of all streams were read: between the two times.
struct SnapshotTime {
  std::uint64_t from_ns = 0;
  std::uint64_t to_ns = 0;
  [[nodiscard]] std::uint64_t ns() const noexcept { return from_ns + (to_ns - from_ns) / 2; }
};

/// What all ends of a sample share, besides what the ends of each stream share.
struct StageShare {
  /// Before the warm-up, and before the measurement.
  std::array<Barrier, 2> barriers;
  /// After the measurement.
  Barrier ended;
  /// Phases that all runners have begun: 1 when the warm-up runs, 2 when the measurement does. Starts the controller's
  /// clock.
  std::atomic<unsigned> phases_begun{0};
  std::array<std::atomic<std::uint32_t>, 2> begun{};
  std::atomic<bool> one_has_ended{false};
  std::atomic<bool> aborted{false};
  SnapshotTime all_begun;
  SnapshotTime first_ended;
  /// Steal time of the watched CPUs since boot, in seconds, before and after the measurement. NaN: not known.
  std::atomic<double> steal_before{std::numeric_limits<double>::quiet_NaN()};
  std::atomic<double> steal_after{std::numeric_limits<double>::quiet_NaN()};
  /// CPU seconds of the kernel's workers in the measurement. Each process adds those of its own, which it alone can
  /// read, and how many runners it has; known when these are all.
  std::atomic<double> worker_seconds{0};
  std::atomic<std::uint32_t> runners_with_known_workers{0};
  std::atomic<std::uint32_t> runners_done{0};
  FutexWord all_done{0};  ///< the controller sleeps on it
};

/// StageShare, StreamShare and the ends' progress are flat, without pointers, and lie in memory that processes can
/// share. Each process has the rest for itself, as it was when the process began.
class Stage {
 public:
  /// Throws SystemError.
  explicit Stage(std::size_t stream_count, StreamShape shape = {});

  [[nodiscard]] StageShare& share() const noexcept { return share_.objects()[0]; }
  [[nodiscard]] std::span<StreamShare> streams() const noexcept { return streams_.objects(); }
  /// Runners of one stream, and of all streams.
  [[nodiscard]] std::uint32_t runners_of_stream() const noexcept { return shape_.runners; }
  [[nodiscard]] std::uint32_t runners() const noexcept {
    return static_cast<std::uint32_t>(shape_.runners * streams().size());
  }
  /// Where an end counts the bytes that it moves in a phase (1 the warm-up, 2 the measurement). `index`: among the ends
  /// of its role in its stream.
  [[nodiscard]] Link::Progress& progress(std::size_t stream, unsigned phase, Role role,
                                         std::size_t index) const noexcept;
  /// Bytes that the ends of one role have moved in a phase.
  [[nodiscard]] std::uint64_t moved(std::size_t stream, unsigned phase, Role role) const noexcept;
  /// Bytes that one end has moved between the two snapshots.
  [[nodiscard]] std::uint64_t moved_meanwhile(std::size_t stream, Role role, std::size_t index) const noexcept;
  /// Bytes that one of the writers sends in a phase: its share, in whole buffers but for the last.
  [[nodiscard]] std::uint64_t bytes_to_send(unsigned phase, std::size_t writer,
                                            std::uint64_t buffer_bytes) const noexcept;
  [[nodiscard]] const StreamShape& shape() const noexcept { return shape_; }
  /// Where a stream's writer has its buffers; null until they exist. Only for a reader in the same process.
  [[nodiscard]] std::atomic<const std::byte*>& sent_from(std::size_t stream) noexcept { return sent_from_[stream]; }
  /// Bytes that the writers of each stream send in the two phases; set before any runner starts.
  std::uint64_t warmup_bytes = no_limit;
  std::uint64_t measured_bytes = no_limit;
  /// Runners in this process; all, unless a process that runs fewer sets it before the first of them starts.
  std::uint32_t runners_here;
  /// Is the CPU time of the kernel's worker threads wanted? Set before any runner starts.
  bool counts_workers = false;
  /// Whose steal time is wanted: OS numbers, each once. Set before any runner starts.
  std::vector<int> watched_cpus = {};

  /// Each runner calls these before a phase (1 the warm-up, 2 the measurement) and after the measurement; they return
  /// when all have. The last runner of each process to come to the barriers around the measurement first reads what the
  /// kernel counts of the whole of it: the others of the process wait then. False: aborted.
  [[nodiscard]] bool meet(unsigned phase) noexcept;
  [[nodiscard]] bool gather_at_end() noexcept;
  /// CPU seconds of the workers in the measurement; empty: not known, or not wanted. After all runners are done.
  [[nodiscard]] std::optional<double> worker_seconds_used() const;
  /// Steal time of the watched CPUs in the measurement; empty: not known, or not wanted. After all runners are done.
  [[nodiscard]] std::optional<double> steal_seconds() const;

  /// Each runner calls note_begin() when it begins a phase (1 the warm-up, 2 the measurement), and note_end() for each
  /// end that has left the phase. The last runner to begin the measurement takes a snapshot, and another the first
  /// reader to end it, or, where several share an end of a pipe, the first of all ends: between the two, all ran.
  void note_begin(unsigned phase) noexcept;
  void note_end(std::size_t stream, unsigned phase, Role role) noexcept;
  /// Have all writers ended, and not all of several readers? None of them sees which byte is the last.
  [[nodiscard]] bool is_draining(std::size_t stream, unsigned phase) const noexcept;

  /// Each runner calls note_done() last; the last of them ends await_all_done(), which waits for at most `ns`.
  void note_done() noexcept;
  void await_all_done(std::uint64_t ns) const noexcept { futex_wait_for(share().all_done, 0, ns); }

  /// Read at the first call and kept: reading it for each end would take a time that grows with the square of their
  /// number.
  [[nodiscard]] const Smaps& smaps();

  /// Ends both phases.
  void abort() noexcept;
  /// Aborts, and releases the exit barriers, too: not all runners could be started.
  void abandon() noexcept;
  [[nodiscard]] bool aborted() const noexcept { return share().aborted.load(std::memory_order_acquire); }

 private:
  [[nodiscard]] bool is_last_here(std::atomic<std::uint32_t>& arrived) const noexcept;
  void read_steal(std::atomic<double>& reading) const noexcept;
  void read_before() noexcept;
  void read_after() noexcept;
  void take_snapshot(SnapshotTime& time, std::uint64_t EndSnapshots::*moved) noexcept;
  [[nodiscard]] EndSnapshots& snapshots(std::size_t stream, Role role, std::size_t index) const noexcept {
    return snapshots_.objects()[stream * shape_.ends() + (role == Role::writer ? 0 : shape_.writers) + index];
  }

  SharedArray<StageShare> share_;
  SharedArray<StreamShare> streams_;
  SharedArray<Link::Progress> further_progress_;  // of ends that are not the first of their role
  SharedArray<EndSnapshots> snapshots_;
  std::vector<std::atomic<const std::byte*>> sent_from_;
  StreamShape shape_;
  std::once_flag smaps_read_;
  std::optional<Smaps> smaps_;
  // Runners of this process that have come to the barriers before and after the measurement.
  std::atomic<std::uint32_t> here_before_{0};
  std::atomic<std::uint32_t> here_after_{0};
  std::optional<ProcessUsage> usage_before_;
};

}  // namespace pipebench
