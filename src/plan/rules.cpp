#include "pipebench/plan/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pipebench/base/units.hpp"
#include "pipebench/model/memory_need.hpp"
#include "pipebench/model/reuse.hpp"
#include "pipebench/plan/pairs.hpp"

namespace pipebench {
namespace {

// Pages that are given up stay in the pipe for a while, and new ones take their place.
std::string why_not_given_up(const StrategyInfo& writer, const CaseSpec& spec) {
  if (writer.reuse != Reuse::new_pages) return {};
  if (spec.lock)
    return fmt::format("Writer {} gives its pages up after sending, and locked ones cannot be.", writer.name);
  if (!is_hugetlb(spec.pages)) return {};
  return fmt::format("Writer {} takes new pages all the time, and the reserved huge ones would run out.", writer.name);
}

std::string roughly(double bytes) {
  constexpr double mib = 1024.0 * 1024.0;
  return bytes < 1024 * mib ? fmt::format("{:.1f} MiB", bytes / mib) : fmt::format("{:.2f} GiB", bytes / mib / 1024);
}

// Of all streams, but for reserved huge pages. In floating point: it can be more than 64 bits hold.
double memory_needed(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec, Purpose purpose,
                     const PageSizes& sizes) {
  double bytes = 0;
  for (const BufferRequest& request : buffers_of_stream(writer, reader, spec, purpose, sizes)) {
    if (!is_hugetlb(request.pages)) bytes += static_cast<double>(layout_of(request, sizes).bytes());
  }
  // What is copied into a pipe, or given up to it, is in pages that are nobody's buffer.
  const bool fills_pipes = writer.moves_bytes && (writer.reuse == Reuse::at_once || writer.reuse == Reuse::new_pages);
  if (fills_pipes) bytes += static_cast<double>(*spec.pipe_bytes) * spec.stripe;
  return bytes * spec.streams;
}

std::string why_no_memory(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                          const Sampling& sampling, const Machine& machine) {
  const Purpose purpose = sampling.verify ? Purpose::verify : Purpose::measure;
  const double needed = memory_needed(writer, reader, spec, purpose, machine.page_sizes);
  const auto available = static_cast<double>(machine.available_bytes);
  if (needed <= available) return {};
  return fmt::format("It takes {} of memory{}, and {} of memory are available; use fewer or smaller buffers.",
                     roughly(needed), spec.pages == Pages::thp ? " (transparent huge pages are taken whole)" : "",
                     roughly(available));
}

std::string why_pages_do_not_fit(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec) {
  if (is_hugetlb(spec.pages) && writer.backing == Backing::memfd)
    return fmt::format("Writer {} sends from a file, and files of {} pages cannot be spliced (EINVAL).", writer.name,
                       name_of(spec.pages));
  if (spec.pages == Pages::skb && !(writer.takes_skb && reader.takes_skb))
    return "User space cannot map skb pages: only writers tee and recycle can send them.";
  return {};
}

// Pipes in which a strategy keeps its buffers.
std::string why_not_kept(const StrategyInfo& writer, const CaseSpec& spec, const Machine& machine) {
  if (!writer.kept_pipe_bytes) return {};
  const std::uint64_t needed = writer.kept_pipe_bytes(spec, machine.page_sizes);
  if (needed <= machine.pipe_limit_bytes) return {};
  return fmt::format(
      "Writer {} keeps its pages in a pipe, which would take a capacity of {}; the limit is {} "
      "(/proc/sys/fs/pipe-max-size). Use fewer or smaller buffers.",
      writer.name, format_size(needed), format_size(machine.pipe_limit_bytes));
}

std::string why_ring_is_too_large(const StrategyInfo& writer, const CaseSpec& spec, const PageSizes& sizes) {
  constexpr std::uint64_t largest = std::uint64_t{16} << 20U;
  if (writer.reuse != Reuse::own_ring) return {};
  const std::uint64_t bytes = further_buffer(writer, spec, Purpose::measure, sizes).bytes;
  if (bytes <= largest) return {};
  return fmt::format("Writer {} would need a ring of {}, and takes at most {}; use fewer stripes or a smaller pipe.",
                     writer.name, format_size(bytes), format_size(largest));
}

}  // namespace

std::string why_not_paired(const StrategyInfo& writer, const StrategyInfo& reader) {
  if (writer.moves_bytes != reader.moves_bytes) return "null moves nothing, so it pairs with null alone.";
  for (const auto& [info, other] : {std::pair{&writer, &reader}, std::pair{&reader, &writer}}) {
    if (!info->partner.empty() && info->partner != other->name) {
      return fmt::format("{} sends pages round between its two ends, so it pairs with {} alone.", info->name,
                         info->partner);
    }
  }
  if (!writer.unavailable.empty()) return fmt::format("Writer {} cannot run here: {}", writer.name, writer.unavailable);
  if (!reader.unavailable.empty()) return fmt::format("Reader {} cannot run here: {}", reader.name, reader.unavailable);
  return {};
}

std::string why_sizes_do_not_fit(const StrategyInfo& writer, const CaseSpec& spec, const Sampling& sampling,
                                 const Machine& machine) {
  if (!writer.whole_pages) return {};
  const std::uint64_t unit = slot_bytes(spec.pages, machine.page_sizes);
  const auto complain = [&](std::string_view what, std::uint64_t bytes) {
    return fmt::format("Writer {} sends whole pages, and {} {} is not a multiple of {} bytes.", writer.name, what,
                       format_size(bytes), unit);
  };
  if (spec.buffer_bytes % unit != 0) return complain("--buffer-size", spec.buffer_bytes);
  if (sampling.bytes.value_or(0) % unit != 0) return complain("--bytes", *sampling.bytes);
  return {};
}

std::string why_unsuitable(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                           const Sampling& sampling, const Machine& machine) {
  if (std::string why = why_ring_is_too_large(writer, spec, machine.page_sizes); !why.empty()) return why;
  if (std::string why = why_not_given_up(writer, spec); !why.empty()) return why;
  if (std::string why = why_pages_do_not_fit(writer, reader, spec); !why.empty()) return why;
  if (std::string why = why_not_kept(writer, spec, machine); !why.empty()) return why;
  if (std::string why = why_no_memory(writer, reader, spec, sampling, machine); !why.empty()) return why;
  const bool replay = writer.replay || spec.pages == Pages::skb;
  const bool content = spec.payload != Payload::fixed || spec.consume != Consume::none;
  // Whole pages, too: buffers start on pages, and the consumer finds them by counting bytes.
  if (!writer.moves_bytes && content &&
      (spec.wait != Wait::credit || spec.buffer_bytes % machine.page_sizes.base != 0)) {
    return "null has no pipe that could make its ends wait: they share their bytes only with --wait credit and buffers "
           "of whole pages.";
  }
  if (spec.payload != Payload::fixed && replay)
    return fmt::format("Writer {} with {} pages sends the same pages again, so its bytes cannot be fresh.", writer.name,
                       name_of(spec.pages));
  if (spec.consume == Consume::none) return {};
  if (!reader.sees_bytes) return fmt::format("Reader {} never sees the bytes, so it cannot add them up.", reader.name);
  if (!reader.partner.empty() && spec.pages == Pages::skb)
    return "User space cannot map skb pages, so they cannot be added up where they are.";
  return {};
}

std::string why_no_huge_pages(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                              const Machine& machine) {
  if (!is_hugetlb(spec.pages)) return {};
  const bool small = spec.pages == Pages::m2;
  const std::string_view size = small ? "2 MiB" : "1 GiB";
  const PageSizes& sizes = machine.page_sizes;
  if (std::ranges::find(sizes.hugetlb, page_bytes_of(spec.pages, sizes)) == sizes.hugetlb.end())
    return fmt::format("This kernel has no huge pages of {} (see /sys/kernel/mm/hugepages).", size);
  const std::uint64_t needed = huge_pages_needed(writer, reader, spec, sizes);
  const std::uint64_t free = small ? machine.free_huge_2m : machine.free_huge_1g;
  if (free >= needed) return {};
  return fmt::format(
      "It needs {} huge page{} of {}, and {} free. Let --reserve-huge reserve them for the run, or do it as root: "
      "`echo {} > /sys/kernel/mm/hugepages/hugepages-{}kB/nr_hugepages`",
      needed, needed == 1 ? "" : "s", size,
      free == 0   ? "none is"
      : free == 1 ? "1 is"
                  : fmt::format("{} are", free),
      needed, small ? 2048 : 1048576);
}

std::string why_not_verified(const StrategyInfo& writer, const CaseSpec& spec) {
  if (!writer.moves_bytes) return "null moves nothing.";
  if (writer.replay || spec.pages == Pages::skb)
    return "It sends the same pages again, and they cannot be numbered anew for each send.";
  return {};
}

std::string place_streams(CaseSpec& spec, const DisjointPairs& pairs, bool oversubscribe) {
  spec.further_placements.assign(spec.streams - 1, Placement{});
  if (spec.streams == 1) return {};
  const auto refusal = [&](std::size_t fit) {
    return fmt::format(
        "--streams: {} streams need as many pairs of CPUs{} that share no CPU, and {}{} {} here; ask for fewer, or let "
        "them share CPUs with --oversubscribe.",
        spec.streams,
        spec.placement.relation ? fmt::format(", all {},", name_of(*spec.placement.relation)) : std::string(),
        fit == pairs.most(spec.placement.relation) ? "at most " : "", fit, fit == 1 ? "fits" : "fit");
  };
  const std::size_t most = pairs.most(spec.placement.relation);
  if (!oversubscribe && spec.streams > most) return refusal(most);  // without a search, for a plan of many cases
  if (!spec.placement.relation) return {};
  const std::vector<Placement> found = pairs.find(spec.placement, spec.streams);
  if (!oversubscribe && found.size() < spec.streams) return refusal(found.size());
  for (std::size_t i = 1; i < spec.streams; ++i) spec.further_placements[i - 1] = found[i % found.size()];
  return {};
}

std::string place_memory(CaseSpec& spec, const Machine& machine) {
  if (spec.membind == Membind::any || spec.membind == Membind::interleave) return {};
  if (machine.nodes.empty()) return fmt::format("--membind {}: NUMA nodes are not known here.", membind_text(spec));
  for (std::size_t i = 0; i < spec.streams; ++i) {
    Placement& placement = i == 0 ? spec.placement : spec.further_placements[i - 1];
    placement.memory_node = spec.membind_node;
    if (spec.membind == Membind::node) continue;
    const auto cpu = spec.membind == Membind::writer ? placement.writer_cpu : placement.reader_cpu;
    if (!cpu)
      return fmt::format("--membind {} needs an end that is pinned; choose other --cpus than any.", membind_text(spec));
    const int node = machine.find(*cpu)->node;
    if (std::ranges::find(machine.nodes, node) == machine.nodes.end())
      return fmt::format("--membind {}: CPU {} has no NUMA node with memory that may be used.", membind_text(spec),
                         *cpu);
    placement.memory_node = node;
  }
  return {};
}

Traits traits_of(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec, const PageSizes& sizes) {
  const bool writer_touches = writer.touches || spec.payload == Payload::fresh;
  const bool reader_touches = reader.touches || spec.consume != Consume::none;
  const int copies = writer.copies + reader.copies + (spec.consume == Consume::none ? 0 : reader.copies_to_consume);
  Traits traits{.copies = copies, .replay = writer.replay || spec.pages == Pages::skb};
  if (writer_touches) traits.touched = reader_touches ? Touched::both : Touched::writer;
  if (!writer_touches && reader_touches) traits.touched = Touched::reader;
  traits.moves_bytes = writer.moves_bytes;
  traits.safe = rule_of_reuse(writer, reader, spec, Purpose::measure, sizes).safe;
  return traits;
}

}  // namespace pipebench
