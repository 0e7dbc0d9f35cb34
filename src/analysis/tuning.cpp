#include "pipebench/analysis/tuning.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <random>
#include <tuple>

#include "pipebench/analysis/figures.hpp"
#include "pipebench/stats/autocorrelation.hpp"

namespace pipebench {
namespace {

constexpr std::size_t most_finalists = 4;
constexpr std::size_t most_expanded = 4;       // cases whose neighbours are tried
constexpr double share_of_first_round = 0.35;  // of the budget
constexpr double share_of_search = 0.75;       // with the first round; the rest is for the comparison of the best
constexpr unsigned least_rounds = 10;          // of that
constexpr unsigned most_rounds = 100;
constexpr double confidence = 0.99;  // intervals are looked at after each round, so that 95 % would err too often
constexpr double worst = -std::numeric_limits<double>::infinity();

double seconds_of(std::span<const CaseSoFar> cases, std::span<const std::size_t> chosen) {
  double seconds = 0;
  for (const std::size_t index : chosen) seconds += cases[index].seconds_per_sample;
  return seconds;
}

// What disturbs a round disturbs all of its cases, so figures are held against those of the same round: the geometric
// mean of the cases that have been in the most rounds.
std::map<unsigned, double> levels_of(std::span<const std::vector<RoundSpeed>> figures) {
  std::size_t most = 0;
  for (const auto& one : figures) most = std::max(most, one.size());
  std::map<unsigned, std::pair<double, unsigned>> sums;
  for (const auto& one : figures) {
    if (one.size() < most) continue;
    for (const RoundSpeed& sample : one) {
      auto& [sum, count] = sums[sample.round];
      sum += std::log(sample.speed);
      ++count;
    }
  }
  std::map<unsigned, double> levels;
  for (const auto& [round, sum] : sums) levels[round] = std::exp(sum.first / sum.second);
  return levels;
}

// How fast each is, relative to that.
std::vector<double> scores_of(std::span<const std::vector<RoundSpeed>> figures) {
  const std::map<unsigned, double> levels = levels_of(figures);
  std::vector<double> scores;
  for (const auto& one : figures) {
    std::vector<double> shares;
    for (const RoundSpeed& sample : one) {
      if (const auto level = levels.find(sample.round); level != levels.end())
        shares.push_back(sample.speed / level->second);
    }
    scores.push_back(shares.empty() ? worst : median(shares));
  }
  return scores;
}

std::vector<RoundSpeed> since(std::span<const RoundSpeed> samples, unsigned round) {
  std::vector<RoundSpeed> later;
  std::ranges::copy_if(samples, std::back_inserter(later), [&](const RoundSpeed& one) { return one.round >= round; });
  return later;
}

// Best first; without those that have no sample since that round, or are over.
std::vector<std::size_t> best_first(std::span<const CaseSoFar> cases, std::span<const std::size_t> chosen,
                                    unsigned since_round = 0) {
  std::vector<std::size_t> kept;
  std::vector<std::vector<RoundSpeed>> figures;
  for (const std::size_t index : chosen) {
    auto later = since(cases[index].samples, since_round);
    if (cases[index].over || later.empty()) continue;
    kept.push_back(index);
    figures.push_back(std::move(later));
  }
  const std::vector<double> scores = scores_of(figures);
  std::vector<std::size_t> order(kept.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t& at : order) at = kept[at];
  return order;
}

// In how many steps one comes from the usual values to these.
unsigned distance(const std::vector<SearchAxis>& axes, const std::vector<unsigned>& place) {
  unsigned steps = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const unsigned here = place[i], usual = axes[i].usual;
    if (axes[i].trial == Trial::by_steps) steps += here > usual ? here - usual : usual - here;
    if (axes[i].trial == Trial::freely) steps += here == usual ? 0 : 1;
  }
  return steps;
}

// What cases have in common that one of them is tried for.
std::vector<unsigned> combination(const std::vector<SearchAxis>& axes, const std::vector<unsigned>& place) {
  std::vector<unsigned> values;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].trial == Trial::all) values.push_back(place[i]);
  }
  return values;
}

bool has_interval(const Ratio& ratio) { return ratio.interval.coverage >= confidence; }

}  // namespace

bool SearchResult::has_interval() const { return ratio && pipebench::has_interval(*ratio); }

Search::Search(SearchSpace space, const SearchLimits& limits)
    : space_(std::move(space)), limits_(limits), last_(space_.axes.size()) {
  for (std::size_t i = 0; i < space_.places.size(); ++i) {
    at_.emplace(space_.places[i], i);
    for (std::size_t axis = 0; axis < last_.size(); ++axis) last_[axis] = std::max(last_[axis], space_.places[i][axis]);
  }
}

