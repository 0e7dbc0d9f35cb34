#include "app/session.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <limits>

#include "app/estimate.hpp"
#include "app/goals.hpp"
#include "app/interrupt.hpp"
#include "app/machine.hpp"
#include "app/others.hpp"
#include "app/output.hpp"
#include "app/tuning.hpp"
#include "app/version.hpp"
#include "pipebench/analysis/ceilings.hpp"
#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/precision.hpp"
#include "pipebench/analysis/profile.hpp"
#include "pipebench/analysis/steady.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/engine/ceilings.hpp"
#include "pipebench/plan/rules.hpp"

namespace pipebench {
namespace {

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

// A value of the sampling that all cases share, or nothing.
template <class Value>
std::optional<Value> common(const std::vector<CaseResult>& cases, const auto& value_of) {
  std::optional<Value> first;
  for (const CaseResult& result : cases) {
    const std::optional<Value> value = value_of(result.sampling);
    if (!value || (first && *first != *value)) return std::nullopt;
    first = value;
  }
  return first;
}

PlanRecord record_plan(const RunSettings& settings, const std::vector<CaseResult>& cases, std::size_t all,
                       const std::vector<std::string>& typed) {
  PlanRecord record;
  record.cases = all;
  record.goals = settings.goals;
  record.tuning = settings.tuning;
  record.seed = *settings.seed;
  if (settings.baseline) record.baseline = trim(settings.baseline->text);
  record.order = settings.order;
  record.arguments = typed;
  record.started = utc_now();
  for (const CaseResult& result : cases) record.rounds = std::max(record.rounds, result.sampling.rounds);
  record.time_seconds = common<double>(cases, [](const Sampling& sampling) {
    return sampling.bytes || sampling.to_end_of_input ? std::nullopt : std::optional(sampling.time_seconds);
  });
  record.bytes = common<std::uint64_t>(cases, [](const Sampling& sampling) { return sampling.bytes; });
  return record;
}

// A thread that runs both ends cannot tell whose events they were; of ends that may sleep, they are counted apart,
// unless there is but one sample.
void count_where_nothing_sleeps(std::span<CaseResult> cases) {
  for (CaseResult& result : cases)
    result.sampling.hardware_events =
        result.sampling.counters && !result.spec.takes_turns() && (result.sampling.once || !result.spec.may_sleep());
}

// What spoils the figures goes into the host's findings, and into the notes of each case.
void mark(Document& document, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    document.host.findings.push_back(finding);
    if (finding.severity < Severity::warning) continue;
    for (CaseResult& result : document.cases) {
      if (!result.samples.empty()) result.notes.push_back(finding.what);
    }
  }
}

// Before the rounds and after them: what one core can do is what it does in the better moment.
std::vector<Finding> measure_cores(Document& document, const Topology& topology) {
  if (!document.plan.ceilings) return {};
  return measure_core_ceilings(document.cases, topology, interrupt_signal());
}

// For Operations::next. What is done after the rounds counts as time that they have taken.
NextCases next_cases(Document& document, const Operations& operations) {
  const double afterwards = document.plan.ceilings ? estimated_core_ceilings_seconds(document.cases) : 0;
  const auto seconds = [began = monotonic_ns(), afterwards] {
    return static_cast<double>(monotonic_ns() - began) * 1e-9 + afterwards;
  };
  if (document.plan.tuning) return search_through(document, seconds);
  return cases_until(document.plan, seconds, static_cast<bool>(operations.count));
}

// What the samples come to. The last round may have been interrupted, after which nothing was set aside yet; an
// interrupt while events were counted leaves the figures as they are.
void conclude(Document& document, const Loaded& loaded, RunEnd end) {
  document.plan.complete = end != RunEnd::without_rounds;
  if (document.plan.goals.steady) set_aside_others(document.cases);
  if (document.plan.tuning) end_search(document, loaded.catalog, loaded.machine.page_sizes);
  settle(document.cases, document.plan);
  summarize(document);
  summarize_profiles(document, loaded.catalog);
  apply_ceilings(document);
  for (const Shortfall& missed : missed_precision(document))
    document.plan.imprecise.push_back(document.cases[missed.index].name);
  document.plan.complete = end == RunEnd::complete;
}

/// Logs the result of each sample.
class SampleLog : public RunObserver {
 public:
  void after_sample(const CaseResult& result, const Progress&) override {
    const Sample& sample = result.samples.back();
    spdlog::debug("round {}: {}, {:.2f} GiB/s", sample.round, result.name, sample.gib_per_second());
  }
};

/// Looks after each round whether another pipebench has come.
class OthersWatch : public RunObserver {
 public:
  explicit OthersWatch(CpuClaim& claim) : claim_(claim) {}
  void after_round(unsigned) override { claim_.look_again(); }

