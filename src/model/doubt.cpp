// How sure a figure is, and what to do where it is not.
#include <fmt/format.h>

#include <limits>

#include "pipebench/model/results.hpp"

namespace pipebench {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();

bool is_about_spread(Doubt doubt) {
  return doubt == Doubt::conditions || doubt == Doubt::no_conditions || doubt == Doubt::two_groups ||
         doubt == Doubt::sleeping || doubt == Doubt::wide_interval;
}

}  // namespace

double Summary::precision() const {
  if (turns_ns_per_page) {
    if (!turns_ns_per_page_ci95_low || !turns_ns_per_page_ci95_high) return unknown;
    return (*turns_ns_per_page_ci95_high - *turns_ns_per_page_ci95_low) / 2 / *turns_ns_per_page;
  }
  return ci_coverage < 0.95 ? unknown : (ci95_high - ci95_low) / 2 / median_gib_per_second;
}

double Summary::ratio_precision() const {
  return ratio && ratio_ci95_low && ratio_ci95_high ? (*ratio_ci95_high - *ratio_ci95_low) / 2 / *ratio : unknown;
}

std::string advice_on(Doubt doubt, const Summary& summary, std::string_view text) {
  const bool has_better_ratio = is_about_spread(doubt) && summary.ratio_precision() < summary.precision();
  return fmt::format("{}{}", text.empty() ? summary_of(doubt) : text,
                     has_better_ratio ? " Or compare ratios, which are more precise here." : "");
}

}  // namespace pipebench
