#include "pipebench/stats/rank_test.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace pipebench {
namespace {

using Values = std::span<const double>;

constexpr std::size_t most_for_exact = 60;

void check(Values values) {
  const bool has_nan = std::ranges::any_of(values, [](double x) { return std::isnan(x); });
  if (values.empty() || has_nan) throw std::invalid_argument("a rank test of no values, or of one that is no number");
}

// How many pairs are in the order that fewer of them are in.
double smaller_count(Values some, Values others) {
  double above = 0;
  for (const double x : some) {
    for (const double y : others) above += x > y ? 1 : x == y ? 0.5 : 0;
  }
  return std::min(above, static_cast<double>(some.size() * others.size()) - above);
}

// The share of all ways to interleave m and n values in which at most `count` pairs are in one order. Value k of the m
// stands above 0 to n of the others, no fewer than the one before it: partitions of the count.
double share_of_ways(std::size_t m, std::size_t n, std::size_t count) {
  // ways[j][u]: j of the m are placed, with u pairs; one more value of the n at a time.
  std::vector<std::vector<double>> ways(m + 1, std::vector<double>(m * n + 1));
  ways[0][0] = 1;
  for (std::size_t rank = 0; rank <= n; ++rank) {
    for (std::size_t j = 1; j <= m; ++j) {
      for (std::size_t u = rank; u <= m * n; ++u) ways[j][u] += ways[j - 1][u - rank];
    }
  }
  double all = 0;
  double counted = 0;
  for (std::size_t u = 0; u <= m * n; ++u) {
    all += ways[m][u];
    if (u <= count) counted += ways[m][u];
  }
  return counted / all;
}

double normal_share(double m, double n, double count) {
  const double deviation = std::sqrt(m * n * (m + n + 1) / 12);
  return boost::math::cdf(boost::math::normal(), (count + 0.5 - m * n / 2) / deviation);
}

}  // namespace

double mann_whitney_p(Values some, Values others) {
  check(some);
  check(others);
  const double count = std::ceil(smaller_count(some, others));
  const std::size_t m = some.size();
  const std::size_t n = others.size();
  const double share = m + n <= most_for_exact ? share_of_ways(m, n, static_cast<std::size_t>(count))
                                               : normal_share(static_cast<double>(m), static_cast<double>(n), count);
  return std::min(1.0, 2 * share);
}

double sign_test_p(std::size_t in_order, std::size_t pairs) {
  if (pairs == 0) return 1;
  const auto fewer = static_cast<double>(std::min(in_order, pairs - in_order));
  return std::min(1.0, 2 * boost::math::cdf(boost::math::binomial(static_cast<double>(pairs), 0.5), fewer));
}

std::vector<double> holm_adjusted(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t index) { return p[index]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(p.size() - i) * p[order[i]]));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

}  // namespace pipebench
