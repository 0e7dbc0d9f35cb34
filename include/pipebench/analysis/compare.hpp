// Did it become faster or slower? Pure functions over two documents, or over the cases of one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/analysis/conditions.hpp"
#include "pipebench/analysis/matching.hpp"
#include "pipebench/model/identity.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/stats/ratio.hpp"

namespace pipebench {

/// `faster` and `slower`: the 95 % interval of the ratio excludes 1, and so does the rank test, corrected for the
/// number of comparisons (below 0.05). `same`: neither, and the whole interval lies within the margin. Else `unclear`.
enum class Verdict : std::uint8_t { faster, slower, same, unclear };
template <>
inline constexpr std::array<Named<Verdict>, 4> names<Verdict>{{
    {Verdict::faster, "faster", "faster, and not by chance"},
    {Verdict::slower, "slower", "slower, and not by chance"},
    {Verdict::same, "same", "the whole interval lies within the margin"},
    {Verdict::unclear, "unclear", "too few samples, too much noise, or no samples under the same conditions"},
}};

/// What is compared of a case. Where the ends take turns, the price of each end; of cases in one file, of both
/// together.
enum class Compared : std::uint8_t { speed, writer_price, reader_price, price };
template <>
inline constexpr std::array<Named<Compared>, 4> names<Compared>{{
    {Compared::speed, "gib_per_second", "GiB/s"},
    {Compared::writer_price, "writer_ns_per_page", "writer ns"},
    {Compared::reader_price, "reader_ns_per_page", "reader ns"},
    {Compared::price, "turns_ns_per_page", "sum ns"},
}};
/// Is less of it better?
[[nodiscard]] constexpr bool is_price(Compared figure) { return figure != Compared::speed; }

struct ComparedSide {
  const CaseResult* result = nullptr;
  std::size_t n = 0;               ///< samples that were compared
  std::size_t left_out = 0;        ///< taken under conditions that the other side has no, or too few, samples of
  std::size_t without_figure = 0;  ///< samples that count, but moved nothing, or have no price above 0
  double median = 0;               ///< of those that were compared; GiB/s, or ns per 4 KiB
  bool has_conditions = false;     ///< were any recorded?
  /// share_of_waiting(); empty also where the ends share CPUs, and so wait for each other.
  std::optional<double> waiting = {};
  std::optional<ObtainedPages> pages = {};  ///< what the buffers really are; empty: not known, or no buffers
};

struct ComparedCase {
  Compared figure = Compared::speed;
  ComparedSide base, other;
  /// other / base; empty where no samples are alike. The interval's coverage is 0 where there is none: with fewer than
  /// least_for_interval samples on a side.
  std::optional<Ratio> ratio = {};
  std::optional<double> p = {};           ///< that two runs of the same thing differ so much by chance
  std::optional<double> p_adjusted = {};  ///< likewise, for so many comparisons at once (Holm)
  Verdict verdict = Verdict::unclear;
  /// In what the samples of the two sides differ besides, as far as it kept some from being compared.
  std::optional<ConditionDifference> unlike = {};
  /// How much slower: 0.1 is 10 % less speed, or a price that is 10 % higher. Negative: faster.
  [[nodiscard]] double slowdown() const {
    const double change = ratio ? ratio->median - 1 : 0;
    return is_price(figure) ? change : -change;
  }
  /// Did other work have the CPUs on one side, and not on the other?
  [[nodiscard]] bool differs_in_waiting() const;
};

/// Cases of one name that measure different things.
struct NamesakePair {
  const CaseResult* base = nullptr;
  const CaseResult* other = nullptr;
  std::vector<KeyDifference> differences = {};  ///< keys of `spec`
};

/// Points into the documents.
struct Comparison {
  std::vector<KeyDifference> context = {};  ///< keys of `tool` and `host`
  std::vector<ComparedCase> cases = {};
  /// In both, but without figures above 0 in one of them, or on CPUs of another relation.
  CasePairs unmeasured = {};
  Cases only_in_base = {}, only_in_other = {};
  /// Of these, those that bear one name.
  std::vector<NamesakePair> namesakes = {};
  /// Likewise, those that are there on the other side on other CPUs, but not just once.
  Cases elsewhere_in_base = {}, elsewhere_in_other = {};
  /// Of any case.
  [[nodiscard]] bool has_ratio() const {
    return std::ranges::any_of(cases, [](const ComparedCase& compared) { return compared.ratio.has_value(); });
  }
};

/// With fewer samples on a side nothing is known of the ratio's interval; of fewer on both, not even sets that do not
/// overlap differ by more than chance.
inline constexpr std::size_t least_for_interval = 4;

/// Fewer samples on a side are never `same`. Of 3 a side with normal noise of 3 %, the bootstrap's interval held the
/// true ratio in 88 of 100 simulated comparisons; of 6, in 97.
inline constexpr std::size_t least_for_same = 6;

/// Are the CPUs of both known to the kernel, and do they not share the same? Such cases are not compared.
[[nodiscard]] bool differ_in_relation(const CaseResult& base, const CaseResult& other);
/// Do they run on other CPUs?
[[nodiscard]] bool differ_in_cpus(const CaseResult& base, const CaseResult& other);

/// Has it a counted figure above 0 by which it can be compared: GiB/s, or, where the ends take turns, a price?
[[nodiscard]] bool has_figures(const CaseResult& result);
/// Counted samples that moved nothing.
[[nodiscard]] std::size_t idle_samples(const CaseResult& result);
/// Are there samples that count, and did half of them or more move nothing?
[[nodiscard]] bool moved_nothing(const CaseResult& result);

/// Half the width of what still is the same: 0.05 is a ratio from 0.95 to 1.05.
inline constexpr double usual_margin = 0.05;

/// Cases are matched by what they measure (take_matching()). Samples are compared with those that were taken under the
/// same conditions: CPUs as far apart, and as fast. The two files were not measured in pairs, so the ratio is that of
/// the medians, its interval is from a bootstrap, and p from Mann and Whitney's test. Both allow for what two runs of
/// the same thing differ by (run_spread()): p is the larger of that test's and between_runs_p().
[[nodiscard]] Comparison compare(const Document& base, const Document& other, double margin = usual_margin);

/// The cases of one document relative to one of them, round by round: the median of the ratios, its interval from their
/// order, and p from the sign test. Only those that are compared by the same figure. Where both ran on the same CPUs,
/// only rounds count in which these were as far apart, and as fast, for both.
[[nodiscard]] Comparison compare_within(const Document& document, const CaseResult& base, double margin = usual_margin);

/// Those that became slower by more than `limit` (0.05: 5 %), and not by chance; and those that were measured before
/// and fail now, or move nothing.
[[nodiscard]] std::vector<const ComparedCase*> regressions(const Comparison& comparison, double limit);
[[nodiscard]] std::vector<const CaseResult*> new_failures(const Comparison& comparison);

}  // namespace pipebench
