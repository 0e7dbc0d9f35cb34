// A case: one full choice of everything that can be chosen. Plain data.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/named.hpp"
#include "pipebench/model/machine.hpp"

namespace pipebench {

/// How an end waits when its call cannot proceed.
enum class Wait : std::uint8_t { block, poll, busy, busy_poll, credit };
template <>
inline constexpr std::array<Named<Wait>, 5> names<Wait>{{
    {Wait::block, "block", "the call itself sleeps in the kernel"},
    {Wait::poll, "poll", "the call does not sleep; when it would, poll() sleeps"},
    {Wait::busy, "busy", "the call is repeated until it succeeds"},
    {Wait::busy_poll, "busy-poll", "the call is repeated when poll(), which takes no pipe lock, says so"},
    {Wait::credit, "credit",
     "the ends count bytes in two shared counters, which say when a buffer may be reused and a call tried again"},
}};

/// What kind of pages the buffers are made of.
enum class Pages : std::uint8_t { k4, thp, m2, g1, skb };
template <>
inline constexpr std::array<Named<Pages>, 5> names<Pages>{{
    {Pages::k4, "4k", "ordinary pages, of 4 KiB on most machines (huge ones are declined with MADV_NOHUGEPAGE)"},
    {Pages::thp, "thp", "transparent huge pages (asked for with MADV_HUGEPAGE)"},
    {Pages::m2, "2m", "reserved huge pages of 2 MiB (hugetlb)"},
    {Pages::g1, "1g", "reserved huge pages of 1 GiB (hugetlb)"},
    {Pages::skb, "skb",
     "32 KiB kernel pages out of a socket, one pipe slot each; for writers that need no user mapping"},
}};

/// What the producer does with a buffer before it sends it.
enum class Payload : std::uint8_t { fixed, stamped, fresh };
template <>
inline constexpr std::array<Named<Payload>, 3> names<Payload>{{
    {Payload::fixed, "static", "the same bytes every time"},
    {Payload::stamped, "stamped", "a new number is written into each 4 KiB before each send"},
    {Payload::fresh, "fresh", "every byte is rewritten before each send"},
}};

/// What the consumer does with the bytes.
enum class Consume : std::uint8_t { none, checksum };
template <>
inline constexpr std::array<Named<Consume>, 2> names<Consume>{{
    {Consume::none, "none", "nothing"},
    {Consume::checksum, "checksum", "every byte is loaded and added up"},
}};

/// Which NUMA nodes the kernel is to take the memory of a stream from.
enum class Membind : std::uint8_t { any, writer, reader, node, interleave };
template <>
inline constexpr std::array<Named<Membind>, 5> names<Membind>{{
    {Membind::any, "any", "where the kernel likes: next to the thread that touches it first"},
    {Membind::writer, "writer", "on the NUMA node of the writer's CPU"},
    {Membind::reader, "reader", "on the NUMA node of the reader's CPU"},
    {Membind::node, "node:N", "on the NUMA node N (OS number)"},
    {Membind::interleave, "interleave", "page by page over all NUMA nodes"},
}};

/// What the two ends of a stream have of their own.
enum class Isolation : std::uint8_t { threads, processes, none };
template <>
inline constexpr std::array<Named<Isolation>, 3> names<Isolation>{{
    {Isolation::threads, "threads", "each end has a thread of its own"},
    {Isolation::processes, "processes",
     "each end has a process of its own: no shared address space, no shared table of files"},
    {Isolation::none, "none",
     "both ends in one thread, turn by turn: what each call costs, without waiting or hand-over"},
}};

/// What bytes go through. All but pipes are there to compare with.
enum class Transport : std::uint8_t { pipe, socketpair, shared_memory };
template <>
inline constexpr std::array<Named<Transport>, 3> names<Transport>{{
    {Transport::pipe, "pipe", "a pipe"},
    {Transport::socketpair, "socketpair", "no pipe, but two AF_UNIX stream sockets that are connected"},
    {Transport::shared_memory, "shared memory", "no pipe, but a ring in memory that both ends map"},
}};

/// Bytes of one page of this kind; skb: of an ordinary one, as user space cannot map it.
[[nodiscard]] constexpr std::uint64_t page_bytes_of(Pages pages, const PageSizes& sizes) {
  if (pages == Pages::thp) return sizes.thp;
  if (pages == Pages::m2) return std::uint64_t{2} << 20U;
  if (pages == Pages::g1) return std::uint64_t{1} << 30U;
  return sizes.base;
}

/// Are these reserved huge pages?
[[nodiscard]] constexpr bool is_hugetlb(Pages pages) { return pages == Pages::m2 || pages == Pages::g1; }

/// What buffers turned out to be made of.
enum class ObtainedPages : std::uint8_t { k4, k16, k64, thp, m2, g1, skb, mixed, untouched, unknown };
template <>
inline constexpr std::array<Named<ObtainedPages>, 10> names<ObtainedPages>{{
    {ObtainedPages::k4, "4k", "ordinary pages"},
    {ObtainedPages::k16, "16k", "ordinary pages of some arm64 machines"},
    {ObtainedPages::k64, "64k", "likewise"},
    {ObtainedPages::thp, "thp", "transparent huge pages"},
    {ObtainedPages::m2, "2m", "reserved huge pages of 2 MiB"},
    {ObtainedPages::g1, "1g", "reserved huge pages of 1 GiB"},
    {ObtainedPages::skb, "skb", "every slot of the pipe came out at 32 KiB"},
    {ObtainedPages::mixed, "mixed", "only some are of the kind that was asked for, as memory was too fragmented"},
    {ObtainedPages::untouched, "not touched", "there are none yet"},
    {ObtainedPages::unknown, "unknown", "the kernel does not tell"},
}};

/// Pages of this size, ordinary or reserved.
[[nodiscard]] constexpr ObtainedPages pages_of_size(std::uint64_t bytes) {
  switch (bytes) {
    case std::uint64_t{4} << 10U:
      return ObtainedPages::k4;
    case std::uint64_t{16} << 10U:
      return ObtainedPages::k16;
    case std::uint64_t{64} << 10U:
      return ObtainedPages::k64;
    case std::uint64_t{2} << 20U:
      return ObtainedPages::m2;
    case std::uint64_t{1} << 30U:
      return ObtainedPages::g1;
    default:
      return ObtainedPages::unknown;
  }
}

/// What pages of this kind are called when they were obtained: ordinary ones by their size, which need not be 4 KiB.
[[nodiscard]] constexpr ObtainedPages when_obtained(Pages pages, const PageSizes& sizes) {
  if (pages == Pages::thp) return ObtainedPages::thp;
  if (pages == Pages::skb) return ObtainedPages::skb;
  return pages_of_size(page_bytes_of(pages, sizes));
}

/// Bytes that one slot of a pipe holds: an ordinary page, but for skb pages.
[[nodiscard]] constexpr std::uint64_t slot_bytes(Pages pages, const PageSizes& sizes) {
  return pages == Pages::skb ? 32768 : sizes.base;
}

/// The capacity in bytes that the kernel grants when so much is asked for: whole pages, a power of two of them, at
/// least one (round_pipe_size in fs/pipe.c).
[[nodiscard]] constexpr std::uint64_t granted_pipe_bytes(std::uint64_t bytes, const PageSizes& sizes) {
  return std::bit_ceil(std::max(bytes, sizes.base));
}

/// Where the two ends of one stream run. A missing CPU means: not pinned.
struct Placement {
  std::optional<int> writer_cpu;  ///< OS number
  std::optional<int> reader_cpu;  ///< OS number
  std::optional<Relation> relation;
  std::optional<int> memory_node = {};  ///< OS number of the NUMA node that the stream's memory is bound to
  bool operator==(const Placement&) const = default;
};

/// What is measured. Fields are options of `run`; units in the names.
struct CaseSpec {
  std::string writer;  ///< a strategy's name
  std::string reader;
  Wait wait = Wait::block;  ///< with Isolation::none always `busy`: calls that do not block
  Pages pages = Pages::k4;
  std::uint64_t buffer_bytes = 0;
  std::uint32_t buffers = 0;                ///< how many the writer rotates through on each pipe
  std::optional<std::uint64_t> pipe_bytes;  ///< capacity that the kernel grants; empty until `auto` is resolved
  Placement placement;                      ///< of the first stream
  std::uint32_t streams = 1;                ///< independent pairs of threads, each with its own pipes, side by side
  std::vector<Placement> further_placements = {};  ///< of the other threads and streams, stream by stream
  std::uint32_t stripe = 1;                        ///< pipes used in turn, buffer by buffer
  /// Threads (or processes) at each end of a stream's one pipe.
  std::uint32_t writer_threads = 1;
  std::uint32_t reader_threads = 1;
  Membind membind = Membind::any;
  std::optional<int> membind_node = {};  ///< OS number, with Membind::node
  Payload payload = Payload::fixed;
  Consume consume = Consume::none;
  bool gift = false;
  bool contiguous = false;
  bool no_touch = false;
  bool lock = false;
  Isolation isolation = Isolation::threads;
  std::string exec = {};    ///< the command that is started as writer `stdin` or reader `stdout`; empty: it is there
  std::uint32_t depth = 1;  ///< io_uring: buffers under way at once
  bool sqpoll = false;      ///< io_uring: a kernel thread takes requests
  bool registered = false;  ///< io_uring: files and buffers are registered
  bool latency = false;     ///< how long each 4 KiB stays in the pipe is measured, too
  /// The reader sends each message of so many bytes, which is a buffer, back through a second pipe, and the writer
  /// waits for that; empty: nothing comes back.
  std::optional<std::uint64_t> message_bytes = {};
  bool operator==(const CaseSpec&) const = default;

