// The table of results and its Markdown twin.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pipebench/base/printable.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/report/report.hpp"
#include "report/figures.hpp"
#include "report/sweep.hpp"

namespace pipebench {
namespace {

std::string or_dash(const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; }

// The first case that has a figure is what the others are compared with.
const CaseResult* first_measured(const Document& document) {
  const auto at = std::ranges::find_if(document.cases, [](const CaseResult& result) {
    return result.summary.has_value() && result.spec.writer != "null";
  });
  return at == document.cases.end() ? nullptr : &*at;
}

// What a figure must not be read without.
std::string marked_name(const CaseResult& result) {
  return fmt::format("{}{}{}{}", result.name, result.status == Status::failed ? " (failed)" : "",
                     result.traits.replay ? " (replay)" : "", result.traits.safe ? "" : " (unsafe)");
}

bool covers_95(const Summary& summary) { return summary.ci_coverage >= 0.95; }

// What is less than the column's title promises is said beside it, not rounded up to it.
std::string interval_text(const Summary& summary) {
  const std::string ends = fmt::format("{}-{}", three_digits(summary.ci95_low), three_digits(summary.ci95_high));
  return covers_95(summary) ? ends : fmt::format("{} ({:.0f}%)", ends, std::floor(100 * summary.ci_coverage));
}

std::vector<std::string> measured_row(const CaseResult& result, const CaseResult* first) {
  const Summary& summary = *result.summary;
  return {marked_name(result),
          three_digits(summary.median_gib_per_second) + (summary.stable() ? " " : "~"),
          interval_text(summary),
          three_digits(summary.ns_per_page),
          or_dash(summary.cpu_seconds_per_gib),
          first == nullptr ? "-" : three_digits(summary.median_gib_per_second / first->summary->median_gib_per_second),
          std::string(name_of(result.traits.touched))};
}

Grid measured_grid(const Document& document) {
  Grid grid{.columns = {{"case", false, true},
                        {"GiB/s", true},
                        {"95% interval", true},
                        {"ns/4KiB", true},
                        {"CPU-s/GiB", true},
                        {"x first", true},
                        {"touched"}},
            .rows = {}};
  const CaseResult* first = first_measured(document);
  for (const CaseResult& result : document.cases) {
    if (result.summary) grid.rows.push_back(measured_row(result, first));
  }
  return grid;
}

std::string cpu_text(const std::optional<int>& cpu) { return cpu ? std::to_string(*cpu) : "any"; }

std::string cpus_text(const Placement& placement) {
  return cpu_text(placement.writer_cpu) + "," + cpu_text(placement.reader_cpu);
}

Grid planned_grid(const Document& document) {
  Grid grid{.columns = {{"case", false, true},
                        {"writer"},
                        {"reader"},
                        {"wait"},
                        {"pages"},
                        {"buffers", true},
                        {"pipe", true},
                        {"cpus"},
                        {"sample"}},
            .rows = {}};
  for (const CaseResult& result : document.cases) {
    const CaseSpec& spec = result.spec;
    if (result.status != Status::planned) continue;
    grid.rows.push_back({result.name, std::string(spec.writer), std::string(spec.reader),
                         std::string(name_of(spec.wait)), std::string(name_of(spec.pages)),
                         fmt::format("{}x{}", spec.buffers, format_size(spec.buffer_bytes)),
                         format_size(*spec.pipe_bytes), cpus_text(spec.placement),
                         fmt::format("{} x {}", result.sampling.rounds,
                                     result.sampling.bytes ? format_size(*result.sampling.bytes)
                                                           : format_duration(result.sampling.time_seconds))});
  }
  return grid;
}

// "label: names: text" with the names of all cases that say the same, in order of first appearance.
class Remarks {
 public:
  // Of more names than `most_names`, two are said.
  explicit Remarks(std::size_t most_names) : most_names_(most_names) {}
  // A name that comes several times on end is said once.
  void add(const std::string& label, const std::string& name, const std::string& text) {
    const auto [at, is_new] = places_.try_emplace({label, text}, remarks_.size());
    if (is_new) remarks_.push_back({label, {}, text});
    std::vector<std::string>& names = remarks_[at->second].names;
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  [[nodiscard]] std::string as_text(unsigned width) const {
    std::string all;
    for (const Remark& remark : remarks_) all += wrap_text(sentence(remark), width, 2, remark.label + ": ");
    return all;
  }
  [[nodiscard]] std::string as_markdown() const {
    std::string all;
    for (const Remark& remark : remarks_) all += escaped(remark.label + ": " + sentence(remark)) + '\n';
    return all;
  }

 private:
  struct Remark {
    std::string label;
    std::vector<std::string> names;
    std::string text;
  };
  [[nodiscard]] std::string sentence(const Remark& remark) const {
    const std::vector<std::string>& names = remark.names;
    if (names.size() <= most_names_) return fmt::format("{}: {}", fmt::join(names, ", "), remark.text);
    return fmt::format("{}, {} and {} more: {}", names[0], names[1], names.size() - 2, remark.text);
  }
  std::size_t most_names_;
  std::vector<Remark> remarks_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;  // of a label and a text among them
};

std::string verdict_text(const Verification& verification) {
  const std::string_view how = !verification.zero_copy   ? ""
                               : *verification.zero_copy ? ", sent without a copy"
                                                         : ", copied when sent";
  return fmt::format("{}{}.{}", name_of(verification.outcome), how,
                     verification.reason.empty() ? "" : " " + verification.reason);
}

// Of a plan: what each stream is to send, where that is a number of bytes, and which CPUs they are to run on.
std::string stream_text(const CaseSpec& spec, const std::optional<std::uint64_t>& bytes) {
  constexpr std::size_t most = 8;
  const std::string streams =
      fmt::format("{} streams{}", spec.streams, bytes ? fmt::format(" of {} a sample each", format_size(*bytes)) : "");
  if (!spec.placement.relation) return streams + ", not pinned.";
  std::string places;
  for (std::size_t i = 0; i < std::min<std::size_t>(spec.streams, most); ++i)
    places += (i == 0 ? "" : "; ") + cpus_text(spec.placement_of(i));
  if (spec.streams > most) places += fmt::format("; and {} more", spec.streams - most);
  return fmt::format("{}, on {}.", streams, places);
}

std::string stream_text(const Summary& summary) {
  const auto [slowest, fastest] = std::ranges::minmax(summary.stream_gib_per_second);
  return fmt::format("{} streams of {} to {} GiB/s each; fairness {:.3f} (Jain's index, 1 when all are alike).",
                     summary.stream_gib_per_second.size(), three_digits(slowest), three_digits(fastest),
                     summary.fairness.value_or(1));
}

std::string memory_text(const Obtained& obtained) {
  std::string text;
  for (const auto& [role, nodes] :
       {std::pair{"writer", &obtained.writer_nodes}, std::pair{"reader", &obtained.reader_nodes}}) {
    if (nodes->empty()) continue;  // it has no buffers, or the kernel does not tell
    text += fmt::format("{}the {}'s buffers on node {}", text.empty() ? "" : ", ", role, fmt::join(*nodes, " and "));
  }
  return text.empty() ? "where it is, is not known." : text + ".";
}

bool is_dry_run(const Document& document) { return document.plan.finished.empty(); }

// Of a plan: what the case has that is not the default, that no column shows, and that its name does not say.
std::string options_text(const CaseResult& result) {
  constexpr std::array<std::string_view, 12> shown{"writer",       "reader",     "wait",        "pages",
                                                   "buffer_bytes", "buffers",    "streams",     "pipe_bytes",
                                                   "writer_cpu",   "reader_cpu", "stream_cpus", "relation"};
  static const nlohmann::ordered_json defaults = to_json(CaseResult{}).at("spec");
  const nlohmann::ordered_json spec = to_json(result).at("spec");
  std::string text;
  for (const auto& [key, value] : spec.items()) {
    if (value == defaults.at(key) || std::ranges::find(shown, key) != shown.end()) continue;
    std::string option = key;
    std::ranges::replace(option, '_', '-');
    if (std::ranges::any_of(result.varied, [&](const auto& varied) { return varied.first == option; })) continue;
    text += fmt::format("{}--{}", text.empty() ? "" : " ", option);
    if (!value.is_boolean()) text += " " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

// By sections: what differs within one is in the names of its cases.
Remarks planned_options(const Document& document) {
  Remarks remarks(document.cases.size());
  for (const CaseResult& result : document.cases) {
    const std::string options = is_dry_run(document) ? options_text(result) : "";
    if (!options.empty()) remarks.add("with", result.section.empty() ? "every case" : result.section, options);
  }
  return remarks;
}

Remarks collect_remarks(const Document& document) {
  Remarks remarks(3);
  for (const CaseResult& result : document.cases) {
    if (result.status == Status::failed) remarks.add("failed", result.name, result.reason);
    if (result.status == Status::skipped) remarks.add("skipped", result.name, result.reason);
    for (const std::string& note : result.notes) remarks.add("note", result.name, note);
    if (result.verify) remarks.add("verified", result.name, verdict_text(*result.verify));
    if (result.obtained && result.spec.membind != Membind::any)
      remarks.add("memory", result.name, memory_text(*result.obtained));
    if (result.status == Status::planned && result.spec.streams > 1)
      remarks.add("streams", result.name, stream_text(result.spec, result.sampling.bytes));
    if (!result.summary) continue;
    if (!result.summary->stream_gib_per_second.empty())
      remarks.add("streams", result.name, stream_text(*result.summary));
    for (const Doubt doubt : result.summary->doubts) remarks.add("~", result.name, std::string(summary_of(doubt)));
  }
  return remarks;
}

std::string host_line(const Document& document) {
  const Host& host = document.host;
  std::vector<std::string> machine;
  if (!host.kernel.empty()) machine.push_back("Linux " + host.kernel);
  if (!host.cpu_model.empty()) machine.push_back(host.cpu_model);
  if (machine.empty() && !host.topology.empty()) machine.push_back("A machine of " + host.topology);
  return fmt::format("{}{}{}{}; pipebench {}", fmt::join(machine, ", "),
                     host.hypervisor ? " in a VM (" + *host.hypervisor + ")" : "", machine.empty() ? "" : ", ",
                     document.plan.started, document.tool.version);
}

// How many samples the medians are of, and what an interval is worth that is marked. Empty when nothing was measured.
std::string samples_text(const Document& document) {
  std::vector<std::size_t> counts;
  bool all_cover = true;
  for (const CaseResult& result : document.cases) {
    if (!result.summary) continue;
    counts.push_back(result.summary->n);
    all_cover = all_cover && covers_95(*result.summary);
  }
  if (counts.empty()) return {};
  const auto [fewest, most] = std::ranges::minmax(counts);
  return fmt::format(
      "Medians of {}{} sample{}.{}", fewest == most ? "" : fmt::format("{} to ", fewest), most, most == 1 ? "" : "s",
      all_cover ? ""
                : " (N%): too few samples for 95 %; the interval holds the true median with a probability of N %.");
}

std::string legend(const Document& document) {
  std::string text = samples_text(document);
  if (text.empty()) return text;
  const auto any = [&](auto has) {
    return std::ranges::any_of(document.cases,
                               [&](const CaseResult& result) { return result.summary && has(result.traits); });
  };
  text += " ns/4KiB: time per 4 KiB page. CPU-s/GiB: of all threads.";
  if (const CaseResult* first = first_measured(document)) text += fmt::format(" x first: relative to {}.", first->name);
  text += " touched: whose CPU loads or stores every byte, in user space or in a kernel copy.";
  if (any([](const Traits& traits) { return traits.replay; }))
    text += " replay: the same bytes are sent again and again; they cannot be fresh.";
  if (any([](const Traits& traits) { return !traits.safe; }))
    text += " unsafe: a producer that rewrites its buffers would damage what the reader sees.";
  return text;
}

// How many cases of which status; of a long dry run, how many in all.
std::string counted(const Document& document) {
  if (document.cases.size() < document.plan.cases) {
    return fmt::format("{} cases, of which these are the first {}; --format json lists all", document.plan.cases,
                       document.cases.size());
  }
  std::array<std::size_t, names<Status>.size()> counts{};
  for (const CaseResult& result : document.cases) ++counts[static_cast<std::size_t>(result.status)];
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[i], names<Status>[i].name);
  }
  return text;
}

std::string totals(const Document& document) {
  const PlanRecord& plan = document.plan;
  const bool cut_short = !is_dry_run(document) && !plan.complete;
  const std::string duration =
      is_dry_run(document) && plan.estimated_seconds ? "; about " + format_roughly(*plan.estimated_seconds) : "";
  return fmt::format("{}; seed {}{}.{}", counted(document), plan.seed, duration,
                     cut_short ? " Interrupted: the figures rest on fewer samples than planned." : "");
}

}  // namespace

std::string results_as_table(const Document& document, const View& view) {
  const Grid grid = is_dry_run(document) ? planned_grid(document) : measured_grid(document);
  std::string text = grid.rows.empty() ? "" : grid_as_text(grid, view.width) + '\n';
  text += sweeps_as_text(document, view);
  text += planned_options(document).as_text(view.width) + collect_remarks(document).as_text(view.width);
  for (const std::string& line : {legend(document), host_line(document), totals(document)}) {
    if (!line.empty()) text += wrap_text(line, view.width, 0, "");
  }
  return text;
}

std::string results_as_markdown(const Document& document, const View&) {
  const Grid grid = is_dry_run(document) ? planned_grid(document) : measured_grid(document);
  std::string text = grid.rows.empty() ? "" : grid_as_markdown(grid) + '\n';
  for (const std::string& part :
       {sweeps_as_markdown(document), planned_options(document).as_markdown() + collect_remarks(document).as_markdown(),
        escaped(legend(document)), escaped(host_line(document)), totals(document)}) {
    if (!part.empty()) text += part + (part.ends_with('\n') ? "\n" : "\n\n");
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace pipebench
