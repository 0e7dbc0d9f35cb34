// What stands below the figures: data that each format renders in its own way. A pure function of the document.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/base/named.hpp"
#include "pipebench/model/results.hpp"

namespace pipebench {

/// What a remark is about. A remark begins with the name of its kind.
enum class RemarkKind : std::uint8_t {
  alike,
  options,
  failed,
  skipped,
  note,
  verified,
  memory,
  streams,
  threads,
  budget,
  precision,
  set_aside,
  missing,
  doubt
};
template <>
inline constexpr std::array<Named<RemarkKind>, 14> names<RemarkKind>{{
    {RemarkKind::alike, "every case", "what a plan's table has no column for, as all cases are alike"},
    {RemarkKind::options, "with", "options of planned cases that are not at their defaults and have no column"},
    {RemarkKind::failed, "failed", "why"},
    {RemarkKind::skipped, "skipped", "why"},
    {RemarkKind::note, "note", "something worth knowing about a case"},
    {RemarkKind::verified, "verified", "what verification found"},
    {RemarkKind::memory, "memory", "where bound memory is"},
    {RemarkKind::streams, "streams", "the single streams"},
    {RemarkKind::threads, "threads", "the single threads that share an end of a pipe"},
    {RemarkKind::budget, "rounds", "how many a plan's cases may take, or cases that have fewer than they should"},
    {RemarkKind::precision, "precision", "cases that did not become as precise as they should have"},
    {RemarkKind::set_aside, "set aside", "samples that were taken under other conditions than most"},
    {RemarkKind::missing, "missing", "why a profile lacks samples or names of functions, and what to do"},
    {RemarkKind::doubt, "~", "why a figure should not be taken as it is, and what to do"},
}};

struct Remark {
  RemarkKind kind;
  std::vector<std::string> names;  ///< of the cases that it is about (for options: sections); empty: of all
  std::string text;
};

/// Headers and marks of a table that need explaining.
enum class Term : std::uint8_t {
  coverage,
  ns_per_page,
  cpu_seconds,
  x_first,
  x_base,
  prices,
  equal,
  no_interval,
  turns,
  sum,
  touched,
  replay,
  no_pipe,
  unsafe,
  fairness,
  latency,
  round_trip,
  ceiling,
  copies,
  slots,
};
template <>
inline constexpr std::array<Named<Term>, 20> names<Term>{{
    {Term::coverage, "(N%)", "too few samples for 95 %; the interval holds the true median with a probability of N %."},
    {Term::ns_per_page, "ns/4KiB", "time per 4 KiB page."},
    {Term::cpu_seconds, "CPU-s/GiB", "of all threads."},
    {Term::x_first, "x first", "the ratio to the baseline, which is the first case that moves bytes."},
    {Term::x_base, "x base", "the ratio to the baseline, which --baseline names."},
    {Term::prices, "of prices", "above 1 costs more."},
    {Term::equal, "=", "indistinguishable from 1: the interval contains 1."},
    {Term::no_interval, "?", "no interval yet, as fewer than 6 rounds have both."},
    {Term::turns, "ns", "per 4 KiB; both ends take turns in one thread and never wait; median over turns."},
    {Term::sum, "sum ns", "both added up in each sample; the median of these sums."},
    {Term::touched, "touched", "whose CPU loads or stores every byte, in user space or in a kernel copy."},
    {Term::replay, "replay", "the same bytes are sent again and again; they cannot be fresh."},
    {Term::no_pipe, "no pipe", "another kind of channel, to compare with: a socket pair, or a ring in shared memory."},
    {Term::unsafe, "unsafe", "a producer that rewrites its buffers would damage what the reader sees."},
    {Term::fairness, "fairness", "Jain's index, 1 when all streams are equally fast."},
    {Term::latency, "in the pipe",
     "from the beginning of the writer's call that sent the last byte of 4 KiB to the end of the reader's that took "
     "it, less what reading the clock takes (clock_ns); percentiles of each sample, of which the median, and the "
     "longest of all (max)."},
    {Term::round_trip, "there and back",
     "round trips of messages through two pipes, less what reading the clock takes (clock_ns); percentiles of each "
     "sample, of which the median, and the longest of all (max)."},
    {Term::ceiling, "ceiling", "GiB/s that the case cannot exceed, by its limit."},
    {Term::copies, "copies", "of each byte, made one after the other, as fast as one core copies memory."},
    {Term::slots, "slots",
     "ns per 4 KiB page of writer and reader alone: one pipe lets them in by turns, but for entering and leaving the "
     "kernel; of several pipes the slower end decides. Ends that share a CPU always take turns."},
}};

/// The header of the ratios in the table of this document.
[[nodiscard]] Term ratio_term(const Document& document);

/// Of a table of measured cases.
struct Legend {
  std::size_t fewest_samples = 0, most_samples = 0;  ///< of any case
  bool has_intervals = false;                        ///< of the figures; prices have none
  std::string baseline;                              ///< name of the case that the others are relative to; may be empty
  std::vector<Term> terms;                           ///< those that the table has
};

struct Totals {
  std::array<std::size_t, names<Status>.size()> with_status{};  ///< number of cases
  std::size_t listed = 0;                                       ///< cases of the document
  std::size_t planned = 0;     ///< cases of the plan, of which a long dry run lists the first
  std::size_t cut_short = 0;   ///< those of the planned cases that have some of their rounds
  std::size_t unmeasured = 0;  ///< those of which a run has no sample that counts
  std::uint64_t seed = 0;
  std::optional<double> estimated_seconds = {};  ///< of a dry run in which something is measured
  std::optional<double> longest_seconds = {};    ///< likewise, where the estimate is open
  bool interrupted = false;
};

struct Footer {
  std::vector<Remark> remarks;   ///< sorted by kind; cases with the same remark share it
  std::optional<Legend> legend;  ///< empty when nothing was measured
  Totals totals;
};
[[nodiscard]] Footer footer_of(const Document& document);
[[nodiscard]] Totals totals_of(const Document& document);

/// Which rounds cases lack after a run: "2 cut short, 1 not measured"; empty where they have all.
[[nodiscard]] std::string lacking_text(const Totals& totals);

}  // namespace pipebench
