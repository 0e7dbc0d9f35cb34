#include "pipebench/engine/rounds.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/profile.hpp"
#include "pipebench/base/distinct.hpp"
#include "pipebench/base/shuffle.hpp"

namespace pipebench {
namespace {

void fail(CaseResult& result, std::string reason) {
  result.status = Status::failed;
  result.reason = std::move(reason);
}

void add_notes(CaseResult& result, const std::vector<std::string>& sentences) {
  result.notes.insert(result.notes.end(), sentences.begin(), sentences.end());
  result.notes = distinct(std::move(result.notes));
}

void record(CaseResult& result, SampleOutcome outcome) {
  if (outcome.obtained.pipe_bytes || outcome.obtained.pages) result.obtained = outcome.obtained;
  add_notes(result, outcome.notes);
  add_notes(result, outcome.misses);
  if (outcome.profile) {
    if (!result.profile) result.profile.emplace();
    add_profile(*result.profile, *outcome.profile);
  }
  if (outcome.sample) result.samples.push_back(*std::move(outcome.sample));
  if (!outcome.failure.empty()) {
    fail(result, std::move(outcome.failure));
  } else if (result.sampling.strict && !outcome.misses.empty()) {
    fail(result, outcome.misses[0] + " --strict makes that a failure.");
  }
}

void record(CaseResult& result, VerifyOutcome outcome) {
  if (!outcome.failure.empty()) return fail(result, "Verification: " + outcome.failure);
  if (outcome.interrupted) return;
  result.verify = std::move(outcome.verification);
  const bool torn = result.verify->outcome == Outcome::torn;
  if (torn && result.traits.safe)
    fail(result,
         "The case is called safe, but the bytes that arrived are not those that were sent. " + result.verify->reason);
  if (result.verify->outcome == Outcome::intact && !result.traits.safe)
    result.notes.emplace_back("By the rules of reuse this is unsafe, yet nothing was overwritten this time.");
}

// Cases that the plan left out because this machine lacks pages or a place.
void fail_strict(std::span<CaseResult> cases) {
  for (CaseResult& result : cases) {
    if (result.status == Status::skipped && result.unobtained() && result.sampling.strict)
      fail(result, "--strict makes this a failure: " + result.reason);
  }
}

std::vector<std::size_t> planned_cases(std::span<const CaseResult> cases) {
  std::vector<std::size_t> planned;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].status == Status::planned) planned.push_back(i);
  }
  return planned;
}

/// One run over the cases.
class Rounds {
 public:
  Rounds(std::span<CaseResult> cases, const Schedule& schedule, const Operations& operations,
         std::span<RunObserver* const> observers)
      : cases_(cases),
        schedule_(schedule),
        operations_(operations),
        observers_(observers),
        planned_(planned_cases(cases)) {}

  /// False: interrupted.
  bool verify_all() {
    const auto wanted = [&](std::size_t index) { return cases_[index].sampling.verify; };
    const auto total = static_cast<std::size_t>(std::ranges::count_if(planned_, wanted));
    progress_ = {.verifying = true, .done = 0, .total = total};
    for (const std::size_t index : planned_) {
      if (!wanted(index)) continue;
      CaseResult& result = cases_[index];
      begin(result);
      VerifyOutcome outcome =
          operations_.verify(result.spec, result.sampling, result.verify ? result.verify->reason : "");
      const bool interrupted = outcome.interrupted;
      record(result, std::move(outcome));
      if (interrupted) return false;
      ++progress_.done;
    }
    return true;
  }

  /// Of cases whose samples do without hardware events. False: interrupted.
  bool count_all() {
    for (const std::size_t index : planned_) {
      if (!has_counting(index)) continue;
      CaseResult& result = cases_[index];
      if (result.status == Status::planned && !count(result)) return false;
      ++progress_.done;
    }
    return true;
  }

