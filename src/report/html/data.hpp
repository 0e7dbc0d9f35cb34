// The data that a page carries.
#pragma once

#include <string>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// What charts are made of, as JSON for a <script> element: no text in it can end the element. Keys are those of the
/// results; null, and what no chart shows, is left out. So are the counters where there are very many samples.
[[nodiscard]] std::string chart_data(const Document& document);

/// All results, as `--format json` prints them, packed as `gzip | base64` does, without line breaks. Throws
/// std::bad_alloc.
[[nodiscard]] std::string packed_data(const Document& document);

}  // namespace pipebench
