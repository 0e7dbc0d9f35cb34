#include "engine/memory_check.hpp"

#include <fmt/format.h>

namespace pipebench {

PageFinding check_pages(ObtainedPages wanted, Role role, std::optional<ObtainedPages> pages,
                        const std::optional<Finding>& cause) {
  if (!pages || pages == wanted || pages == ObtainedPages::untouched) return {};
  if (pages == ObtainedPages::unknown)
    return {.miss = {},
            .note = fmt::format("Asked for {} pages; what the {}'s buffers are made of is not known, as "
                                "/proc/self/smaps cannot be read.",
                                name_of(wanted), name_of(role))};
  std::string miss =
      fmt::format("Asked for {} pages, but the {}'s buffers are {}.", name_of(wanted), name_of(role), name_of(*pages));
  if (cause) miss += " " + sentence_of({.what = cause->what, .mend = cause->mend, .advice = cause->advice});
  return {.miss = std::move(miss), .note = {}};
}

std::string why_misplaced(const FoundMemory& found, Role role, Membind membind, std::optional<int> node,
                          std::size_t nodes_here) {
  if (found.nodes.empty()) return {};
  if (node && found.nodes != std::vector{*node})
    return fmt::format("Asked for memory on NUMA node {}, but the {}'s buffers are on {}.", *node, name_of(role),
                       fmt::join(found.nodes, ", "));
  // A few pages may come to lie on one node by chance: the kernel's own allocations for a thread take turns, too.
  constexpr std::uint64_t enough = 16;
  const bool must_be_spread =
      membind == Membind::interleave && nodes_here > 1 && found.bytes >= enough * found.page_bytes;
  if (must_be_spread && found.nodes.size() == 1)
    return fmt::format("Asked for memory on all NUMA nodes in turn, but the {}'s buffers are on {}.", name_of(role),
                       found.nodes[0]);
  return {};
}

}  // namespace pipebench
