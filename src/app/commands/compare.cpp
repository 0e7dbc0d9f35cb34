// The command `compare`: what became faster or slower from one file of results to others.
#include <fmt/format.h>

#include <algorithm>

#include "app/command.hpp"
#include "app/log.hpp"
#include "app/output.hpp"
#include "app/results_file.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/report/comparison.hpp"

namespace pipebench {
namespace {

NamedComparison within(const std::string& path, const Document& document, const RunSettings& settings) {
  std::vector<std::string_view> known;
  for (const CaseResult& result : document.cases) {
    if (!result.only_for_ceilings) known.push_back(result.name);
  }
  const auto base = std::ranges::find(document.cases, settings.baseline->text, &CaseResult::name);
  if (base == document.cases.end())
    throw UsageError(unknown_name("--baseline", "case", settings.baseline->text, known));
  const double margin = settings.fail_above.value_or(usual_margin);
  return {.base = {.name = base->name, .document = &document},
          .other = {.name = path, .document = &document},
          .comparison = compare_within(document, *base, margin),
          .margin = margin,
          .fail_above = settings.fail_above};
}

std::vector<NamedComparison> with_each(const std::vector<std::string>& paths, const std::vector<Document>& documents,
                                       const RunSettings& settings) {
  const double margin = settings.fail_above.value_or(usual_margin);
  std::vector<NamedComparison> comparisons;
  for (std::size_t i = 1; i < paths.size(); ++i)
    comparisons.push_back({.base = {.name = paths[0], .document = &documents[0]},
                           .other = {.name = paths[i], .document = &documents[i]},
                           .comparison = compare(documents[0], documents[i], margin),
                           .margin = margin,
                           .fail_above = settings.fail_above});
  return comparisons;
}

bool is_regression(const NamedComparison& named) {
  return named.fail_above &&
         (!regressions(named.comparison, *named.fail_above).empty() || !new_failures(named.comparison).empty());
}

int run_compare(const Invocation& invocation, Loaded) {
  const RunSettings settings = settings_of(invocation.options);
  start_log(settings);
  const std::vector<std::string>& paths = invocation.operands;
  if (settings.baseline && paths.size() > 1)
    throw UsageError("--baseline compares the cases of one file; give one file, or no --baseline.");
  if (!settings.baseline && paths.size() < 2)
    throw UsageError("compare needs two files, or one and --baseline NAME, to compare its cases with one of them.");
  if (std::ranges::count(paths, "-") > 1) throw UsageError("Standard input ('-') can be read once; it is given twice.");
  std::vector<Document> documents;
  for (const std::string& path : paths) documents.push_back(read_results(path));
  const std::vector<NamedComparison> comparisons =
      settings.baseline ? std::vector{within(paths[0], documents[0], settings)} : with_each(paths, documents, settings);
  print_listing(comparison_listing(comparisons), invocation);
  return std::ranges::any_of(comparisons, is_regression) ? 1 : 0;
}

}  // namespace

extern const Command command_compare = {
    .name = "compare",
    .summary = "what became faster or slower, from the first file of results to the others, and how sure that is",
    .options = compare_options,
    .operands = {.name = "FILE", .least = 1, .most = 1000},
    .loads = Loads::nothing,
    .run = run_compare,
};

}  // namespace pipebench
