// The page of HTML reports, without what it reports: made of page.html, style.css, scripts/ and, where the build has
// it, the chart library.
#pragma once

#include <string_view>

namespace pipebench {

/// In their order on the page; between them stand the title (text) and the body (elements).
struct PagePieces {
  std::string_view before_title, before_body;
  std::string_view scripts;  ///< after the data that they draw; a page without charts does without
  std::string_view end;
  bool has_charts;  ///< the chart library is in `scripts`
};
extern const PagePieces page_pieces;

}  // namespace pipebench
