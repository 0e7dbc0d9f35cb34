// The command `doctor`: what on this machine makes results slow, noisy or impossible, and how to mend it.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "app/command.hpp"
#include "app/machine.hpp"
#include "app/output.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/system/huge_pages.hpp"

namespace pipebench {
namespace {

std::string subject_of(const Finding& finding) {
  if (!finding.about.empty()) return finding.about;
  return finding.figures.empty() ? "-" : finding.figures.front();
}

// What the probes of strategies found. A call that is refused keeps several from running, and is named once.
void add_refused_calls(std::vector<Finding>& findings, const Catalog& catalog) {
  struct Refused {
    std::string cause, reason, names;
  };
  std::vector<Refused> refused;
  for (const auto* infos : {&catalog.writers, &catalog.readers}) {
    for (const StrategyInfo& info : *infos) {
      if (info.outside || info.unavailable.empty()) continue;  // what stdin is says nothing about the machine
      const std::string name = fmt::format("{} {}", infos == &catalog.writers ? "writer" : "reader", info.name);
      const std::string& cause = info.unavailable_cause.empty() ? info.unavailable : info.unavailable_cause;
      const auto known = std::ranges::find(refused, cause, &Refused::cause);
      if (known == refused.end()) {
        refused.push_back({.cause = cause, .reason = info.unavailable, .names = name});
      } else {
        known->names += ", " + name;
      }
    }
  }
  for (const Refused& each : refused)
    findings.push_back({.severity = Severity::blocker,
                        .about = "system calls",
                        .what = each.reason,
                        .why = fmt::format("What cannot run: {}.", each.names)});
}

// ns that reading the clock takes; the least of several batches, which nothing disturbed.
double clock_read_ns() {
  constexpr unsigned reads = 1000;
  double least = std::numeric_limits<double>::max();
  for (int batch = 0; batch < 20; ++batch) {
    const std::uint64_t begin = monotonic_ns();
    for (unsigned i = 1; i < reads; ++i) (void)monotonic_ns();
    least = std::min(least, static_cast<double>(monotonic_ns() - begin) / reads);
  }
  return least;
}

void add_clock(std::vector<Finding>& findings) {
  constexpr double slow_ns = 100;  // more than a system call without work: it is not read in user space
  const double ns = clock_read_ns();
  if (ns < slow_ns) return;
  findings.push_back({.severity = Severity::warning,
                      .about = "clock",
                      .what = fmt::format("Reading the clock takes {:.0f} ns.", ns),
                      .why = "With --isolation none each turn is timed; that is subtracted, but not its disturbance."});
}

// Concerns cases that ask for them alone, which say so themselves: no warning for other runs.
void add_reserved_pages(std::vector<Finding>& findings) {
  for (const Pages pages : {Pages::m2, Pages::g1}) {
    auto finding = why_no_pages(pages);
    if (!finding) continue;
    finding->about = "huge pages";
    findings.push_back(std::move(*finding));
  }
}

// Worst first.
std::vector<Finding> diagnose(const Loaded& loaded) {
  std::vector<Finding> findings = host_record(loaded.machine).findings;
  add_refused_calls(findings, loaded.catalog);
  add_reserved_pages(findings);
  add_clock(findings);
  std::ranges::stable_sort(findings, std::ranges::greater{}, &Finding::severity);
  return findings;
}

Grid finding_grid(const std::vector<Finding>& findings) {
  Grid grid{.columns = {{.header = "how bad"}, {.header = "about"}, {.header = "what and why", .wrap = true}},
            .rows = {}};
  for (const Finding& finding : findings) {
    Finding shown = finding;
    shown.figures.clear();  // the first is in a column of its own
    grid.rows.push_back({std::string(name_of(finding.severity)), subject_of(finding), sentence_of(shown)});
  }
  return grid;
}

Grid finding_rows(const std::vector<Finding>& findings) {
  Grid grid;
  for (const char* header : {"severity", "about", "what", "why", "mend", "advice"})
    grid.columns.push_back({.header = header});
  for (const Finding& finding : findings)
    grid.rows.push_back({std::string(name_of(finding.severity)), subject_of(finding), finding.what, finding.why,
                         finding.mend, finding.advice});
  return grid;
}

std::string headline(const std::vector<Finding>& findings) {
  const auto with = [&](Severity severity) {
    return static_cast<std::uint64_t>(std::ranges::count(findings, severity, &Finding::severity));
  };
  return fmt::format("{}, {}, {}.", counted(with(Severity::blocker), "blocker"),
                     counted(with(Severity::warning), "warning"), counted(with(Severity::note), "note"));
}

std::string legend() {
  std::string text;
  for (const auto& severity : names<Severity>) text += fmt::format("{}: {}. ", severity.name, severity.summary);
  return text + "Commands are for the shell of root.";
}

int doctor(const Invocation& invocation, Loaded loaded) {
  const std::vector<Finding> findings = diagnose(loaded);
  print_listing({.data = {{"schema", "pipebench-doctor/1"}, {"findings", to_json(findings)}},
                 .headline = headline(findings),
                 .grids = {finding_grid(findings)},
                 .legend = legend(),
                 .rows = finding_rows(findings)},
                invocation);
  return 0;
}

}  // namespace

extern const Command command_doctor = {
    .name = "doctor",
    .summary = "what on this machine makes results slow, noisy or impossible, and how to mend it",
    .options = listing_options,
    .loads = Loads::strategies,
    .run = doctor,
};

}  // namespace pipebench
