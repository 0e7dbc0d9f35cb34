// What getting a user page costs: pure functions over a document whose cases are of each kind of pages, written to
// beforehand or not.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {

/// What the cases are.
enum class GupSource : std::uint8_t {
  kernel,    ///< samples of a GupSampler: the writer's turns get pages, the reader's put them
  vmsplice,  ///< vmsplice, both ends taking turns: what it costs more than with the base is an estimate of getting
};

/// In ns per ordinary page: the median over the rounds, and its interval, as median_interval() says it.
struct PageCost {
  double ns = 0;
  Interval interval;
  std::size_t rounds = 0;
};

/// Of one case. What is not known is empty.
struct PageLookup {
  const CaseResult* result = nullptr;  ///< in the document
  bool as_asked = true;                ///< the pages are of the kind that was asked for
  bool is_base = false;                ///< of estimates
  std::optional<PageCost> call = {};   ///< vmsplice as a whole
  std::optional<PageCost> get = {};    ///< of vmsplice an estimate: round by round, the difference to the base
  std::optional<PageCost> put = {};    ///< dropping the reference; not estimated
};

/// A row for each case, in their order. The base is the first of thp, 2m and 1g that was written to and is what was
/// asked for. An estimate is too low by what getting a page of the base costs.
[[nodiscard]] std::vector<PageLookup> page_lookups(const Document& document, GupSource source);

/// What the figures say, a sentence each: whether huge pages cut the cost, and whether memory that was never written to
/// stays slow. A difference counts when its 95 % interval excludes 0 and it is more than a twentieth.
[[nodiscard]] std::vector<std::string> lookup_conclusions(const Document& document, GupSource source);

}  // namespace pipebench