Search::Indices Search::next(std::span<const CaseSoFar> cases, double elapsed_seconds) {
  if (rounds_ == 0) {
    const Indices all = starts();
    rung_ = drawn(all, std::min(most_finalists, all.size()));
  } else {
    rung_ = rounds_ == 1         ? first_rung(cases, elapsed_seconds)
            : finalists_.empty() ? halved(cases, elapsed_seconds)
                                 : narrowed(cases);
    if (elapsed_seconds + seconds_of(cases, rung_) > limits_.budget_seconds) rung_.clear();
  }
  ++rounds_;
  return rung_;
}

// With those of the round before, which are what the others are held against.
Search::Indices Search::first_rung(std::span<const CaseSoFar> cases, double elapsed_seconds) {
  Indices before;
  std::ranges::copy_if(rung_, std::back_inserter(before), [&](std::size_t index) { return !cases[index].over; });
  compare(cases, before, 0);
  Indices rest = starts();
  std::erase_if(rest, [&](std::size_t index) { return std::ranges::find(rung_, index) != rung_.end(); });
  const double seconds = seconds_of(cases, rest);
  const double allowed = share_of_first_round * limits_.budget_seconds;
  const double left = std::max(allowed - elapsed_seconds - seconds_of(cases, before), 0.0);
  if (seconds > left) {
    const auto fit = static_cast<std::size_t>(static_cast<double>(rest.size()) * left / seconds);
    result_.left_out = rest.size() - fit;
    rest = drawn(std::move(rest), fit);
  }
  before.insert(before.end(), rest.begin(), rest.end());
  return before;
}

// Of each combination the case that is nearest to the usual values.
Search::Indices Search::starts() const {
  std::map<std::vector<unsigned>, std::size_t> nearest;
  Indices order;
  for (std::size_t i = 0; i < space_.places.size(); ++i) {
    const auto& place = space_.places[i];
    const auto [at, is_new] = nearest.try_emplace(combination(space_.axes, place), i);
    if (!is_new && distance(space_.axes, place) < distance(space_.axes, space_.places[at->second])) at->second = i;
  }
  for (const auto& [values, index] : nearest) order.push_back(index);
  std::ranges::sort(order);
  return order;
}

// As many as that, evenly: one of each of so many stretches of the list.
Search::Indices Search::drawn(Indices starts, std::size_t count) const {
  std::mt19937_64 random(limits_.seed);  // the same everywhere
  Indices some;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * starts.size() / count, end = (i + 1) * starts.size() / count;
    some.push_back(starts[begin + random() % (end - begin)]);
  }
  return some;
}

void Search::add_neighbours(std::size_t of, std::size_t axis, bool across, Indices& found) const {
  const std::vector<unsigned>& here = space_.places[of];
  const auto add = [&](unsigned value) {
    std::vector<unsigned> place = here;
    place[axis] = value;
    const auto at = at_.find(place);
    if (at != at_.end()) found.push_back(at->second);
    return at != at_.end();
  };
  const Trial trial = space_.axes[axis].trial;
  if (trial == Trial::freely || (across && trial == Trial::all)) {
    for (unsigned value = 0; value <= last_[axis]; ++value) {
      if (value != here[axis]) (void)add(value);
    }
  } else if (trial == Trial::by_steps) {  // over places that have no case
    for (unsigned value = here[axis]; value-- > 0;) {
      if (add(value)) break;
    }
    for (unsigned value = here[axis] + 1; value <= last_[axis]; ++value) {
      if (add(value)) break;
    }
  }
}

Search::Indices Search::untried_neighbours(std::span<const std::size_t> of, bool across,
                                           std::span<const CaseSoFar> cases) const {
  Indices found;
  for (const std::size_t index : of) {
    for (std::size_t axis = 0; axis < space_.axes.size(); ++axis) add_neighbours(index, axis, across, found);
  }
  Indices untried;  // each once, those of the best first
  for (const std::size_t index : found) {
    const bool is_known = cases[index].over || !cases[index].samples.empty();
    if (!is_known && std::ranges::find(untried, index) == untried.end()) untried.push_back(index);
  }
  return untried;
}

Search::Indices Search::halved(std::span<const CaseSoFar> cases, double elapsed_seconds) {
  const Indices order = best_first(cases, rung_);
  if (order.empty()) return {};
  compare(cases, order, 0);
  const double left = share_of_search * limits_.budget_seconds - elapsed_seconds;
  std::size_t half = std::min(order.size(), std::max(most_finalists, (order.size() + 1) / 2));
  // Where time is short, half of it is for neighbours.
  while (half > most_finalists && seconds_of(cases, std::span(order).first(half)) > left / 2)
    half = std::max(most_finalists, half / 2);
  Indices kept(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(half));
  Indices more = untried_neighbours(std::span(kept).first(std::min(kept.size(), most_expanded)), false, cases);
  // What did badly with the usual values may do well with those of the best.
  if (more.empty() && kept.size() <= most_finalists) more = untried_neighbours(std::span(kept).first(1), true, cases);
  while (!more.empty() && seconds_of(cases, kept) + seconds_of(cases, more) > left) more.pop_back();
  if (more.empty() && kept.size() <= most_finalists) {
    finalists_ = kept;
    finals_since_ = rounds_;
  }
  kept.insert(kept.end(), more.begin(), more.end());
  return kept;
}

