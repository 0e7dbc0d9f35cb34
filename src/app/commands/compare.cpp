// The command `compare`: what became faster or slower from one file of results to others.
#include "app/command.hpp"
#include "app/comparing.hpp"
#include "app/log.hpp"
#include "app/output.hpp"
#include "app/results_file.hpp"
#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

int run_compare(const Invocation& invocation, Loaded) {
  const RunSettings settings = settings_of(invocation.options);
  start_log(settings);
  const std::vector<std::string>& paths = invocation.operands;
  if (settings.baseline && paths.size() > 1)
    throw UsageError("--baseline compares the cases of one file; give one file, or no --baseline.");
  if (!settings.baseline && paths.size() < 2)
    throw UsageError("compare needs two files, or one and --baseline NAME, to compare its cases with one of them.");
  const std::vector<Document> documents = read_all_results(paths);
  std::vector<ComparedDocument> files;
  for (std::size_t i = 0; i < paths.size(); ++i) files.push_back({.name = paths[i], .document = &documents[i]});
  std::vector<NamedComparison> comparisons;
  if (settings.baseline) comparisons.push_back(compare_cases(files[0], settings));
  for (std::size_t i = 1; i < files.size(); ++i) comparisons.push_back(compare_files(files[0], files[i], settings));
  print_listing(comparison_listing(comparisons), invocation);
  return exit_code_of(comparisons);
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
