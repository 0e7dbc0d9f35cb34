#include "pipebench/model/buffers.hpp"

#include <algorithm>

#include "pipebench/base/rounding.hpp"

namespace pipebench {

BufferLayout layout_of(const BufferRequest& request, const PageSizes& sizes) {
  constexpr std::uint64_t too_large_for_one = std::uint64_t{32} << 20U;
  const std::uint64_t page = page_bytes_of(request.pages, sizes);
  const bool shared = request.contiguous || request.backing == Backing::memfd || is_hugetlb(request.pages) ||
                      (request.pages == Pages::thp && page >= too_large_for_one);
  BufferLayout layout{.stride = round_up(request.bytes, sizes.base), .per_mapping = shared ? request.count : 1};
  layout.mappings = shared ? std::min<std::size_t>(request.count, 1) : request.count;
  layout.mapping_bytes = round_up(layout.per_mapping * layout.stride, page);
  return layout;
}

}  // namespace pipebench
