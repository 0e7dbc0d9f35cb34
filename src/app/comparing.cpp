#include "app/comparing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/results_file.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"

namespace pipebench {
namespace {

bool is_regression(const NamedComparison& named) {
  return named.fail_above &&
         (!regressions(named.comparison, *named.fail_above).empty() || !new_failures(named.comparison).empty());
}

// A gate that had nothing to look at has not been passed.
UsageError nothing_in_common(const std::string& base, const std::string& other) {
  return UsageError(fmt::format("--fail-above: nothing in {} can be compared with {}.", other, base));
}

double margin_of(const RunSettings& settings) {
  return std::min(usual_margin, settings.fail_above.value_or(usual_margin));
}

}  // namespace

NamedComparison compare_files(const ComparedDocument& base, const ComparedDocument& other,
                              const RunSettings& settings) {
  return {.base = base,
          .other = other,
          .comparison = compare(*base.document, *other.document, margin_of(settings)),
          .margin = margin_of(settings),
          .fail_above = settings.fail_above};
}

NamedComparison compare_cases(const ComparedDocument& file, const RunSettings& settings) {
  const std::vector<CaseResult>& cases = file.document->cases;
  std::vector<std::string_view> known;
  for (const CaseResult* result : shown_cases(*file.document)) known.push_back(result->name);
  const auto base = std::ranges::find(cases, settings.baseline->text, &CaseResult::name);
  if (base == cases.end()) throw UsageError(unknown_name("--baseline", "case", settings.baseline->text, known));
  return {.base = {.name = base->name, .document = file.document},
          .other = file,
          .comparison = compare_within(*file.document, *base, margin_of(settings)),
          .margin = margin_of(settings),
          .fail_above = settings.fail_above};
}

int exit_code_of(std::span<const NamedComparison> comparisons) {
  if (std::ranges::any_of(comparisons, is_regression)) return 1;
  for (const NamedComparison& named : comparisons) {
    if (named.fail_above && !named.comparison.has_ratio()) throw nothing_in_common(named.base.name, named.other.name);
  }
  return 0;
}

std::optional<Document> read_against(const RunSettings& settings) {
  if (!settings.against.empty()) return read_results(settings.against);
  if (settings.fail_above)
    throw UsageError("--fail-above needs something to compare with: --against FILE, or `pipebench compare`.");
  return std::nullopt;
}

void check_against(const Document& against, const Document& planned, const RunSettings& settings) {
  if (settings.fail_above && compare(against, planned).unmeasured.empty())
    throw nothing_in_common(settings.against, "this run");
}

}  // namespace pipebench
