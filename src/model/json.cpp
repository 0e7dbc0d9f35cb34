#include "pipebench/model/json.hpp"

#include <cmath>

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no NaN and no infinity.
[[nodiscard]] Json figure(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
[[nodiscard]] Json figure(const std::optional<double>& value) { return value ? figure(*value) : Json(nullptr); }

template <class T>
[[nodiscard]] Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// For texts where empty means "not known" or "does not apply".
[[nodiscard]] Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

[[nodiscard]] Json to_json(const Tool& tool) {
  return {
      {"version", tool.version},
      {"commit", or_null(tool.commit)},
      {"compiler", tool.compiler},
      {"flags", tool.flags},
  };
}

[[nodiscard]] Json to_json(const Host& host) {
  return {
      {"kernel", or_null(host.kernel)},
      {"cpu_model", or_null(host.cpu_model)},
      {"hypervisor", or_null(host.hypervisor)},
      {"topology", or_null(host.topology)},
      {"page_size_bytes", host.page_size_bytes},
      {"thp", or_null(host.thp)},
      {"pipe_max_size_bytes", or_null(host.pipe_max_size_bytes)},
      {"psi", or_null(host.psi)},
      {"mitigations", or_null(host.mitigations)},
      {"governor", or_null(host.governor)},
      {"load_average", or_null(host.load_average)},
      {"warnings", host.warnings},
  };
}

[[nodiscard]] Json to_json(const PlanRecord& plan) {
  return {
      {"seed", plan.seed},
      {"order", plan.order},
      {"rounds", plan.rounds},
      {"time_seconds", figure(plan.time_seconds)},
      {"bytes", or_null(plan.bytes)},
      {"cases", plan.cases},
      {"estimated_seconds", figure(plan.estimated_seconds)},
      {"arguments", plan.arguments},
      {"started", or_null(plan.started)},
      {"finished", or_null(plan.finished)},
      {"complete", plan.complete},
  };
}

/// The node that holds all of something; null when there are several, or none.
[[nodiscard]] Json only_node(const std::vector<int>& nodes) {
  return nodes.size() == 1 ? Json(nodes[0]) : Json(nullptr);
}

/// [writer's CPU, reader's CPU] of each stream.
[[nodiscard]] Json stream_cpus(const CaseSpec& spec) {
  Json cpus = Json::array();
  for (std::size_t i = 0; i < spec.further_placements.size() + 1; ++i) {
    const Placement& placement = spec.placement_of(i);
    cpus.push_back(Json::array({or_null(placement.writer_cpu), or_null(placement.reader_cpu)}));
  }
  return cpus;
}

[[nodiscard]] Json to_json(const CaseSpec& spec) {
  const Placement& placement = spec.placement;
  return {
      {"writer", spec.writer},
      {"reader", spec.reader},
      {"wait", name_of(spec.wait)},
      {"pages", name_of(spec.pages)},
      {"buffer_bytes", spec.buffer_bytes},
      {"buffers", spec.buffers},
      {"pipe_bytes", or_null(spec.pipe_bytes)},
      {"writer_cpu", or_null(placement.writer_cpu)},
      {"reader_cpu", or_null(placement.reader_cpu)},
      {"relation", placement.relation ? Json(name_of(*placement.relation)) : Json(nullptr)},
      {"streams", spec.streams},
      {"stream_cpus", stream_cpus(spec)},
      {"stripe", spec.stripe},
      // Not options yet: what every case does today, so that files of today and of later versions compare.
      {"writer_threads", 1},
      {"reader_threads", 1},
      {"isolation", "threads"},
      // Options again.
      {"membind", membind_text(spec)},
      {"payload", name_of(spec.payload)},
      {"consume", name_of(spec.consume)},
      {"gift", spec.gift},
      {"contiguous", spec.contiguous},
      {"no_touch", spec.no_touch},
      {"lock", spec.lock},
  };
}

[[nodiscard]] Json to_json(const Sampling& sampling) {
  return {
      {"time_seconds", sampling.bytes ? Json(nullptr) : figure(sampling.time_seconds)},
      {"bytes", or_null(sampling.bytes)},
      {"warmup_seconds", figure(sampling.warmup_seconds)},
      {"rounds", sampling.rounds},
      {"timeout_seconds", figure(sampling.timeout_seconds)},
  };
}

[[nodiscard]] Json to_json(const Obtained& obtained) {
  return {
      {"pipe_bytes", or_null(obtained.pipe_bytes)},      {"pages", or_null(obtained.pages)},
      {"writer_node", only_node(obtained.writer_nodes)}, {"reader_node", only_node(obtained.reader_nodes)},
      {"writer_nodes", obtained.writer_nodes},           {"reader_nodes", obtained.reader_nodes},
  };
}

[[nodiscard]] Json to_json(const Traits& traits) {
  return {
      {"copies", traits.copies},
      {"payload", traits.replay ? "replay" : "fresh"},
      {"touched", name_of(traits.touched)},
      {"safe", traits.safe},
  };
}

[[nodiscard]] Json to_json(const Verification& verification) {
  return {
      {"outcome", verification.outcome},
      {"reason", or_null(verification.reason)},
      {"zero_copy", or_null(verification.zero_copy)},
      {"bytes", verification.bytes},
      {"offset", or_null(verification.offset)},
      {"expected", or_null(verification.expected)},
      {"found", or_null(verification.found)},
  };
}

[[nodiscard]] Json to_json(const EndCounters& end) {
  return {
      {"calls", end.calls},
      {"short_calls", end.short_calls},
      {"would_block", end.would_block},
      {"waits", end.waits},
      {"user_seconds", figure(end.user_seconds)},
      {"system_seconds", figure(end.system_seconds)},
      {"voluntary_switches", or_null(end.voluntary_switches)},
      {"involuntary_switches", or_null(end.involuntary_switches)},
      {"minor_faults", or_null(end.minor_faults)},
      {"migrations", or_null(end.migrations)},
      {"cycles", or_null(end.cycles)},
      {"instructions", or_null(end.instructions)},
      {"cache_misses", or_null(end.cache_misses)},
      {"dtlb_misses", or_null(end.dtlb_misses)},
  };
}

/// Null for a single stream, whose speed is the sample's.
[[nodiscard]] Json stream_speeds(const Sample& sample) {
  if (sample.stream_bytes.empty()) return nullptr;
  Json speeds = Json::array();
  for (const std::uint64_t bytes : sample.stream_bytes) speeds.push_back(figure(sample.speed_of(bytes)));
  return speeds;
}

[[nodiscard]] Json to_json(const Sample& sample) {
  return {
      {"round", sample.round},
      {"bytes", sample.bytes},
      {"seconds", figure(sample.seconds)},
      {"gib_per_second", figure(sample.gib_per_second())},
      {"stream_gib_per_second", stream_speeds(sample)},
      {"writer", to_json(sample.writer)},
      {"reader", to_json(sample.reader)},
  };
}

[[nodiscard]] Json to_json(const std::vector<Sample>& samples) {
  Json array = Json::array();
  for (const Sample& sample : samples) array.push_back(to_json(sample));
  return array;
}

[[nodiscard]] Json to_json(const Summary& summary) {
  return {
      {"n", summary.n},
      {"median_gib_per_second", figure(summary.median_gib_per_second)},
      {"ci95_low", figure(summary.ci95_low)},
      {"ci95_high", figure(summary.ci95_high)},
      {"ci_coverage", figure(summary.ci_coverage)},
      {"mad", figure(summary.mad)},
      {"min", figure(summary.min)},
      {"max", figure(summary.max)},
      {"outliers", summary.outliers},
      {"ns_per_page", figure(summary.ns_per_page)},
      {"cpu_seconds_per_gib", figure(summary.cpu_seconds_per_gib)},
      {"stream_gib_per_second",
       summary.stream_gib_per_second.empty() ? Json(nullptr) : Json(summary.stream_gib_per_second)},
      {"fairness", figure(summary.fairness)},
      {"stable", summary.stable},
      {"advice", summary.advice},
  };
}

}  // namespace

nlohmann::ordered_json to_json(const CaseResult& result) {
  return {
      {"name", result.name},
      {"section", or_null(result.section)},
      {"spec", to_json(result.spec)},
      {"sampling", to_json(result.sampling)},
      {"status", name_of(result.status)},
      {"reason", or_null(result.reason)},
      {"obtained", result.obtained ? to_json(*result.obtained) : Json(nullptr)},
      {"traits", to_json(result.traits)},
      {"verify", result.verify ? to_json(*result.verify) : Json(nullptr)},
      {"samples", to_json(result.samples)},
      {"summary", result.summary ? to_json(*result.summary) : Json(nullptr)},
      {"notes", result.notes},
  };
}

nlohmann::ordered_json to_json(const Document& document) {
  Json cases = Json::array();
  for (const CaseResult& result : document.cases) cases.push_back(to_json(result));
  return {
      {"schema", schema},
      {"tool", to_json(document.tool)},
      {"host", to_json(document.host)},
      {"plan", to_json(document.plan)},
      {"cases", std::move(cases)},
  };
}

}  // namespace pipebench