 private:
  CpuClaim& claim_;
};

}  // namespace

Session::Session(RunRequest request, Loaded loaded, std::vector<std::string> typed)
    : request_(std::move(request)), loaded_(std::move(loaded)), typed_(std::move(typed)) {
  if (!loaded_.machine.is_this_machine && !settings().dry_run) {
    throw UsageError(
        "--topology: threads cannot be pinned to a machine that is not there; add --dry-run to plan for it.");
  }
  if (settings().reserve_huge && !settings().dry_run) reserve_huge_pages();
  if (loaded_.machine.is_this_machine) count_huge_pages(loaded_.machine, settings().dry_run && settings().reserve_huge);
  plan_ = std::make_unique<Plan>(request_.groups, context());
  if (settings().baseline) plan_->check_name(*settings().baseline);
  if (plan_->once()) prepare_once();
}

void Session::prepare_once() {
  const RunGoals& goals = settings().goals;
  if (goals.any()) {
    throw UsageError(
        fmt::format("{}: it takes as many rounds as it needs, and what another program sends or takes (stdin, "
                    "stdout) comes once.",
                    goals.precision        ? "--precision"
                    : goals.budget_seconds ? "--budget"
                                           : "--steady"));
  }
  if (settings().dry_run) return;
  const CaseSpec spec = plan_->at(*plan_->once()).spec;
  const auto info_of = [](const std::vector<StrategyInfo>& infos, const std::string& name) {
    return *std::ranges::find(infos, name, &StrategyInfo::name);
  };
  const StrategyInfo writer = info_of(loaded_.catalog.writers, spec.writer);
  const StrategyInfo reader = info_of(loaded_.catalog.readers, spec.reader);
  for (const StrategyInfo& info : {writer, reader}) {
    if (info.outside && !info.unavailable.empty())
      throw UsageError(fmt::format("--{} {}: {}", name_of(info.role), info.name, info.unavailable));
  }
  if (reader.outside) data_ = take_stdout();
}

PlanContext Session::context() const {
  return {.catalog = loaded_.catalog,
          .machine = loaded_.machine,
          .pairs_per_relation = settings().pairs_per_relation,
          .seed = *settings().seed,
          .oversubscribe = settings().oversubscribe};
}

// As many as the neediest case takes: cases run one after the other.
void Session::reserve_huge_pages() {
  handle_interrupts();  // from here on there is something to give back
  Machine generous = loaded_.machine;
  generous.free_huge_2m = generous.free_huge_1g = std::numeric_limits<std::uint64_t>::max();
  PlanContext unlimited = context();
  const Plan plan(request_.groups, {.catalog = unlimited.catalog,
                                    .machine = generous,
                                    .pairs_per_relation = unlimited.pairs_per_relation,
                                    .seed = unlimited.seed,
                                    .oversubscribe = unlimited.oversubscribe});
  std::uint64_t most_2m = 0;
  std::uint64_t most_1g = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const CaseResult result = plan.at(i);
    if (result.status != Status::planned) continue;
    std::uint64_t& most = result.spec.pages == Pages::m2 ? most_2m : most_1g;
    most = std::max(most, plan.huge_pages_needed(result.spec));
  }
  loaded_.machine.no_more_huge_2m = reserve(HugeSize::m2, most_2m);
  loaded_.machine.no_more_huge_1g = reserve(HugeSize::g1, most_1g);
}

std::string Session::reserve(HugeSize size, std::uint64_t pages) try {
  reservation_.ensure(size, pages);
  return "--reserve-huge got no more: the kernel found no memory for them.";
} catch (const SystemError& error) {
  spdlog::warn("--reserve-huge: {}. Cases that need these pages are left out.", error.what());
  return fmt::format("--reserve-huge could not reserve them: {}.", error.what());
}

