// What `gup` shows: a row for each kind of pages, where the figures come from, and what they say.
#pragma once

#include <string>

#include "pipebench/analysis/gup.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// Where the figures come from.
struct LookupOrigin {
  GupSource source = GupSource::vmsplice;
  std::string name = "vmsplice";  ///< "gup_test" and "gup_benchmark" of the kernel
  Finding finding = {};           ///< why it is not the kernel
};

/// `document`: measured, for that source.
[[nodiscard]] Listing lookup_listing(const Document& document, const LookupOrigin& origin);

}  // namespace pipebench
