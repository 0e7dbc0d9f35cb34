// Results as text: pure functions of the document.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/named.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/report/heat_map.hpp"

namespace pipebench {

/// How people see cases that vary two options, or the pairs of CPUs.
enum class Arrangement : std::uint8_t { automatic, grid, table };
template <>
inline constexpr std::array<Named<Arrangement>, 3> names<Arrangement>{{
    {Arrangement::automatic, "auto", "rows, and a grid below"},
    {Arrangement::grid, "grid", "a grid instead of rows"},
    {Arrangement::table, "table", "rows alone"},
}};

/// What figures may be drawn with as bars.
enum class Bars : std::uint8_t { none, ascii, blocks };

/// What a table is shown on, and how.
struct View {
  unsigned width = 80;     ///< columns
  bool color = false;      ///< ANSI escapes may be used
  Bars bars = Bars::none;  ///< in tables of figures, where `width` has room for them
  Arrangement arrangement = Arrangement::automatic;
  bool call_trees = false;  ///< with profiles
  bool calls = false;       ///< what each end's calls took: a table more, columns of CSV
};

/// For people: one row per case, with remarks, legend and totals below. With profiles: the kinds of work and the
/// functions of each case instead of its row.
[[nodiscard]] std::string results_as_table(const Document& document, const View& view);
/// Indented JSON, schema "pipebench/1".
[[nodiscard]] std::string results_as_json(const Document& document, const View& view);
/// One row per sample, with a header; of a dry run, one row per case. With profiles: one row per kind of work. With
/// View::calls each row ends with the `summary.writer` and `summary.reader` of its case.
[[nodiscard]] std::string results_as_csv(const Document& document, const View& view);
/// The table as GitHub Markdown, with its context.
[[nodiscard]] std::string results_as_markdown(const Document& document, const View& view);
/// One self-contained page, as report_page() makes it.
[[nodiscard]] std::string results_as_html(const Document& document, const View& view);

/// What tools for Google Benchmark's JSON read (docs/tools.md of that project): an iteration is a page of 4 KiB, and a
/// sample a repetition.
[[nodiscard]] std::string results_as_google_benchmark(const Document& document, const View& view);
/// OpenMetrics text 1.0, for node_exporter's textfile collector: gauges in base units, one line a case.
[[nodiscard]] std::string results_as_openmetrics(const Document& document, const View& view);

/// The profiles' samples as lines that flamegraph.pl and speedscope read: "case;writer;outermost;...;innermost 12".
[[nodiscard]] std::string profiles_as_folded(const Document& document, const View& view);
/// What samples, or names of functions, are missing from profiles, and why: sentences, each once.
[[nodiscard]] std::vector<std::string> profile_obstacles(const Document& document);

/// What `list` and `topology` print, in the same formats as results.
struct Listing {
  nlohmann::ordered_json data;  ///< for programs
  std::string headline = {};    ///< for people, before the grids; may be empty
  std::vector<Grid> grids;
  std::vector<HeatMap> maps = {};           ///< for people, below the grids
  std::vector<std::string> remarks = {};    ///< for people, a paragraph each
  std::string legend = {};                  ///< for people, at the end; may be empty
  std::optional<Grid> rows = std::nullopt;  ///< for CSV; without it, CSV has the first of the grids
};
[[nodiscard]] std::string listing_as_table(const Listing& listing, const View& view);
[[nodiscard]] std::string listing_as_json(const Listing& listing, const View& view);
[[nodiscard]] std::string listing_as_csv(const Listing& listing, const View& view);
[[nodiscard]] std::string listing_as_markdown(const Listing& listing, const View& view);
[[nodiscard]] std::string listing_as_html(const Listing& listing, const View& view);

using Render = std::string (*)(const Document&, const View&);

struct Format {
  std::string_view name;    ///< of --format
  std::string_view ending;  ///< of --output; empty: only to stdout
  Render render;
  std::string (*render_listing)(const Listing&, const View&);  ///< nullptr: for results alone
  bool for_people = false;                                     ///< may shorten what is too long to read
  bool can_be_read = false;                                    ///< by `compare` and `report`
};

/// The formats: THE list for --format, --output and help.
inline constexpr std::array<Format, 7> formats{{
    {.name = "table", .ending = "", .render = results_as_table, .render_listing = listing_as_table, .for_people = true},
    {.name = "json",
     .ending = ".json",
     .render = results_as_json,
     .render_listing = listing_as_json,
     .can_be_read = true},
    {.name = "csv", .ending = ".csv", .render = results_as_csv, .render_listing = listing_as_csv},
    {.name = "markdown",
     .ending = ".md",
     .render = results_as_markdown,
     .render_listing = listing_as_markdown,
     .for_people = true},
    // Whole as it is: nothing can stand on stdout below a page.
    {.name = "html", .ending = ".html", .render = results_as_html, .render_listing = listing_as_html},
    {.name = "google-benchmark", .ending = "", .render = results_as_google_benchmark, .render_listing = nullptr},
    {.name = "openmetrics", .ending = "", .render = results_as_openmetrics, .render_listing = nullptr},
}};

}  // namespace pipebench
