// Results as one self-contained HTML page: charts where the build has the chart library, tables in any case.
#pragma once

#include <span>
#include <string>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// A document and what people call it: the name of its file.
struct ReportedDocument {
  std::string name;
  const Document* document = nullptr;
};

/// The page: what several documents say of the same case side by side, then each document, with its data. It loads
/// nothing from anywhere, and its Content-Security-Policy forbids that. Without scripts its tables are there.
[[nodiscard]] std::string report_page(std::span<const ReportedDocument> documents);

}  // namespace pipebench
