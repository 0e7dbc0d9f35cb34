// Results for other people's tools: Google Benchmark's JSON, and OpenMetrics text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double page_bytes = 4096;

// A page of 4 KiB is an iteration. Without the CPU time, which its tools need, the key is left out.
Json iteration_of(const CaseResult& result, const Sample& sample, std::size_t index, std::size_t repetition,
                  std::size_t repetitions) {
  const double pages = static_cast<double>(sample.counted_bytes) / page_bytes;
  Json data{{"name", result.name},
            {"family_index", index},
            {"per_family_instance_index", 0},
            {"run_name", result.name},
            {"run_type", "iteration"},
            {"repetitions", repetitions},
            {"repetition_index", repetition},
            {"threads", 1},
            {"iterations", static_cast<std::uint64_t>(pages)},
            {"real_time", sample.turns_ns_per_page().value_or(sample.counted_seconds * 1e9 / pages)}};
  if (const auto cpu = cpu_seconds_of(sample)) data["cpu_time"] = *cpu * 1e9 / pages;
  data["time_unit"] = "ns";
  data["bytes_per_second"] = sample.gib_per_second() * bytes_per_gib;
  if (result.ceilings && result.ceilings->gib_per_second) {
    const double ceiling = *result.ceilings->gib_per_second * bytes_per_gib;
    data["ceiling_bytes_per_second"] = ceiling;
    data["ceiling_share"] = page_bytes * 1e9 / data["real_time"].get<double>() / ceiling;
  }
  return data;
}

