// One pipebench at a time on a CPU: noticing others that measure there, by a lock that goes with its process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipebench/base/unique_fd.hpp"

namespace pipebench {

/// A process that measures.
struct LockHolder {
  std::optional<int> pid = {};        ///< empty where it is not visible from this PID namespace, or could not be asked
  std::optional<unsigned> user = {};  ///< its user ID; empty where it could not be asked
  std::string command = {};           ///< its command line, escaped; empty when it is not known
  /// Of one that announced itself: what it calls itself, which tells it from others whatever is known of its process.
  /// Empty else: those that hold CPUs and cannot be told apart are one LockHolder.
  std::string mark = {};
  std::vector<int> cpus = {};  ///< on which of the CPUs in question, ascending
};

struct LockAttempt;

/// Room for more descriptors: the process's limit (RLIMIT_NOFILE, getrlimit(2)) is higher by so many as long as this
/// exists, as far as it may be. Throws SystemError (EMFILE) where it may not, and so many would be missed elsewhere.
class DescriptorRoom {
 public:
  explicit DescriptorRoom(std::size_t count);
  DescriptorRoom(DescriptorRoom&& other) noexcept : added_(std::exchange(other.added_, 0)) {}
  DescriptorRoom& operator=(DescriptorRoom&& other) noexcept {
    std::swap(added_, other.added_);
    return *this;
  }
  ~DescriptorRoom();

 private:
  std::uint64_t added_ = 0;
};

/// Holds CPUs until its destruction, or the end of its process, whatever ends it. It does not keep others from using
/// them: it only shows that they are being measured on.
///
/// The lock of a CPU is a socket that is bound to an abstract name, unix(7). A lock file would have to lie in a folder
/// that is world-writable, where others may plant links and files (fs.protected_regular, fs.protected_symlinks)
/// and cleaners may remove it under its holders; where temporary folders are private it would not be seen. A name has
/// no owner, no permissions and no remains, and the kernel says who holds it. Limits: a network namespace has names of
/// its own, so other containers are not seen; any process may take a name, which costs others a warning; a child
/// process that does not call execve(2) holds what its parent did.
class MeasuringLock {
 public:
  /// Names begin with this; tests have their own.
  static constexpr std::string_view usual_family = "pipebench/measuring";

  /// Takes these CPUs (OS numbers, any order), all or none, without waiting. Throws SystemError when sockets of this
  /// kind cannot be had (EAFNOSUPPORT, EPERM), or not so many (EMFILE: it takes one descriptor a CPU, which
  /// DescriptorRoom adds). Asking a holder for its process takes one of the 4096 places (somaxconn) in its queue, so
  /// only wait_for() tries again.
  [[nodiscard]] static LockAttempt try_take(std::span<const int> cpus, std::string_view family = usual_family);

  /// The same without asking the holders for their processes.
  [[nodiscard]] static std::optional<MeasuringLock> take_if_free(std::span<const int> cpus,
                                                                 std::string_view family = usual_family);

  /// try_take() again and again until all are free, for at most so many seconds (0: once), or until `interrupt` is not
  /// 0; looks at both every 50 ms.
  [[nodiscard]] static LockAttempt wait_for(std::span<const int> cpus, double seconds,
                                            const std::atomic<int>& interrupt, std::string_view family = usual_family);

  /// Tells the holders of these CPUs that this process measures on them all the same. `mark` is its own, always the
  /// same, of 1 to 64 bytes. Takes a place in the queue of each; does nothing where that is full. Throws SystemError as
  /// try_take() does.
  static void announce(std::span<const int> cpus, std::string_view mark, std::string_view family = usual_family);

  /// The processes that announced themselves since the last call; they may have ended since then.
  [[nodiscard]] std::vector<LockHolder> newcomers() const;

 private:
  MeasuringLock(DescriptorRoom room, std::span<const int> cpus, std::vector<UniqueFd> sockets)
      : room_(std::move(room)), cpus_(cpus.begin(), cpus.end()), sockets_(std::move(sockets)) {}
  DescriptorRoom room_;
  std::vector<int> cpus_;
  std::vector<UniqueFd> sockets_;  ///< one for each of those
};

/// Either a lock, or the holders of CPUs that were wanted (at least one).
struct LockAttempt {
  std::optional<MeasuringLock> lock = {};
  std::vector<LockHolder> holders = {};
};

}  // namespace pipebench
