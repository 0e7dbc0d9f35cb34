#include "pipebench/plan/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "pipebench/base/plural.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/model/memory_need.hpp"
#include "pipebench/model/reuse.hpp"
#include "pipebench/plan/pairs.hpp"

namespace pipebench {
namespace {

bool sends_same_bytes(const StrategyInfo& writer, const CaseSpec& spec) {
  return writer.replay || spec.pages == Pages::skb;
}

// ---------------------------------------------------------------------------------------------- obstacles

MaybeObstacle pair_obstacle(const Candidate& candidate) {
  if (!candidate.spec.starts_program()) return why_not_paired(candidate.writer, candidate.reader);
  // What standard input and output are makes no difference to it.
  std::array ends{candidate.writer, candidate.reader};
  for (StrategyInfo& end : ends) {
    if (end.outside) end.unavailable.clear();
  }
  return why_not_paired(ends[0], ends[1]);
}

// What several threads at one end of a pipe cannot do.
MaybeObstacle threads_obstacle(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  if (!spec.shares_pipes()) return {};
  const auto refusal = [](std::string_view why) {
    return Obstacle{ObstacleKind::threads, fmt::format("--writer-threads, --reader-threads: {}", why)};
  };
  if (spec.takes_turns()) return refusal("--isolation none has one thread for both ends.");
  if (!writer.moves_bytes) return refusal(fmt::format("{} has no pipe that several threads could share.", writer.name));
  if (writer.transport == Transport::shared_memory)
    return refusal(fmt::format("the ring of {} has one writer and one reader.", writer.name));
  if (writer.reuse == Reuse::on_return) {
    return refusal(
        fmt::format("the pages of {} have to come back in the order in which one writer sent them.", writer.name));
  }
  if (spec.stripe > 1) return refusal("--stripe takes pipes in turn, and several threads have no common turns.");
  if (spec.wait == Wait::credit) return refusal("--wait credit counts the bytes of one writer and one reader.");
  return {};
}

// What needs both ends, or more than one pipe, cannot be done with another program at the end of one.
MaybeObstacle outside_obstacle(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  if (!has_outside(writer, reader)) return {};
  const std::string_view name = writer.outside ? writer.name : reader.name;
  const auto refusal = [name](ObstacleKind kind, std::string_view what) {
    return Obstacle{kind, fmt::format("With {} another program has an end of the pipe: {}", name, what)};
  };
  if (writer.outside && reader.outside && spec.starts_program())
    return refusal(ObstacleKind::limits, "--exec starts one program, and stdin with stdout is about two.");
  if (spec.isolation != Isolation::threads)
    return refusal(ObstacleKind::threads, "there is one end here, and --isolation is about two.");
  if (spec.shares_pipes())
    return refusal(ObstacleKind::threads, "--writer-threads and --reader-threads share both ends of a pipe.");
  if (spec.streams > 1 || spec.stripe > 1)
    return refusal(ObstacleKind::limits, "there is one pipe, and --streams and --stripe need several.");
  if (spec.wait == Wait::credit) return refusal(ObstacleKind::content, "it counts nothing for --wait credit.");
  if (writer.outside && spec.payload != Payload::fixed)
    return refusal(ObstacleKind::content, "its bytes are its own, and --payload is about ours.");
  return {};
}

// What io_uring does not do here, or not in this way.
MaybeObstacle uring_obstacle(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  for (const StrategyInfo* info : {&writer, &reader}) {
    if (!info->uses.uring) continue;
    const auto refusal = [&](std::string_view option, std::string_view why) {
      return Obstacle{ObstacleKind::unavailable,
                      fmt::format("--{}: {} cannot do it here: {}", option, info->name, why)};
    };
    if (spec.depth > 1 && spec.wait == Wait::block && !info->no_depth.empty())
      return refusal(axis_names::depth, info->no_depth);
    if (spec.sqpoll && !info->no_sqpoll.empty()) return refusal(axis_names::sqpoll, info->no_sqpoll);
    if (spec.registered && !info->no_registered.empty()) return refusal(axis_names::registered, info->no_registered);
  }
  if (spec.depth > 1 && spec.stripe > 1)
    return Obstacle{ObstacleKind::limits,
                    fmt::format("--{}: the buffers under way go into one pipe, and --{} takes pipes in turn.",
                                axis_names::depth, axis_names::stripe)};
  if (const std::uint64_t depth = depth_of(writer, spec); spec.buffers % depth != 0) {
    return Obstacle{ObstacleKind::sizes,
                    fmt::format("--{}: writer {} keeps {} buffers under way, and --{} {} is not a multiple of that.",
                                axis_names::depth, writer.name, depth, axis_names::buffers, spec.buffers)};
  }
  const bool pins = (writer.uses.uring && writer.copies > 0) || (reader.uses.uring && reader.receives);
  if (spec.registered && spec.no_touch && pins)
    return Obstacle{ObstacleKind::pages,
                    "--registered pins the pages of buffers, and --no-touch leaves buffers without pages."};
  return {};
}

// The writer's calls are looked up by the order of the bytes.
MaybeObstacle timing_obstacle(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  if (!spec.latency) return {};
  const auto refusal = [](std::string_view why) {
    return Obstacle{ObstacleKind::timing, fmt::format("--latency: {}", why)};
  };
  if (has_outside(writer, reader)) return refusal("when another program sends or takes its bytes is not known.");
  if (!writer.moves_bytes) return refusal(fmt::format("{} has no pipe that bytes could stay in.", writer.name));
  if (spec.takes_turns())
    return refusal("with --isolation none bytes never wait, and stay for as long as the two calls take.");
  if (spec.shares_pipes())
    return refusal("of several threads at an end of a pipe, nothing tells whose bytes came out when.");
  return {};
}

MaybeObstacle message_obstacle(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  if (!spec.is_ping_pong()) return {};
  const auto refusal = [](std::string_view why) {
    return Obstacle{ObstacleKind::timing, fmt::format("--message: {}", why)};
  };
  if (has_outside(writer, reader)) return refusal("another program has an end of the pipe, and does not answer.");
  if (!writer.moves_bytes)
    return refusal(fmt::format("{} has no pipe that an answer could come through.", writer.name));
  if (writer.reuse == Reuse::on_return)
    return refusal(fmt::format("the pages of {} come back by themselves, through a pipe of their own.", writer.name));
  if (spec.takes_turns()) return refusal("with --isolation none nobody waits for an answer.");
  if (spec.shares_pipes()) return refusal("each answer belongs to one writer, and several threads share its pipe.");
  if (spec.stripe > 1) return refusal("there is one pipe each way, and --stripe needs several.");
  if (spec.depth > 1) return refusal("one message is under way at a time, and --depth keeps several.");
  return {};
}

MaybeObstacle waiting_obstacle(const Candidate& candidate) {
  return why_not_waiting(candidate.writer, candidate.spec.wait);
}

MaybeObstacle ring_obstacle(const Candidate& candidate) {
  constexpr std::uint64_t largest = std::uint64_t{16} << 20U;
  const StrategyInfo& writer = candidate.writer;
  if (writer.reuse != Reuse::own_ring) return {};
  const std::uint64_t bytes =
      further_buffer(writer, candidate.spec, Purpose::measure, candidate.machine.page_sizes).bytes;
  if (bytes <= largest) return {};
  return Obstacle{
      ObstacleKind::limits,
      fmt::format("Writer {} would need a ring of {}, and takes at most {}; use fewer stripes or a smaller pipe.",
                  writer.name, format_size(bytes), format_size(largest))};
}

// Pages that are given up stay in the pipe for a while, so new ones are needed in the meantime.
MaybeObstacle giving_up_obstacle(const Candidate& candidate) {
  const StrategyInfo& writer = candidate.writer;
  if (writer.reuse != Reuse::new_pages) return {};
  if (candidate.spec.lock) {
    return Obstacle{ObstacleKind::pages,
                    fmt::format("Writer {} gives its pages up after sending, and locked ones cannot be.", writer.name)};
  }
  if (!is_hugetlb(candidate.spec.pages)) return {};
  return Obstacle{
      ObstacleKind::pages,
      fmt::format("Writer {} takes new pages all the time, and the reserved huge ones would run out.", writer.name)};
}

MaybeObstacle page_obstacle(const Candidate& candidate) {
  const Pages pages = candidate.spec.pages;
  const StrategyInfo& writer = candidate.writer;
  if (is_hugetlb(pages) && writer.backing == Backing::memfd) {
    return Obstacle{ObstacleKind::pages,
                    fmt::format("Writer {} sends from a file, and files of {} pages cannot be spliced (EINVAL).",
                                writer.name, name_of(pages))};
  }
  if (pages == Pages::skb && !(writer.takes_skb && candidate.reader.takes_skb))
    return Obstacle{ObstacleKind::pages, "User space cannot map skb pages, and this writer or reader needs to."};
  return {};
}

MaybeObstacle kept_pages_obstacle(const Candidate& candidate) {
  const StrategyInfo& writer = candidate.writer;
  if (writer.kept_pipe_bytes == nullptr) return {};
  const std::uint64_t needed = writer.kept_pipe_bytes(candidate.spec, candidate.machine.page_sizes);
  const std::uint64_t limit = candidate.machine.pipe_limit_bytes;
  if (needed <= limit) return {};
  return Obstacle{ObstacleKind::limits,
                  fmt::format("Writer {} keeps its pages in a pipe, which would take a capacity of {}; the limit is {} "
                              "(/proc/sys/fs/pipe-max-size). Use fewer or smaller buffers.",
                              writer.name, format_size(needed), format_size(limit))};
}

std::string roughly(double bytes) {
  constexpr double mib = 1024.0 * 1024.0;
  if (bytes < 0.1 * mib) return fmt::format("{:.1f} KiB", bytes / 1024);
  return bytes < 1024 * mib ? fmt::format("{:.1f} MiB", bytes / mib) : fmt::format("{:.2f} GiB", bytes / mib / 1024);
}

// For all streams, not counting reserved huge pages. In floating point, because it may exceed 64 bits.
double memory_needed(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  const Purpose purpose = sampling.verify ? Purpose::verify : Purpose::measure;
  double bytes = 0;
  for (const BufferRequest& request : buffers_of_stream(writer, reader, spec, purpose, machine.page_sizes)) {
    if (!is_hugetlb(request.pages)) bytes += static_cast<double>(layout_of(request, machine.page_sizes).bytes());
  }
  // What was copied into a pipe, or given up to it, lies in pages outside any buffer.
  const bool fills_pipes = writer.moves_bytes && (writer.reuse == Reuse::at_once || writer.reuse == Reuse::new_pages);
  if (fills_pipes) bytes += static_cast<double>(*spec.pipe_bytes) * spec.stripe;
  return bytes * spec.streams;
}

MaybeObstacle memory_obstacle(const Candidate& candidate) {
  const double needed = memory_needed(candidate);
  const auto available = static_cast<double>(candidate.machine.available_bytes);
  if (needed <= available) return {};
  return Obstacle{ObstacleKind::memory,
                  fmt::format("It takes {} of memory{}, and {} of memory are available; use fewer or smaller buffers.",
                              roughly(needed),
                              candidate.spec.pages == Pages::thp ? " (transparent huge pages are taken whole)" : "",
                              roughly(available))};
}

MaybeObstacle payload_obstacle(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  const bool content = spec.payload != Payload::fixed || spec.consume != Consume::none;
  // Whole pages, because buffers start on pages and the consumer finds them by counting bytes.
  const bool in_step = spec.wait == Wait::credit || spec.takes_turns();
  if (!writer.moves_bytes && content && (!in_step || spec.buffer_bytes % machine.page_sizes.base != 0)) {
    return Obstacle{ObstacleKind::content,
                    fmt::format("{} has no pipe to synchronise its ends: --payload and --consume need --wait credit or "
                                "--isolation none, and buffers of whole pages.",
                                writer.name)};
  }
  if (spec.payload == Payload::fixed || !sends_same_bytes(writer, spec)) return {};
  return Obstacle{ObstacleKind::content,
                  fmt::format("Writer {} with {} pages sends the same pages again, so its bytes cannot be fresh.",
                              writer.name, name_of(spec.pages))};
}

MaybeObstacle consumer_obstacle(const Candidate& candidate) {
  const StrategyInfo& reader = candidate.reader;
  if (candidate.spec.consume == Consume::none) return {};
  if (!reader.sees_bytes) {
    return Obstacle{ObstacleKind::content,
                    fmt::format("Reader {} never sees the bytes, so it cannot add them up.", reader.name)};
  }
  // Pages that circulate, and those of null, are added up where they are: in the writer's memory.
  const bool circulates = candidate.writer.reuse == Reuse::on_return;
  const bool in_place = circulates || !reader.moves_bytes;
  if (in_place && candidate.spec.isolation == Isolation::processes) {
    return Obstacle{ObstacleKind::content,
                    fmt::format("Reader {} adds bytes up in the writer's memory, which another process does not see; "
                                "use --isolation threads.",
                                reader.name)};
  }
  if (circulates && candidate.spec.pages == Pages::skb) {
    return Obstacle{ObstacleKind::content,
                    "User space cannot map skb pages, so they cannot be added up where they are."};
  }
  return {};
}

MaybeObstacle gift_obstacle(const Candidate& candidate) {
  // To splice() the switch is a hint, which is never refused.
  if (!candidate.spec.gift || !candidate.writer.gives_pages || candidate.no_gift.empty()) return {};
  return Obstacle{ObstacleKind::unavailable, std::string(candidate.no_gift)};
}

MaybeObstacle huge_page_obstacle(const Candidate& candidate) {
  const auto& [writer, reader, spec, sampling, machine, no_gift] = candidate;
  if (!is_hugetlb(spec.pages)) return {};
  const bool small = spec.pages == Pages::m2;
  const std::string_view size = small ? "2 MiB" : "1 GiB";
  const PageSizes& sizes = machine.page_sizes;
  if (std::ranges::find(sizes.hugetlb, page_bytes_of(spec.pages, sizes)) == sizes.hugetlb.end()) {
    return Obstacle{ObstacleKind::huge_pages,
                    fmt::format("This kernel has no huge pages of {} (see /sys/kernel/mm/hugepages).", size)};
  }
  const std::uint64_t needed = huge_pages_needed(writer, reader, spec, sizes);
  const std::uint64_t free = small ? machine.free_huge_2m : machine.free_huge_1g;
  if (free >= needed) return {};
  const std::string& no_more = small ? machine.no_more_huge_2m : machine.no_more_huge_1g;
  const std::string remedy =
      no_more.empty()
          ? fmt::format(
                "Let --reserve-huge reserve them for the run, or do it as root: "
                "`echo {} > /sys/kernel/mm/hugepages/hugepages-{}kB/nr_hugepages`",
                (small ? machine.reserved_huge_2m : machine.reserved_huge_1g) + needed - free, small ? 2048 : 1048576)
          : no_more;
  return Obstacle{ObstacleKind::huge_pages,
                  fmt::format("It needs {} of {}, and {} free. {}", counted(needed, "huge page"), size,
                              free == 0   ? "none is"
                              : free == 1 ? "1 is"
                                          : fmt::format("{} are", free),
                              remedy)};
}

}  // namespace

void skip(CaseResult& result, Obstacle obstacle) {
  result.status = Status::skipped;
  result.obstacle = obstacle.kind;
  result.reason = std::move(obstacle.detail);
}

MaybeObstacle why_not_paired(const StrategyInfo& writer, const StrategyInfo& reader) {
  if (writer.moves_bytes != reader.moves_bytes) {
    const std::string_view name = writer.moves_bytes ? reader.name : writer.name;
    return Obstacle{ObstacleKind::unpaired, fmt::format("{0} moves no bytes, so it only pairs with {0}.", name)};
  }
  for (const auto& [info, other] : {std::pair{&writer, &reader}, std::pair{&reader, &writer}}) {
    if (!info->partner.empty() && info->partner != other->name) {
      return Obstacle{ObstacleKind::unpaired,
                      fmt::format("{} {}, so it only pairs with {}.", info->name,
                                  info->transport == Transport::pipe ? "passes its pages back and forth" : "is no pipe",
                                  info->partner)};
    }
  }
  if (!writer.unavailable.empty()) {
    return Obstacle{ObstacleKind::unavailable,
                    fmt::format("Writer {} cannot run here: {}", writer.name, writer.unavailable)};
  }
  if (!reader.unavailable.empty()) {
    return Obstacle{ObstacleKind::unavailable,
                    fmt::format("Reader {} cannot run here: {}", reader.name, reader.unavailable)};
  }
  return {};
}

MaybeObstacle why_not_waiting(const StrategyInfo& writer, Wait wait) {
  if (writer.transport != Transport::shared_memory || (wait != Wait::poll && wait != Wait::busy_poll)) return {};
  return Obstacle{ObstacleKind::waiting,
                  fmt::format("--wait {}: {} has no descriptor for poll(2); use block (a futex), busy or credit.",
                              name_of(wait), writer.name)};
}

MaybeObstacle why_sizes_do_not_fit(const Candidate& candidate) {
  const StrategyInfo& writer = candidate.writer;
  const CaseSpec& spec = candidate.spec;
  const Sampling& sampling = candidate.sampling;
  if (!writer.whole_pages) return {};
  const std::uint64_t unit = slot_bytes(spec.pages, candidate.machine.page_sizes);
  const auto complain = [&](std::string_view what, std::uint64_t bytes) {
    return Obstacle{ObstacleKind::sizes,
                    fmt::format("Writer {} sends whole pages, and {} {} is not a multiple of {} bytes.", writer.name,
                                what, format_size(bytes), unit)};
  };
  if (spec.buffer_bytes % unit != 0)
    return complain(spec.is_ping_pong() ? "--message" : "--buffer-size", spec.buffer_bytes);
  if (sampling.bytes.value_or(0) % unit != 0) return complain("--bytes", *sampling.bytes);
  return {};
}

MaybeObstacle first_obstacle(const Candidate& candidate) {
  // What can never work comes before what this machine lacks.
  for (const auto& question :
       {pair_obstacle, outside_obstacle, threads_obstacle, timing_obstacle, message_obstacle, waiting_obstacle,
        why_sizes_do_not_fit, uring_obstacle, ring_obstacle, giving_up_obstacle, page_obstacle, kept_pages_obstacle,
        memory_obstacle, payload_obstacle, consumer_obstacle, gift_obstacle, huge_page_obstacle}) {
    if (MaybeObstacle found = question(candidate)) return found;
  }
  return {};
}

std::string why_not_verified(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec) {
  if (has_outside(writer, reader)) return "Another program has an end of the pipe, and knows nothing of the pattern.";
  if (!writer.moves_bytes) return fmt::format("{} moves nothing.", writer.name);
  if (sends_same_bytes(writer, spec))
    return "It sends the same pages again, and they cannot be numbered anew for each send.";
  if (spec.shares_pipes())
    return "Several threads share an end of the pipe, so nothing tells in which order bytes have to arrive.";
  return {};
}

// ---------------------------------------------------------------------------------------------- where it runs

namespace {

// The first threads of the streams get the first pairs, the second ones those that follow, and so on. Where pairs are
// used up, threads share those of their own stream, as long as each stream has one.
void spread(CaseSpec& spec, const std::vector<Placement>& pairs) {
  const std::size_t of_stream = spec.pairs_of_stream();
  const std::size_t in_use = pairs.size() > spec.streams ? pairs.size() - pairs.size() % spec.streams : pairs.size();
  for (std::size_t i = 1; i < spec.streams * of_stream; ++i) {
    const std::size_t index = i % of_stream;
    Placement& place = spec.further_placements[i - 1];
    place = pairs[(index * spec.streams + i / of_stream) % in_use];
    if (index >= spec.writer_threads) place.writer_cpu.reset();
    if (index >= spec.reader_threads) place.reader_cpu.reset();
  }
}

}  // namespace

MaybeObstacle place_streams(CaseSpec& spec, const DisjointPairs& pairs, bool oversubscribe) {
  const std::size_t wanted = std::size_t{spec.streams} * spec.pairs_of_stream();
  spec.further_placements.assign(wanted - 1, Placement{});
  if (wanted == 1) return {};
  // Both ends of a stream in one thread need one CPU, pinned or not.
  const auto relation = spec.takes_turns() ? Relation::same_cpu : spec.placement.relation;
  const std::size_t most = pairs.most(relation);
  const auto refusal = [&](std::size_t fit) {
    return Obstacle{
        ObstacleKind::placement,
        fmt::format("--streams: {} streams need as many pairs of CPUs{} that share no CPU, and {}{} {} here; ask for "
                    "fewer, or let them share CPUs with --oversubscribe.",
                    spec.streams,
                    spec.placement.relation ? fmt::format(", all {},", name_of(*spec.placement.relation)) : "",
                    fit == most ? "at most " : "", fit, fit == 1 ? "fits" : "fit")};
  };
  if (!oversubscribe && spec.streams > std::max<std::size_t>(1, most))
    return refusal(most);  // without a search, for a plan of many cases
  if (!spec.placement.relation) return {};
  const std::vector<Placement> found = pairs.find(spec.placement, wanted);
  if (!oversubscribe && found.size() < spec.streams) return refusal(found.size());
  spread(spec, found);
  return {};
}

MaybeObstacle place_memory(CaseSpec& spec, const Machine& machine) {
  if (spec.membind == Membind::any || spec.membind == Membind::interleave) return {};
  const auto refusal = [&](std::string_view why) {
    return Obstacle{ObstacleKind::placement, fmt::format("--membind {}{}", membind_text(spec), why)};
  };
  if (machine.nodes.empty()) return refusal(": NUMA nodes are not known here.");
  for (std::size_t i = 0; i < spec.placement_count(); ++i) {
    Placement& placement = i == 0 ? spec.placement : spec.further_placements[i - 1];
    placement.memory_node = spec.membind_node;
    if (spec.membind == Membind::node) continue;
    // Where an end has fewer threads, the first one's node stands for those that are not there.
    const auto cpu_of = [&](const Placement& place) {
      return spec.membind == Membind::writer ? place.writer_cpu : place.reader_cpu;
    };
    const auto cpu = cpu_of(placement) ? cpu_of(placement) : cpu_of(spec.placement);
    if (!cpu) return refusal(" needs an end that is pinned; choose other --cpus than any.");
    const int node = machine.find(*cpu)->node;
    if (std::ranges::find(machine.nodes, node) == machine.nodes.end())
      return refusal(fmt::format(": CPU {} has no NUMA node with memory that may be used.", *cpu));
    placement.memory_node = node;
  }
  return {};
}

// ---------------------------------------------------------------------------------------------- traits

Traits traits_of(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec, const PageSizes& sizes) {
  const bool consumes = spec.consume != Consume::none;
  const bool writer_touches = writer.touches || spec.payload == Payload::fresh;
  const bool reader_touches = reader.touches || consumes;
  return {.copies = writer.copies + reader.copies + (consumes ? reader.copies_to_consume : 0),
          .replay = sends_same_bytes(writer, spec),
          .touched = writer_touches && reader_touches ? Touched::both
                     : writer_touches                 ? Touched::writer
                     : reader_touches                 ? Touched::reader
                                                      : Touched::none,
          .safe = rule_of_reuse(writer, reader, spec, Purpose::measure, sizes).safe,
          .transport = writer.transport,
          .moves_bytes = writer.moves_bytes};
}

CpusInUse cpus_in_use(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec, unsigned allowed) {
  const unsigned writing = spec.streams * spec.writer_threads;
  const unsigned reading = spec.streams * spec.reader_threads;
  const auto at_most = [&](unsigned ends) { return allowed == 0 ? ends : std::min(ends, allowed); };
  if (!spec.placement.writer_cpu || !spec.placement.reader_cpu || writer.kernel_workers || reader.kernel_workers)
    return {.writers = at_most(writing), .readers = at_most(reading), .all = at_most(writing + reading)};
  std::set<int> writers{*spec.placement.writer_cpu};
  std::set<int> readers{*spec.placement.reader_cpu};
  for (const Placement& further : spec.further_placements) {
    if (further.writer_cpu) writers.insert(*further.writer_cpu);
    if (further.reader_cpu) readers.insert(*further.reader_cpu);
  }
  std::set<int> all = writers;
  all.insert(readers.begin(), readers.end());
  const auto count = [](const std::set<int>& cpus) { return static_cast<unsigned>(cpus.size()); };
  return {.writers = count(writers), .readers = count(readers), .all = count(all)};
}

CopyLimit copy_limit(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                     const CpusInUse& cpus) {
  const auto by_writer = static_cast<unsigned>(writer.copies);
  const auto by_reader =
      static_cast<unsigned>(reader.copies + (spec.consume == Consume::none ? 0 : reader.copies_to_consume));
  // Streams in turns have a price, whatever their number.
  if (spec.takes_turns()) return {.serial = by_writer + by_reader};
  const bool has_lock = writer.transport == Transport::pipe;
  const int under_lock = !has_lock ? 0
                                   : (writer.reuse == Reuse::own_ring ? 0 : writer.copies) +
                                         (reader.release == Release::copied ? reader.copies : 0);
  CopyLimit tightest{.serial = spec.stripe > 1 ? 0 : static_cast<unsigned>(under_lock), .at_once = spec.streams};
  for (const CopyLimit& limit : {CopyLimit{.serial = by_writer, .at_once = cpus.writers},
                                 CopyLimit{.serial = by_reader, .at_once = cpus.readers},
                                 CopyLimit{.serial = by_writer + by_reader, .at_once = cpus.all}}) {
    if (limit.at_once * tightest.serial < tightest.at_once * limit.serial) tightest = limit;
  }
  return tightest;
}

}  // namespace pipebench