// OpenMetrics: backslash, quote and line end are escaped.
std::string label_value(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
    } else {
      if (c == '\\' || c == '"') escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string labels_of(const CaseResult& result, std::string_view more = "") {
  const CaseSpec& spec = result.spec;
  return fmt::format("{{case=\"{}\",writer=\"{}\",reader=\"{}\",wait=\"{}\",pages=\"{}\"{}}}", label_value(result.name),
                     label_value(spec.writer), label_value(spec.reader), name_of(spec.wait), name_of(spec.pages), more);
}

/// A family of metrics: a line for each case that has the figure.
class Family {
 public:
  Family(std::string_view name, std::string_view unit, std::string_view help) : name_(name) {
    text_ = fmt::format("# TYPE {0} gauge\n", name);
    if (!unit.empty()) text_ += fmt::format("# UNIT {} {}\n", name, unit);
    text_ += fmt::format("# HELP {} {}\n", name, help);
  }
  void add(const std::string& labels, const std::optional<double>& value) {
    if (!value || !std::isfinite(*value)) return;
    text_ += fmt::format("{}{} {}\n", name_, labels, *value);
    any_ = true;
  }
  [[nodiscard]] std::string text() const { return any_ ? text_ : ""; }

 private:
  std::string name_;
  std::string text_;
  bool any_ = false;
};

std::optional<double> in_bytes(const std::optional<double>& gib) {
  return gib ? std::optional(*gib * bytes_per_gib) : gib;
}

std::string throughput(const Document& document) {
  Family family("pipebench_throughput_bytes_per_second", "bytes_per_second",
                "Median of the samples, and its 95 % interval.");
  for (const CaseResult* shown : measured_cases(document)) {
    const CaseResult& result = *shown;
    const Summary& summary = *result.summary;
    const bool sure = summary.ci_coverage >= 0.95;
    family.add(labels_of(result, ",statistic=\"median\""), in_bytes(summary.median_gib_per_second));
    if (!sure) continue;
    family.add(labels_of(result, ",statistic=\"ci95_low\""), in_bytes(summary.ci95_low));
    family.add(labels_of(result, ",statistic=\"ci95_high\""), in_bytes(summary.ci95_high));
  }
  return family.text();
}

std::string ceilings(const Document& document) {
  Family ceiling("pipebench_ceiling_bytes_per_second", "bytes_per_second", "What the case cannot exceed.");
  Family share("pipebench_ceiling_share_ratio", "ratio", "The case's speed relative to that.");
  for (const CaseResult* result : measured_cases(document)) {
    if (!result->ceilings || !result->ceilings->applies) continue;
    const std::string labels = labels_of(*result, fmt::format(",limit=\"{}\"", name_of(*result->ceilings->applies)));
    ceiling.add(labels, in_bytes(result->ceilings->gib_per_second));
    share.add(labels, result->ceilings->share);
  }
  return ceiling.text() + share.text();
}

std::string latencies(const Document& document) {
  Family latency(
      "pipebench_latency_seconds", "seconds",
      "How long 4 KiB stay in the pipe (--latency): percentiles of the samples, medians; quantile 1: the longest.");
  Family round_trip("pipebench_round_trip_seconds", "seconds",
                    "How long a message and its answer take (--message): likewise.");
  const auto add = [](Family& family, const CaseResult& result, const Percentiles& times) {
    using Figure = std::optional<double> Percentiles::*;
    for (const auto& [quantile, figure] : {std::pair<std::string_view, Figure>{"0.5", &Percentiles::p50_ns},
                                           {"0.9", &Percentiles::p90_ns},
                                           {"0.99", &Percentiles::p99_ns},
                                           {"0.999", &Percentiles::p999_ns},
                                           {"1", &Percentiles::max_ns}}) {
      if (const auto& ns = times.*figure)
        family.add(labels_of(result, fmt::format(",quantile=\"{}\"", quantile)), *ns * 1e-9);
    }
  };
  for (const CaseResult* result : measured_cases(document)) {
    add(latency, *result, result->summary->latency);
    add(round_trip, *result, result->summary->round_trip);
  }
  return latency.text() + round_trip.text();
}

std::string other_figures(const Document& document) {
  Family cpu("pipebench_cpu_seconds_per_byte", "", "CPU time of all threads for each byte.");
  Family price("pipebench_page_seconds", "seconds",
               "What an end's call costs for each 4 KiB, without waiting (isolation none); median.");
  Family samples("pipebench_samples", "", "Samples that the figures rest on.");
  Family stable("pipebench_stable", "", "1: nothing is known that makes the figure doubtful.");
  Family failed("pipebench_failed", "", "1: the case failed.");
  for (const CaseResult* shown : shown_cases(document)) {
    const CaseResult& result = *shown;
    const std::string labels = labels_of(result);
    if (result.status == Status::ok || result.status == Status::failed)
      failed.add(labels, result.status == Status::failed ? 1 : 0);
    if (!result.summary) continue;
    const Summary& summary = *result.summary;
    const auto in_seconds = [](const std::optional<double>& ns) { return ns ? std::optional(*ns * 1e-9) : ns; };
    if (summary.cpu_seconds_per_gib) cpu.add(labels, *summary.cpu_seconds_per_gib / bytes_per_gib);
    price.add(labels_of(result, ",end=\"writer\""), in_seconds(summary.writer_ns_per_page));
    price.add(labels_of(result, ",end=\"reader\""), in_seconds(summary.reader_ns_per_page));
    samples.add(labels, static_cast<double>(summary.n));
    stable.add(labels, summary.stable() ? 1 : 0);
  }
  return cpu.text() + price.text() + samples.text() + stable.text() + failed.text();
}

// As Google Benchmark means it: was the optimiser on? Empty where the flags of the build do not tell.
std::string_view build_type(const Tool& tool) {
  const auto has = [&](std::string_view flag) { return tool.flags.find(flag) != std::string::npos; };
  if (has("-O0") || has("-Og") || has("-fsanitize")) return "debug";
  return has("-O1") || has("-O2") || has("-O3") || has("-Os") ? "release" : "";
}

Json context_of(const Document& document) {
  Json context{{"date", document.plan.started}};
  if (document.host.hostname) context["host_name"] = *document.host.hostname;
  context["executable"] = "pipebench";
  if (const auto type = build_type(document.tool); !type.empty()) context["library_build_type"] = type;
  context["pipebench_version"] = document.tool.version;
  context["kernel"] = document.host.kernel;
  context["cpu_model"] = document.host.cpu_model;
  return context;
}

std::string info(const Document& document) {
  return fmt::format(
      "# TYPE pipebench_run_info gauge\n# HELP pipebench_run_info What measured, on what, and when.\n"
      "pipebench_run_info{{version=\"{}\",commit=\"{}\",kernel=\"{}\",cpu=\"{}\",started=\"{}\",complete=\"{}\"}} 1\n",
      label_value(document.tool.version), label_value(document.tool.commit), label_value(document.host.kernel),
      label_value(document.host.cpu_model), label_value(document.plan.started), document.plan.complete);
}

}  // namespace

std::string results_as_google_benchmark(const Document& document, const View&) {
  Json data;
  data["context"] = context_of(document);
  data["benchmarks"] = Json::array();
  const std::vector<const CaseResult*> cases = shown_cases(document);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::vector<Sample> samples = counted_samples(*cases[i]);
    for (std::size_t k = 0; k < samples.size(); ++k)
      data["benchmarks"].push_back(iteration_of(*cases[i], samples[k], i, k, samples.size()));
  }
  return data.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string results_as_openmetrics(const Document& document, const View&) {
  return info(document) + throughput(document) + ceilings(document) + latencies(document) + other_figures(document) +
         "# EOF\n";
}

}  // namespace pipebench
