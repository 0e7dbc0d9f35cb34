#include "pipebench/analysis/ceilings.hpp"

#include <algorithm>
#include <unordered_map>

#include "pipebench/analysis/sweep.hpp"

namespace pipebench {
namespace {

constexpr double page_bytes = 4096;

double gib_per_second(double ns_per_page) { return page_bytes * 1e9 / ns_per_page / (1024.0 * 1024.0 * 1024.0); }

std::optional<double> speed_of(const CaseResult& result) {
  const Summary& summary = *result.summary;
  if (!result.spec.takes_turns()) return summary.median_gib_per_second;
  if (!summary.turns_ns_per_page) return std::nullopt;
  return gib_per_second(*summary.turns_ns_per_page);
}

// Entering and leaving the kernel, per page.
double entry_ns_per_page(const EndFigures& end, const Ceilings& ceilings) {
  if (!end.bytes_per_call || *end.bytes_per_call <= 0) return 0;
  return ceilings.system_call_ns.value_or(0) * page_bytes / *end.bytes_per_call;
}

std::optional<double> copies_limit(const Ceilings& ceilings) {
  if (!ceilings.copy_gib_per_second) return std::nullopt;
  return *ceilings.copy_gib_per_second * ceilings.copies_at_once / ceilings.serial_copies;
}

// Of one stream, whose threads have a CPU each.
double ns_per_page_of_stream(double writer, double reader, const Ceilings& ceilings, const Summary& alone,
                             const CaseSpec& spec) {
  const double slower = std::max(writer / spec.writer_threads, reader / spec.reader_threads);
  if (spec.stripe > 1) return slower;
  const double entries = entry_ns_per_page(alone.writer, ceilings) + entry_ns_per_page(alone.reader, ceilings);
  return std::max(slower, writer + reader - entries);
}

std::optional<double> slots_limit(const Ceilings& ceilings, const Summary& alone, const CaseSpec& spec) {
  const double writer = alone.writer_ns_per_page.value_or(0);
  const double reader = alone.reader_ns_per_page.value_or(0);
  if (!alone.writer_ns_per_page || !alone.reader_ns_per_page || std::max(writer, reader) <= 0) return std::nullopt;
  return gib_per_second(
      std::max({ns_per_page_of_stream(writer, reader, ceilings, alone, spec) / spec.streams,
                writer / ceilings.writer_cpus, reader / ceilings.reader_cpus, (writer + reader) / ceilings.cpus}));
}

void apply(const CaseResult& result, const Summary* alone, Ceilings& ceilings) {
  std::optional<double> limit;
  if (ceilings.serial_copies > 0) {
    limit = copies_limit(ceilings);
    ceilings.applies = limit ? std::optional(Ceiling::copies) : std::nullopt;
  } else if (alone != nullptr && !result.spec.takes_turns()) {
    limit = slots_limit(ceilings, *alone, result.spec);
    ceilings.applies = limit ? std::optional(Ceiling::slots) : std::nullopt;
  }
  if (!limit) return;
  ceilings.gib_per_second = limit;
  if (const auto speed = speed_of(result)) ceilings.share = *speed / *ceilings.gib_per_second;
}

}  // namespace

void apply_ceilings(Document& document) {
  std::unordered_map<std::string_view, const Summary*> summaries;
  for (const CaseResult& result : document.cases)
    if (result.summary) summaries.emplace(result.name, &*result.summary);
  const auto summary_of_case = [&](const std::string& name) -> const Summary* {
    const auto at = summaries.find(name);
    return at == summaries.end() ? nullptr : at->second;
  };
  for (CaseResult& result : document.cases) {
    if (!result.ceilings || !result.summary) continue;
    Ceilings& ceilings = *result.ceilings;
    ceilings.handover_ns = median_handover(result);
    const Summary* alone = summary_of_case(ceilings.alone_case);
    if (alone != nullptr) {
      ceilings.alone_writer_ns_per_page = alone->writer_ns_per_page;
      ceilings.alone_reader_ns_per_page = alone->reader_ns_per_page;
    }
    if (const Summary* null = summary_of_case(ceilings.null_case))
      ceilings.null_gib_per_second = null->median_gib_per_second;
    apply(result, alone, ceilings);
  }
}

std::string_view why_above(Ceiling ceiling) {
  if (ceiling == Ceiling::copies)
    return "It is above its ceiling: the kernel copied faster than memcpy(3) does in user space.";
  return "It is above its ceiling: part of what the calls do alone lies outside the pipe's lock, and two threads do "
         "that at the same time.";
}

}  // namespace pipebench