  /// False: interrupted.
  bool measure_all() {
    progress_ = {};
    if (!operations_.next) progress_.total = samples_planned();
    for (unsigned round = 0;; ++round) {
      const std::vector<bool> takes_part = members_of(round);
      if (std::ranges::find(takes_part, true) == takes_part.end()) return true;
      if (!measure_round(round, takes_part)) return false;
      for (RunObserver* observer : observers_) observer->after_round(round);
    }
  }

 private:
  [[nodiscard]] std::size_t samples_planned() const {
    std::size_t samples = 0;
    for (const std::size_t index : planned_) samples += cases_[index].sampling.rounds + (has_counting(index) ? 1 : 0);
    return samples;
  }

  [[nodiscard]] bool has_counting(std::size_t index) const {
    return operations_.count && wants_counting(cases_[index]);
  }

  // False: interrupted. What is wrong with the sample says nothing about the figures.
  bool count(CaseResult& result) {
    begin(result);
    Sampling counting = result.sampling;
    counting.hardware_events = true;
    counting.profile_hz.reset();
    SampleOutcome outcome = operations_.count(result.spec, counting, result.sampling.rounds);
    if (outcome.interrupted) return false;
    result.counting = std::move(outcome.sample);
    add_notes(result, outcome.notes);
    if (!outcome.failure.empty()) result.notes.push_back("Hardware events could not be counted: " + outcome.failure);
    return true;
  }

  // For each case, does it take a sample in this round?
  [[nodiscard]] std::vector<bool> members_of(unsigned round) const {
    std::vector<bool> takes_part(cases_.size());
    if (operations_.next) {
      for (const std::size_t index : operations_.next(cases_, round)) takes_part[index] = true;
    } else {
      for (const std::size_t index : planned_) takes_part[index] = round < cases_[index].sampling.rounds;
    }
    return takes_part;
  }

  bool measure_round(unsigned round, const std::vector<bool>& takes_part) {
    std::vector<std::size_t> order = shuffled_order(planned_.size(), schedule_.seed, round);
    if (!schedule_.shuffled) std::ranges::sort(order);
    for (const std::size_t at : order) {
      if (!takes_part[planned_[at]]) continue;
      CaseResult& result = cases_[planned_[at]];
      if (result.status != Status::planned) {
        ++progress_.done;
      } else if (!measure(result, round)) {
        return false;
      }
    }
    return true;
  }

  bool measure(CaseResult& result, unsigned round) {
    begin(result);
    SampleOutcome outcome = operations_.measure(result.spec, result.sampling, round);
    const bool interrupted = outcome.interrupted, has_sample = outcome.sample.has_value();
    record(result, std::move(outcome));
    if (!interrupted) ++progress_.done;
    if (has_sample) {
      for (RunObserver* observer : observers_) observer->after_sample(result, progress_);
    }
    return !interrupted;
  }

  void begin(const CaseResult& result) {
    for (RunObserver* observer : observers_) observer->before_sample(result, progress_);
  }

  std::span<CaseResult> cases_;
  const Schedule& schedule_;
  const Operations& operations_;
  std::span<RunObserver* const> observers_;
  std::vector<std::size_t> planned_;
  Progress progress_;
};

}  // namespace

// A thread that runs both ends cannot tell whose events they were; what another program sends comes once.
bool wants_counting(const CaseResult& result) {
  return result.sampling.counters && !result.sampling.hardware_events && !result.spec.takes_turns() &&
         !result.sampling.once;
}

RunEnd run_rounds(std::span<CaseResult> cases, const Schedule& schedule, const Operations& operations,
                  std::span<RunObserver* const> observers) {
  fail_strict(cases);
  Rounds rounds(cases, schedule, operations, observers);
  if (!rounds.verify_all() || !rounds.measure_all()) return RunEnd::without_rounds;
  return rounds.count_all() ? RunEnd::complete : RunEnd::without_counting;
}

}  // namespace pipebench
