// The data that a page carries.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// What charts are made of, as JSON for a <script> element: no text in it can end the element. Keys are those of the
/// results, as far as a chart shows them, and `handover_ns`, how far apart a case's CPUs were; null is left out. Cases,
/// and the samples of each, are packed_columns(). Where there are very many samples, they lack their counters, and
/// those of most cases (without `has_conditions`) all but their figures. Figures have six digits, texts are escaped().
/// Cases that other documents of the page have, too, have a number, `common`, that they share.
[[nodiscard]] std::string chart_data(const Document& document,
                                     const std::map<const CaseResult*, std::size_t>& common = {});

/// How near two CPUs can be, nearest first, as JSON for a <script> element: [{name, in_one_cache, in_one_package}].
[[nodiscard]] std::string relation_data();

/// All results, as `--format json` prints them, packed as `gzip | base64` does, without line breaks. Throws
/// std::bad_alloc.
[[nodiscard]] std::string packed_data(const Document& document);

}  // namespace pipebench
