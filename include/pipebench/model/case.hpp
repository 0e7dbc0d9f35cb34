// A case: one full choice of everything that can be chosen. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipebench/model/machine.hpp"

namespace pipebench {

/// One value of a finite option: what it is in the code, what people type, one line of what it is.
template <class E>
struct Named {
  E value;
  std::string_view name;
  std::string_view summary;
};

/// How an end waits when its call cannot proceed.
enum class Wait : std::uint8_t { block, poll, busy, busy_poll };
inline constexpr std::array<Named<Wait>, 4> wait_kinds{{
    {Wait::block, "block", "the call itself sleeps in the kernel"},
    {Wait::poll, "poll", "the call does not sleep; when it would, poll() sleeps"},
    {Wait::busy, "busy", "the call is repeated until it succeeds"},
    {Wait::busy_poll, "busy-poll", "the call is repeated when poll(), which takes no pipe lock, says so"},
}};

/// What kind of pages the buffers are made of.
enum class Pages : std::uint8_t { k4, thp };
inline constexpr std::array<Named<Pages>, 2> page_kinds{{
    {Pages::k4, "4k", "ordinary pages (huge pages are declined with MADV_NOHUGEPAGE)"},
    {Pages::thp, "thp", "transparent huge pages (asked for with MADV_HUGEPAGE)"},
}};

/// The name of an enumerator in its table.
template <class E, std::size_t N>
[[nodiscard]] constexpr std::string_view name_in(const std::array<Named<E>, N>& table, E value) {
  for (const auto& entry : table) {
    if (entry.value == value) return entry.name;
  }
  return "?";
}
[[nodiscard]] constexpr std::string_view name_of(Wait value) { return name_in(wait_kinds, value); }
[[nodiscard]] constexpr std::string_view name_of(Pages value) { return name_in(page_kinds, value); }

/// Where the two ends of one stream run. A missing CPU means: not pinned.
struct Placement {
  std::optional<int> writer_cpu;  ///< OS number
  std::optional<int> reader_cpu;  ///< OS number
  std::optional<Relation> relation;
};

/// What is measured. Every field is an option of `run`; units in the names.
struct CaseSpec {
  std::string_view writer;  ///< name in the registry, which outlives every case
  std::string_view reader;
  Wait wait = Wait::block;
  Pages pages = Pages::k4;
  std::uint64_t buffer_bytes = 0;
  std::uint32_t buffers = 0;                ///< how many the writer rotates through on each pipe
  std::optional<std::uint64_t> pipe_bytes;  ///< capacity asked for; empty until `auto` is resolved
  Placement placement;
  bool gift = false;
  bool contiguous = false;
  bool no_touch = false;
  bool lock = false;
};

/// How a case is sampled. Not part of what is measured.
struct Sampling {
  double time_seconds = 0.5;           ///< length of one sample, when `bytes` is empty
  std::optional<std::uint64_t> bytes;  ///< length of one sample in bytes
  double warmup_seconds = 0.1;
  double timeout_seconds = 10;  ///< a sample that moves nothing for this long is ended
  unsigned rounds = 10;
  bool strict = false;    ///< what was not obtained fails the case
  bool counters = true;   ///< per-thread counters that cost a system call outside the clock
};

}  // namespace pipebench
