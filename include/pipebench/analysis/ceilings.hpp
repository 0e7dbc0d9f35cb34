// How much of what is possible a case reaches: pure functions over recorded figures.
#pragma once

#include <string_view>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// Fills in what follows from the samples, for each case that has `ceilings` and a summary: figures of the cases that
/// were measured for it, which ceiling applies, and the share.
///
/// Copying cases: copy bandwidth, as often as copies can be made at once, / serial copies. Others: pages at what the
/// two calls cost alone. With one pipe they come one after the other, but for their entry to and exit from the kernel,
/// which lie outside the lock and cost what a bare system call does; with several, the slower end decides. Streams do
/// so side by side, as far as there are CPUs: the calls of all cannot take more time than the CPUs have. Of a case that
/// takes turns by itself the prices are the result, so slots are no ceiling.
void apply_ceilings(Document& document);

/// Why a case can be above this ceiling, a sentence.
[[nodiscard]] std::string_view why_above(Ceiling ceiling);

}  // namespace pipebench
