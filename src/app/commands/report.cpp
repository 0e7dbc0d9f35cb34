// The command `report`: files of results as one HTML page.
#include <fmt/format.h>
#include <unistd.h>

#include "app/command.hpp"
#include "app/log.hpp"
#include "app/output.hpp"
#include "app/results_file.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/report/page.hpp"

namespace pipebench {
namespace {

// Another ending is a slip, and may well name one of the files of results.
OutputFile page_file(const std::string& path) {
  const std::string_view ending = format_named("html").ending;
  if (!path.ends_with(ending))
    throw UsageError(fmt::format("--output: a report is HTML, and '{}' does not end in {}.", path, ending));
  return OutputFile(path);
}

int report(const Invocation& invocation, Loaded) {
  const RunSettings settings = settings_of(invocation.options);
  start_log(settings);
  const std::vector<std::string>& paths = invocation.operands;
  std::vector<OutputFile> files;
  for (const std::string& path : settings.outputs) files.push_back(page_file(path));
  if (files.empty() && ::isatty(STDOUT_FILENO) == 1)
    throw UsageError("The page would go to the terminal; name a file for it: --output report.html.");
  const std::vector<Document> documents = read_all_results(paths);
  std::vector<ReportedDocument> reported;
  for (std::size_t i = 0; i < paths.size(); ++i)
    reported.push_back({.name = paths[i] == "-" ? "standard input" : paths[i], .document = &documents[i]});
  const std::string page = report_page(reported);
  for (const OutputFile& file : files) file.write(page);
  if (files.empty()) print(page);
  return 0;
}

const std::vector<Option>& options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> some = some_options({"output", "help"});
    some.front().help = "write the page to this file (.html) instead of stdout";
    return some;
  }();
  return options;
}

}  // namespace

extern const Command command_report = {
    .name = "report",
    .summary = "files of results as one HTML page with charts, which needs no network; several files side by side",
    .options = options,
    .operands = {.name = "FILE", .least = 1, .most = 1000},
    .loads = Loads::nothing,
    .run = report,
};

}  // namespace pipebench
