#include "pipebench/model/memory_need.hpp"

namespace pipebench {

BufferRequest writer_buffers(const StrategyInfo& writer, const CaseSpec& spec) {
  // Buffers that are under way together are one here. The plan has seen to it that none is left over.
  return {.bytes = step_bytes(writer, spec),
          .count = spec.total_buffers() / depth_of(writer, spec),
          .pages = spec.pages,
          .backing = writer.backing,
          // Pages that circulate are identified by their order.
          .contiguous = spec.contiguous || writer.reuse == Reuse::on_return,
          // Circulating pages are sent before they are written to: untouched, they would be the shared zero page.
          .touch = (!spec.no_touch || writer.reuse == Reuse::on_return) && spec.pages != Pages::skb,
          // skb pages are the kernel's, and this memory stands for them.
          .lock = spec.lock && spec.pages != Pages::skb};
}

BufferRequest reader_buffer(const StrategyInfo& reader, const CaseSpec& spec) {
  // skb pages cannot be mapped: what is copied out of them goes to ordinary ones.
  return {.bytes = step_bytes(reader, spec),
          .count = 1,
          .pages = spec.pages == Pages::skb ? Pages::k4 : spec.pages,
          .touch = !spec.no_touch,
          .lock = spec.lock};
}

BufferRequest further_buffer(const StrategyInfo& info, const CaseSpec& spec, Purpose purpose, const PageSizes& sizes) {
  return info.further ? info.further(spec, purpose, sizes) : BufferRequest{};
}

OptionsUsed options_used(const StrategyInfo& info, const CaseSpec& spec) {
  OptionsUsed used = info.uses;
  if (info.role == Role::writer && spec.pages == Pages::skb) used.no_touch = used.lock = false;
  return used;
}

std::vector<BufferRequest> buffers_of_stream(const StrategyInfo& writer, const StrategyInfo& reader,
                                             const CaseSpec& spec, Purpose purpose, const PageSizes& sizes) {
  std::vector<BufferRequest> all;
  for (std::uint32_t i = 0; i < spec.writer_threads && !writer.outside; ++i) {
    all.push_back(writer_buffers(writer, spec));
    all.push_back(further_buffer(writer, spec, purpose, sizes));
  }
  for (std::uint32_t i = 0; i < spec.reader_threads; ++i) {
    if (reader.receives) all.push_back(reader_buffer(reader, spec));
    all.push_back(further_buffer(reader, spec, purpose, sizes));
  }
  if (spec.is_ping_pong()) {  // each end has the other's for the way back
    const std::vector<BufferRequest> there = all;
    all.insert(all.end(), there.begin(), there.end());
  }
  return all;
}

std::uint64_t huge_pages_needed(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                                const PageSizes& sizes) {
  std::uint64_t pages = 0;
  // What verification allocates in addition has ordinary pages.
  for (const BufferRequest& request : buffers_of_stream(writer, reader, spec, Purpose::measure, sizes)) {
    if (is_hugetlb(request.pages)) pages += layout_of(request, sizes).bytes() / page_bytes_of(request.pages, sizes);
  }
  return spec.streams * pages;
}

}  // namespace pipebench
