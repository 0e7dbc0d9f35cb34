// What commands that plan and measure have in common: the machine, the strategies, the plan, and the run.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/request.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/engine/rounds.hpp"
#include "pipebench/system/huge_pages.hpp"

namespace pipebench {

class Session {
 public:
  /// Plans. Reserves the huge pages that the request asks for, until the session goes. `typed`: the command line, for
  /// the record. Throws UsageError.
  Session(RunRequest request, Loaded loaded, std::vector<std::string> typed);

  [[nodiscard]] const RunRequest& request() const noexcept { return request_; }
  [[nodiscard]] const RunSettings& settings() const noexcept { return request_.settings; }
  /// Cases of the plan.
  [[nodiscard]] std::size_t size() const noexcept { return plan_->size(); }

  /// The results before anything is measured: the first `count` cases, the machine, the plan's record.
  [[nodiscard]] Document document(std::size_t count) const;
  /// Measures every planned case and fills in the summaries, and what was found out about other pipebenches that
  /// measure on the same CPUs, once they have ended if the settings say so. PlanRecord::complete is false after an
  /// interrupt. `instead`: takes the samples in place of a Sampler.
  void measure(Document& document, std::span<RunObserver* const> observers, const Measure& instead = {}) const;
  /// A copy of a document that is being measured, with the summaries of what there is. Between samples.
  [[nodiscard]] Document so_far(const Document& document) const;
  [[nodiscard]] const Topology& topology() const { return *loaded_.topology; }

 private:
  [[nodiscard]] PlanContext context() const;
  void reserve_huge_pages();
  /// Why there will be no more than then, a sentence.
  [[nodiscard]] std::string reserve(HugeSize size, std::uint64_t pages);
  /// Where another program takes part: is there a pipe to it, and does the plan leave it alone?
  void prepare_once();
  void add_ceilings(Document& document) const;
  [[nodiscard]] std::vector<CaseResult> first_cases(std::size_t count) const;
  /// Of a search: all that it considers.
  [[nodiscard]] std::vector<CaseResult> candidates() const;

  RunRequest request_;
  Loaded loaded_;
  std::vector<std::string> typed_;
  HugeReservation reservation_;
  UniqueFd data_;  ///< what stdout was, where it takes data
  std::unique_ptr<Plan> plan_;
};

}  // namespace pipebench
