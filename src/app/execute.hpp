// What commands that measure a plan do with a request: plan, measure, deliver.
#pragma once

#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/output.hpp"
#include "app/request.hpp"
#include "app/session.hpp"

namespace pipebench {

/// Returns the exit code. `typed`: the command line, for the record. Throws UsageError, and SystemError when stdout
/// cannot be written.
[[nodiscard]] int execute(RunRequest request, Loaded loaded, const std::vector<std::string>& typed);

/// Measures the document's cases behind a progress line, which is gone afterwards. `outputs`: get what there is after
/// each round; null: there are none. `instead`: as of Session::measure().
void measure_with_progress(const Session& session, Document& document, const Outputs* outputs,
                           const Measure& instead = {});

/// Of a command that measured: 0; 1 where a case failed or the results were not delivered; 128 and the signal's number
/// after an interrupt. Cases that are measured for the ceilings alone do not count.
[[nodiscard]] int exit_code_of(const Document& document, bool delivered);

}  // namespace pipebench
