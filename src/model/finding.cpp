#include "pipebench/model/finding.hpp"

#include <fmt/format.h>

namespace pipebench {

std::string sentence_of(const Finding& finding) {
  std::string text = finding.what;
  if (!finding.figures.empty()) text = fmt::format("{}: {}", fmt::join(finding.figures, ", "), text);
  if (!finding.why.empty()) text += " " + finding.why;
  if (!finding.advice.empty()) text += " " + finding.advice;
  if (!finding.mend.empty()) text += fmt::format(" As root: `{}`", finding.mend);
  return text;
}

}  // namespace pipebench
