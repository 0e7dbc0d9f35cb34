// What `compare` shows.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "pipebench/analysis/compare.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// A document and what people call it: its file, or a case in it.
struct ComparedDocument {
  std::string name;
  const Document* document = nullptr;
};

/// Two documents; or twice the same one, whose cases are compared with one of them.
struct NamedComparison {
  ComparedDocument base, other;
  Comparison comparison;
  double margin = usual_margin;
  std::optional<double> fail_above = {};
  [[nodiscard]] bool is_within() const { return base.document == other.document; }
};

/// Differences of the machines and tools first, then a row for each figure, then what was left out and why.
[[nodiscard]] Listing comparison_listing(std::span<const NamedComparison> comparisons);

}  // namespace pipebench
