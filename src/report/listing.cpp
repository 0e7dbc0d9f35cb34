// Output of commands other than `run`, in each format.
#include <fmt/format.h>

#include "pipebench/base/printable.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {
namespace {

// A command in a column would be broken over lines, and could not be copied. It goes below the grid instead, under the
// first cells of its row.
std::string take_commands(Grid& grid) {
  std::string commands;
  for (auto& row : grid.rows) {
    for (std::string& cell : row) {
      std::string prose;
      for (const Passage& passage : passages_of(cell)) {
        prose += (prose.empty() ? "" : " ") + passage.prose;
        if (passage.command.empty()) continue;
        prose.back() = ',';  // instead of the colon
        prose += " see below.";
        commands += fmt::format("\n{} {}:\n  {}\n", row[0], row[1], passage.command);
      }
      cell = prose;
    }
  }
  return commands;
}

}  // namespace

std::string listing_as_table(const Listing& listing, const View& view) {
  std::vector<std::string> parts;
  const auto add = [&](std::string part) {
    if (!part.empty()) parts.push_back(std::move(part));
  };
  if (!listing.headline.empty()) add(wrap_text(listing.headline, view.width, 0, ""));
  for (Grid grid : listing.grids) {
    const std::string commands = take_commands(grid);
    add(grid_as_text(grid, view.width) + commands);
  }
  for (const HeatMap& map : listing.maps) add(map.render(view.width, view.color));
  for (const std::string& remark : listing.remarks) add(wrap_text(remark, view.width, 0, ""));
  if (!listing.legend.empty()) add(wrap_text(listing.legend, view.width, 0, ""));
  return fmt::format("{}", fmt::join(parts, "\n"));
}

std::string listing_as_json(const Listing& listing, const View&) { return listing.data.dump(2) + '\n'; }

std::string listing_as_csv(const Listing& listing, const View&) {
  return grid_as_csv(listing.rows ? *listing.rows : listing.grids.front());
}

std::string listing_as_markdown(const Listing& listing, const View&) {
  std::vector<std::string> parts;
  if (!listing.headline.empty()) parts.push_back(markdown_text(listing.headline) + '\n');
  for (const Grid& grid : listing.grids) parts.push_back(grid_as_markdown(grid));
  for (const HeatMap& map : listing.maps) parts.push_back(fmt::format("```\n{}```\n", map.render(80, false)));
  for (const std::string& remark : listing.remarks) parts.push_back(markdown_text(remark) + '\n');
  if (!listing.legend.empty()) parts.push_back(markdown_text(listing.legend) + '\n');
  return fmt::format("{}", fmt::join(parts, "\n"));
}

}  // namespace pipebench