Document Session::document(std::size_t count) const {
  Document document{.tool = this_tool(), .host = host_record(loaded_.machine), .plan = {}, .cases = {}};
  document.cases = settings().tuning ? candidates() : first_cases(count);
  document.plan = record_plan(settings(), document.cases, size(), typed_);
  if (document.plan.tuning) {
    document.plan.tuning->considered = document.plan.cases = document.cases.size();
    if (count < document.cases.size()) document.cases.resize(count);
  }
  if (settings().ceilings) add_ceilings(document);
  if (loaded_.machine.counts_hardware_events) count_where_nothing_sleeps(document.cases);
  estimate(
      document.plan,
      {.cases = document.cases, .all = document.plan.cases, .counts_events = loaded_.machine.counts_hardware_events});
  return document;
}

std::vector<CaseResult> Session::first_cases(std::size_t count) const {
  std::vector<CaseResult> cases;
  cases.reserve(count);
  for (std::size_t i = 0; i < count; ++i) cases.push_back(plan_->at(i));
  return cases;
}

std::vector<CaseResult> Session::candidates() const {
  Candidates candidates;
  for (std::size_t i = 0; i < size(); ++i) candidates.take(plan_->at(i));
  return candidates.all();
}

void Session::add_ceilings(Document& document) const {
  std::vector<CaseResult> more = plan_->add_ceilings(document.cases);
  document.plan.ceilings = true;
  document.plan.cases += more.size();
  std::ranges::move(more, std::back_inserter(document.cases));
}

Document Session::so_far(const Document& document) const {
  // Of a search, most cases have nothing to save.
  Document copy{.tool = document.tool, .host = document.host, .plan = document.plan, .cases = {}};
  std::ranges::copy_if(document.cases, std::back_inserter(copy.cases), [&](const CaseResult& result) {
    return !document.plan.tuning || result.status == Status::failed || !result.samples.empty();
  });
  conclude(copy, loaded_, RunEnd::without_rounds);
  copy.plan.finished = utc_now();
  return copy;
}

void Session::measure(Document& document, std::span<RunObserver* const> observers, const Measure& instead) const {
  CpuClaim claim = claim_cpus(cpus_to_measure_on(document.cases, loaded_.machine), settings().wait_for_others);
  document.plan.started = utc_now();
  std::vector<RunObserver*> all(observers.begin(), observers.end());
  const OutsideEnds outside{.in = STDIN_FILENO, .out = data_ ? data_.get() : STDOUT_FILENO};
  Sampler sampler(*loaded_.topology, interrupt_signal(), longest_verification_seconds, outside,
                  [&](std::uint64_t bytes, double seconds) {
                    for (RunObserver* observer : all) observer->during_sample(bytes, seconds);
                  });
  Operations operations{.measure = [&](const CaseSpec& spec, const Sampling& sampling,
                                       unsigned round) { return sampler.take(spec, sampling, round); },
                        .verify = [&](const CaseSpec& spec, const Sampling& sampling,
                                      const std::string& why_not) { return sampler.verify(spec, sampling, why_not); }};
  if (instead) operations.measure = instead;
  const bool counts_apart = loaded_.machine.counts_hardware_events && !document.plan.tuning;
  if (counts_apart) operations.count = operations.measure;
  SampleLog log;
  all.push_back(&log);
  OthersWatch watch(claim);
  all.push_back(&watch);
  const Schedule schedule{.seed = *settings().seed, .shuffled = settings().order == Order::shuffled};
  if (document.plan.goals.any()) operations.next = next_cases(document, operations);
  mark(document, measure_cores(document, *loaded_.topology));
  const RunEnd end = run_rounds(document.cases, schedule, operations, all);
  if (end == RunEnd::complete) (void)measure_cores(document, *loaded_.topology);
  claim.look_again();  // the last round may have been interrupted
  mark(document, claim.all_findings());
  if (const std::size_t others = claim.earlier + claim.noticed.size(); others > 0) document.plan.others = others;
  conclude(document, loaded_, end);
  document.plan.finished = utc_now();
}

}  // namespace pipebench