// The fastest of `all`, the one that comes nearest, and what rounds since that one say of them.
void Search::compare(std::span<const CaseSoFar> cases, std::span<const std::size_t> all, unsigned since_round) {
  const Indices order = best_first(cases, rung_, since_round);
  if (order.empty()) return;
  result_.fastest = order.front();
  result_.runner_up.reset();
  result_.ratio.reset();
  result_.certain = false;
  const auto of_fastest = since(cases[order.front()].samples, since_round);
  std::vector<std::vector<RoundPair>> pairs;
  std::vector<std::vector<double>> ratios;
  Indices others;
  for (const std::size_t index : all) {
    if (index == order.front()) continue;
    auto common = pairs_of_rounds(of_fastest, since(cases[index].samples, since_round));
    if (common.empty()) continue;
    auto& values = ratios.emplace_back();
    for (const RoundPair& pair : common) values.push_back(pair.value / pair.reference);
    others.push_back(index);
    pairs.push_back(std::move(common));
  }
  const double share = independent_share(ratios);
  bool all_slower = !others.empty();
  for (std::size_t i = 0; i < others.size(); ++i) {
    const Ratio ratio = median_ratio(pairs[i], confidence, share);
    all_slower = all_slower && pipebench::has_interval(ratio) && ratio.interval.low > 1;
    if (result_.ratio && ratio.median >= result_.ratio->median) continue;
    result_.runner_up = others[i];
    result_.ratio = ratio;
  }
  result_.certain = all_slower;
}

Search::Indices Search::narrowed(std::span<const CaseSoFar> cases) {
  result_.rounds = rounds_ - finals_since_;
  compare(cases, finalists_, finals_since_);
  if (!result_.fastest) return {};
  const auto of_fastest = since(cases[*result_.fastest].samples, finals_since_);
  Indices left;
  for (const std::size_t index : rung_) {
    if (cases[index].over) continue;
    const auto common = pairs_of_rounds(of_fastest, since(cases[index].samples, finals_since_));
    const bool is_known = index != *result_.fastest && !common.empty();
    const Ratio ratio = is_known ? median_ratio(common, confidence) : Ratio{};
    if (!is_known || !has_interval(ratio) || ratio.interval.low <= 1) left.push_back(index);
  }
  if (result_.rounds >= most_rounds || (left.size() <= 1 && result_.rounds >= least_rounds)) return {};
  return left;
}

// ---------------------------------------------------------------------------------------------- as results have it

std::vector<CaseResult> ranked(std::vector<CaseResult> cases, const TuningRecord& record) {
  struct Place {
    int named;  // 0: the fastest, 1: the runner-up
    unsigned last_round;
    double score;
    std::size_t index;
  };
  std::erase_if(cases,
                [](const CaseResult& result) { return result.samples.empty() && result.status != Status::failed; });
  std::map<unsigned, std::vector<std::size_t>> by_last_round;
  std::vector<Place> places;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const unsigned last = cases[i].samples.empty() ? 0 : cases[i].samples.back().round;
    const int named = cases[i].name == record.fastest ? 0 : cases[i].name == record.runner_up ? 1 : 2;
    places.push_back({named, last, worst, i});
    by_last_round[last].push_back(i);
  }
  for (const auto& [round, together] : by_last_round) {
    std::vector<std::vector<RoundSpeed>> figures;
    for (const std::size_t index : together) figures.push_back(figures_of(cases[index]));
    const std::vector<double> scores = scores_of(figures);
    for (std::size_t i = 0; i < together.size(); ++i) places[together[i]].score = scores[i];
  }
  std::ranges::stable_sort(places, [](const Place& a, const Place& b) {
    return std::tuple(a.named, -static_cast<double>(a.last_round), -a.score) <
           std::tuple(b.named, -static_cast<double>(b.last_round), -b.score);
  });
  std::vector<CaseResult> sorted;
  sorted.reserve(cases.size());
  for (const Place& place : places) sorted.push_back(std::move(cases[place.index]));
  return sorted;
}

void record(const SearchResult& result, std::span<const CaseResult> cases, TuningRecord& record) {
  const auto name = [&](const std::optional<std::size_t>& index) { return index ? cases[*index].name : std::string(); };
  record.left_out = result.left_out;
  record.rounds = result.rounds;
  record.fastest = name(result.fastest);
  record.runner_up = name(result.runner_up);
  record.ratio = result.ratio ? std::optional(result.ratio->median) : std::nullopt;
  record.ratio_ci99_low = result.has_interval() ? std::optional(result.ratio->interval.low) : std::nullopt;
  record.ratio_ci99_high = result.has_interval() ? std::optional(result.ratio->interval.high) : std::nullopt;
  record.certain = result.certain;
}

}  // namespace pipebench
