// Is the memory made of the pages that were asked for, and where --membind wanted it?
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/model/finding.hpp"
#include "pipebench/model/strategy.hpp"

namespace pipebench {

/// What is known of one end's buffers.
struct FoundMemory {
  std::vector<int> nodes;        ///< NUMA nodes that hold them, ascending; empty: not known
  std::uint64_t page_bytes = 0;  ///< of one of the pages they are made of
  std::uint64_t bytes = 0;
};

/// Sentences about the pages of one end's buffers; both are empty when they are what was asked for.
struct PageFinding {
  std::string miss;  ///< they are of other pages
  std::string note;  ///< the kernel does not tell
};

/// `pages`: as in Obtained, of the buffers of `role`; empty when it has none. `wanted`: what it says when they are of
/// the kind that this end asked for. `cause`: why such buffers cannot have it here, if anything is known.
[[nodiscard]] PageFinding check_pages(ObtainedPages wanted, Role role, std::optional<ObtainedPages> pages,
                                      const std::optional<Finding>& cause = {});

/// Why the buffers of `role` are not where they were wanted, as a sentence; empty when they are, or nothing is known.
/// `node`: of a case that binds to one. `nodes_here`: how many could have been used; it counts for interleaved memory
/// alone.
[[nodiscard]] std::string why_misplaced(const FoundMemory& found, Role role, Membind membind, std::optional<int> node,
                                        std::size_t nodes_here);

}  // namespace pipebench
