// The command `list`: what there is, whether it runs here, and what goes together.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/config_file.hpp"
#include "app/output.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/system/host.hpp"
#include "pipebench/system/huge_pages.hpp"
#include "pipebench/system/page_sizes.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

struct Entry {
  std::string kind;
  std::string name;
  std::string summary;
  std::string unavailable;
  bool is_known = true;  ///< false: `unavailable` says why nobody knows
};

std::optional<bool> available(const Entry& entry) {
  return entry.is_known ? std::optional(entry.unavailable.empty()) : std::nullopt;
}

std::string_view here(const Entry& entry) { return !entry.is_known ? "unknown" : *available(entry) ? "yes" : "no"; }

// Newer kernels may turn vmsplice() into a copy; then it is write() by another name.
Entry zero_copy_entry() {
  const std::optional<bool> zero_copy = vmsplice_is_zero_copy();
  Entry entry{"kernel", "zero-copy", "vmsplice passes pages on instead of copying them", {}};
  if (!zero_copy) entry.unavailable = why_unavailable(*find_strategy(Role::writer, "vmsplice"));
  if (zero_copy == false)
    entry.unavailable = "A page that was changed after vmsplice() arrived unchanged: this kernel copies.";
  return entry;
}

std::string why_no_pages(Pages pages) {
  if (pages == Pages::thp && read_host().thp.value_or("never") == "never") {
    return "The kernel gives none; allow them as root: `echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`";
  }
  if (!is_hugetlb(pages)) return {};
  const PageSizes& sizes = page_sizes_here();
  if (std::ranges::find(sizes.hugetlb, page_bytes_of(pages, sizes)) == sizes.hugetlb.end())
    return "This kernel has none of this size (see /sys/kernel/mm/hugepages).";
  const HugeSize size = pages == Pages::m2 ? HugeSize::m2 : HugeSize::g1;
  if (free_huge_pages(size).value_or(0) > 0) return {};
  return fmt::format(
      "None are free; let --reserve-huge reserve some for a run, or do it as root: `echo 4 > "
      "/sys/kernel/mm/hugepages/hugepages-{}kB/nr_hugepages`",
      static_cast<std::uint32_t>(size));
}

Entry pages_entry(const Named<Pages>& pages) {
  Entry entry{"pages", std::string(pages.name), std::string(pages.summary), {}};
  const bool is_huge = pages.value == Pages::thp || pages.value == Pages::m2 || pages.value == Pages::g1;
  entry.is_known = !is_huge || huge_pages_are_told();
  entry.unavailable = entry.is_known ? why_no_pages(pages.value) : "Not known here: /sys/kernel/mm is not there.";
  return entry;
}

std::vector<Entry> collect(const Catalog& catalog) {
  std::vector<Entry> entries;
  for (const StrategyInfo& info : catalog.writers)
    entries.push_back({"writer", std::string(info.name), std::string(info.summary), info.unavailable});
  for (const StrategyInfo& info : catalog.readers)
    entries.push_back({"reader", std::string(info.name), std::string(info.summary), info.unavailable});
  entries.push_back(zero_copy_entry());
  entries.push_back({"kernel", "gift", "vmsplice takes pages as a gift (--gift)", catalog.no_gift});
  for (const auto& wait : names<Wait>)
    entries.push_back({"wait", std::string(wait.name), std::string(wait.summary), {}});
  for (const auto& pages : names<Pages>) entries.push_back(pages_entry(pages));
  for (const BundledConfig& config : bundled_configs())
    entries.push_back({"config", std::string(config.name), config.summary(), {}});
  return entries;
}

Grid entry_grid(const std::vector<Entry>& entries) {
  Grid grid{
      .columns = {{.header = "kind"}, {.header = "name"}, {.header = "here"}, {.header = "what it is", .wrap = true}},
      .rows = {}};
  for (const Entry& entry : entries) {
    const std::string text = entry.unavailable.empty() ? entry.summary : entry.summary + ". " + entry.unavailable;
    grid.rows.push_back({entry.kind, entry.name, std::string(here(entry)), text});
  }
  return grid;
}

Grid pair_grid(const Catalog& catalog) {
  Grid grid{.columns = {{.header = "writer"}, {.header = "goes with readers", .wrap = true}}, .rows = {}};
  for (const StrategyInfo& writer : catalog.writers) {
    std::vector<std::string_view> readers;
    for (const StrategyInfo& reader : catalog.readers) {
      if (why_not_paired(writer, reader).empty()) readers.push_back(reader.name);
    }
    grid.rows.push_back({std::string(writer.name), fmt::format("{}", fmt::join(readers, " "))});
  }
  return grid;
}

Json as_json(const std::vector<Entry>& entries, const Catalog& catalog) {
  Json list = Json::array();
  for (const Entry& entry : entries) {
    list.push_back({{"kind", entry.kind},
                    {"name", entry.name},
                    {"summary", entry.summary},
                    {"available", available(entry) ? Json(*available(entry)) : Json()},
                    {"reason", entry.unavailable.empty() ? Json() : Json(entry.unavailable)}});
  }
  Json pairs = Json::array();
  for (const StrategyInfo& writer : catalog.writers) {
    for (const StrategyInfo& reader : catalog.readers) {
      const std::string reason = why_not_paired(writer, reader);
      pairs.push_back({{"writer", writer.name},
                       {"reader", reader.name},
                       {"compatible", reason.empty()},
                       {"reason", reason.empty() ? Json() : Json(reason)}});
    }
  }
  return {{"entries", list}, {"pairs", pairs}};
}

int list(const Invocation& invocation, Loaded loaded) {
  const std::vector<Entry> entries = collect(loaded.catalog);
  print_listing({.data = as_json(entries, loaded.catalog), .grids = {entry_grid(entries), pair_grid(loaded.catalog)}},
                invocation);
  return 0;
}

const std::vector<Option>& options() {
  static const std::vector<Option> options = some_options({"format", "help"});
  return options;
}

}  // namespace

extern const Command command_list = {
    .name = "list",
    .summary = "every writer, reader, wait, page kind and bundled config, and whether it runs here",
    .options = options,
    .loads = Loads::strategies,
    .run = list,
};

}  // namespace pipebench
