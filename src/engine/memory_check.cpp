#include "engine/memory_check.hpp"

#include <fmt/format.h>

#include "pipebench/system/memory.hpp"

namespace pipebench {
namespace {

std::uint64_t page_bytes_in(std::string_view pages) {
  if (pages == name_of(Pages::k4)) return page_bytes_of(Pages::k4);
  return page_bytes_of(pages == name_of(Pages::g1) ? Pages::g1 : Pages::m2);
}

// Nobody maps skb pages, and a file that is spliced into is of ordinary ones: there, 4k is what was meant.
bool is_expected(const CaseSpec& spec, std::string_view role, std::string_view pages) {
  if (pages.empty() || pages == name_of(spec.pages) || pages == "not touched") return true;
  return role == "reader" && pages == name_of(Pages::k4) && (spec.pages == Pages::skb || spec.reader == "splice-file");
}

}  // namespace

PageFinding check_pages(const CaseSpec& spec, std::string_view role, std::string_view pages) {
  if (is_expected(spec, role, pages)) return {};
  const auto wanted = name_of(spec.pages);
  if (pages == Smaps::unknown_pages)
    return {.miss = {},
            .note = fmt::format("Asked for {} pages; what the {}'s buffers are made of is not known, as "
                                "/proc/self/smaps cannot be read.",
                                wanted, role)};
  return {.miss = fmt::format("Asked for {} pages, but the {}'s buffers are {}.", wanted, role, pages), .note = {}};
}

std::string why_misplaced(const FoundMemory& found, std::string_view role, Membind membind, std::optional<int> node,
                          std::size_t nodes_here) {
  if (found.nodes.empty()) return {};
  if (node && found.nodes != std::vector{*node})
    return fmt::format("Asked for memory on NUMA node {}, but the {}'s buffers are on {}.", *node, role,
                       fmt::join(found.nodes, ", "));
  // A few pages may come to lie on one node by chance: the kernel's own allocations for a thread take turns, too.
  constexpr std::uint64_t enough = 16;
  const bool must_be_spread =
      membind == Membind::interleave && nodes_here > 1 && found.bytes >= enough * page_bytes_in(found.pages);
  if (must_be_spread && found.nodes.size() == 1)
    return fmt::format("Asked for memory on all NUMA nodes in turn, but the {}'s buffers are on {}.", role,
                       found.nodes[0]);
  return {};
}

}  // namespace pipebench