  /// Pairs of CPUs that a stream runs on: as many as it has threads at the end that has more.
  [[nodiscard]] std::uint32_t pairs_of_stream() const { return std::max(writer_threads, reader_threads); }
  [[nodiscard]] bool shares_pipes() const { return pairs_of_stream() > 1; }
  /// Where the thread `index` at either end of a stream runs; of an end with fewer threads it has no CPU.
  [[nodiscard]] const Placement& placement_of(std::size_t stream, std::size_t index = 0) const {
    return placement_at(stream * pairs_of_stream() + index);
  }
  /// The same, stream by stream.
  [[nodiscard]] const Placement& placement_at(std::size_t pair) const {
    return pair == 0 ? placement : further_placements[pair - 1];
  }
  [[nodiscard]] std::size_t placement_count() const { return further_placements.size() + 1; }
  /// Is the other program started for each sample, so that samples can be repeated?
  [[nodiscard]] bool starts_program() const { return !exec.empty(); }
  /// Do both ends run in one thread, turn by turn?
  [[nodiscard]] bool takes_turns() const { return isolation == Isolation::none; }
  /// Does the reader answer each buffer, and the writer wait for the answer?
  [[nodiscard]] bool is_ping_pong() const { return message_bytes.has_value(); }
  /// May an end sleep in the kernel while it waits?
  [[nodiscard]] bool may_sleep() const { return !takes_turns() && (wait == Wait::block || wait == Wait::poll); }
  /// Buffers of all stripes together.
  [[nodiscard]] std::uint64_t total_buffers() const { return std::uint64_t{buffers} * stripe; }
  /// Bytes that one pipe holds when all its slots are full.
  [[nodiscard]] std::uint64_t pipe_payload_bytes(const PageSizes& sizes) const {
    return *pipe_bytes / sizes.base * slot_bytes(pages, sizes);
  }
};

inline constexpr std::string_view node_prefix = "node:";

/// The value of --membind as it is typed.
[[nodiscard]] inline std::string membind_text(const CaseSpec& spec) {
  if (spec.membind == Membind::node) return std::string(node_prefix) + std::to_string(*spec.membind_node);
  return std::string(name_of(spec.membind));
}

/// The other way round; false, and nothing set, for what is no such value.
[[nodiscard]] bool set_membind(CaseSpec& spec, std::string_view text);

/// How a case is sampled. Not part of what is measured.
struct Sampling {
  double time_seconds = 0.5;           ///< length of one sample, when `bytes` is empty
  std::optional<std::uint64_t> bytes;  ///< length of one sample in bytes of each stream
  double warmup_seconds = 0.1;
  double timeout_seconds = 10;  ///< a sample that moves nothing for this long is ended
  unsigned rounds = 10;
  bool strict = false;   ///< what was not obtained fails the case
  bool verify = false;   ///< prove what arrives before timing
  bool counters = true;  ///< per-thread counters that cost a system call outside the clock
  /// Count hardware events in every sample. Open events are switched with their thread, at every context switch
  /// (perf_event_task_sched_out() in kernel/events/core.c), so a case whose ends may sleep has a sample of its own for
  /// them.
  bool hardware_events = false;
  /// Samples of call chains a second that are taken of each thread while it is measured; empty: none.
  std::optional<std::uint64_t> profile_hz = {};
  bool conditions = true;  ///< measure, outside the clock, under which conditions each sample is taken
  /// Another program has an end, and no byte comes twice: there is one sample, without a warm-up.
  bool once = false;
  bool to_end_of_input = false;  ///< neither time nor `bytes` end the sample, but the other program does

  /// Is the CPU time of the ends recorded? Shares of a profile are of it, so a profile needs it in any case.
  [[nodiscard]] bool has_cpu_time() const { return counters || profile_hz.has_value(); }
};

}  // namespace pipebench
