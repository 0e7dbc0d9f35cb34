#include "engine/report_transfer.hpp"

#include <cstring>
#include <stdexcept>
#include <type_traits>

namespace pipebench {
namespace {

// Copied as they lie in memory; none of them has a pointer in it.
template <class T>
concept Flat = std::is_trivially_copyable_v<T>;

template <class T>
concept Optional = requires(T value) {
  value.has_value();
  value.emplace();
};

template <class T>
concept Sequence = requires(T value) {
  value.begin();
  value.resize(1);
};

// Calls visit(member, member, ...). A struct that gets another member does not compile until it is named here.
template <class Visit>
void visit_members(auto& value, const Visit& visit) {
  using Type = std::remove_cvref_t<decltype(value)>;
  if constexpr (std::is_same_v<Type, EndReport>) {
    auto& [stream, role, tally, start_ns, counters, used, run_queue_seconds, stacks, conditions, turns, latency,
           round_trip, pages, wanted_pages, in_file, nodes, failure, notes, misses] = value;
    (void)turns;
    visit(stream, role, tally, start_ns, counters, used, run_queue_seconds, stacks, conditions, latency, round_trip,
          pages, wanted_pages, in_file, nodes, failure, notes, misses);
  } else if constexpr (std::is_same_v<Type, ClockedTimes>) {
    auto& [clock_ps, ps] = value;
    visit(clock_ps, ps);
  } else if constexpr (std::is_same_v<Type, StackRecord>) {
    auto& [event, scope, frequency_hz, samples, obstacle] = value;
    visit(event, scope, frequency_hz, samples, obstacle);
  } else if constexpr (std::is_same_v<Type, StackSamples>) {
    auto& [samples, lost, throttled, is_damaged] = value;
    visit(samples, lost, throttled, is_damaged);
  } else if constexpr (std::is_same_v<Type, StackSample>) {
    auto& [addresses, is_user, tag] = value;
    visit(addresses, is_user, tag);
  } else {
    static_assert(std::is_same_v<Type, Finding>);
    auto& [severity, figures, about, what, why, mend, advice] = value;
    visit(severity, figures, about, what, why, mend, advice);
  }
}

template <class T>
void pack(std::string& bytes, const T& value) {
  if constexpr (Flat<T>) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  } else if constexpr (Optional<T>) {
    pack(bytes, value.has_value());
    if (value) pack(bytes, *value);
  } else if constexpr (Sequence<T>) {
    pack(bytes, value.size());
    for (const auto& element : value) pack(bytes, element);
  } else if constexpr (std::is_same_v<T, Histogram>) {
    pack(bytes, value.counts());
  } else {
    visit_members(value, [&](const auto&... members) { (pack(bytes, members), ...); });
  }
}

// Takes what it reads off the front of `bytes`.
template <class T>
void unpack(std::string_view& bytes, T& value) {
  if constexpr (Flat<T>) {
    if (bytes.size() < sizeof value) throw std::runtime_error("A process left a report that is not whole.");
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes.remove_prefix(sizeof value);
  } else if constexpr (Optional<T>) {
    bool has_value = false;
    unpack(bytes, has_value);
    if (has_value) unpack(bytes, value.emplace());
  } else if constexpr (Sequence<T>) {
    std::size_t size = 0;
    unpack(bytes, size);
    if (size > bytes.size()) throw std::runtime_error("A process left a report that is not whole.");
    value.resize(size);
    for (auto& element : value) unpack(bytes, element);
  } else if constexpr (std::is_same_v<T, Histogram>) {
    std::vector<std::uint64_t> counts;
    unpack(bytes, counts);
    if (counts.size() != value.counts().size()) throw std::runtime_error("A process left a report that is not whole.");
    value.add_counts(counts);
  } else {
    visit_members(value, [&](auto&... members) { (unpack(bytes, members), ...); });
  }
}

}  // namespace

std::string pack_reports(std::span<const EndReport> reports) {
  std::string bytes;
  pack(bytes, reports.size());
  for (const EndReport& report : reports) pack(bytes, report);
  return bytes;
}

std::vector<EndReport> unpack_reports(std::string_view bytes) {
  std::vector<EndReport> reports;
  unpack(bytes, reports);
  return reports;
}

}  // namespace pipebench
