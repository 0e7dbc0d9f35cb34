#include "pipebench/plan/axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "pipebench/base/distinct.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/axis_names.hpp"
#include "plan/cpus.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t largest_buffer = std::uint64_t{1} << 30U;
// Each thread has a table of all descriptors, so memory grows with the square of the streams: to 64 MiB at this limit.
constexpr std::uint64_t most_streams = 1024;
constexpr std::uint64_t most_threads = 256;  // at an end
constexpr std::uint64_t deepest = 1024;

// Comma lists: each part is trimmed; an empty one is a mistake, not a value.
std::vector<std::string> split_list(std::string_view text, std::string_view origin) {
  std::vector<std::string> parts = split(text, ',');
  for (const std::string& part : parts) {
    if (part.empty())
      throw UsageError(fmt::format("{}: '{}' has an empty value; separate values by single commas.", origin, text));
  }
  return parts;
}

std::vector<std::string> expand_choice(std::string_view text, std::string_view origin, std::string_view kind,
                                       const std::vector<Choice>& choices) {
  std::vector<std::string_view> known;
  for (const Choice& choice : choices) known.push_back(choice.name);
  std::vector<std::string> values;
  for (const std::string& part : split_list(text, origin)) {
    if (part == "all") {
      for (const Choice& choice : choices) {
        if (choice.part_of_all) values.emplace_back(choice.name);
      }
    } else if (std::ranges::find(known, part) != known.end()) {
      values.push_back(part);
    } else {
      throw UsageError(unknown_name(origin, kind, part, known));
    }
  }
  return distinct(std::move(values));
}

// "4K..1M": 4K, 8K, ... 1M.
void add_doubling_range(std::vector<std::uint64_t>& values, std::uint64_t low, std::uint64_t high,
                        std::string_view part, std::string_view origin) {
  if (low > high)
    throw UsageError(fmt::format("{}: the range '{}' is reversed; write the smaller number first.", origin, part));
  for (std::uint64_t value = low; value <= high; value *= 2) {
    values.push_back(value);
    if (value > high / 2) break;
  }
}

// A list of numbers and doubling ranges: `parse` reads a number, `format` writes it.
std::vector<std::string> expand_numbers(std::string_view text, std::string_view origin, const auto& parse,
                                        const auto& format) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& part : split_list(text, origin)) {
    const auto dots = part.find("..");
    const std::uint64_t first = parse(part.substr(0, dots));
    if (dots == std::string::npos) {
      numbers.push_back(first);
    } else {
      add_doubling_range(numbers, first, parse(part.substr(dots + 2)), part, origin);
    }
  }
  std::vector<std::string> values;
  for (const std::uint64_t number : numbers) values.push_back(format(number));
  return distinct(std::move(values));
}

std::vector<std::string> expand_sizes(std::string_view text, std::string_view origin) {
  return expand_numbers(
      text, origin, [&](const std::string& part) { return parse_size(part, origin); }, format_size);
}

std::vector<std::string> expand_buffer_sizes(std::string_view text, std::string_view origin, const PlanContext&) {
  auto values = expand_sizes(text, origin);
  for (const std::string& value : values) {
    if (parse_size(value, origin) > largest_buffer) {
      throw UsageError(
          fmt::format("{}: {} is more than the largest buffer, {}.", origin, value, format_size(largest_buffer)));
    }
  }
  return values;
}

constexpr std::string_view no_message = "none";

std::vector<std::string> expand_messages(std::string_view text, std::string_view origin, const PlanContext& context) {
  std::vector<std::string> values;
  for (const std::string& part : split_list(text, origin)) {
    if (part == no_message) {
      values.push_back(part);
    } else {
      std::ranges::move(expand_buffer_sizes(part, origin, context), std::back_inserter(values));
    }
  }
  return distinct(std::move(values));
}

// The capacity that the kernel grants for this size; several sizes may give the same pipe.
std::uint64_t checked_pipe_size(const std::string& value, std::string_view origin, const Machine& machine) {
  const std::uint64_t bytes = parse_size(value, origin);
  if (bytes <= machine.pipe_limit_bytes) return granted_pipe_bytes(bytes, machine.page_sizes);
  throw UsageError(
      fmt::format("{}: a pipe of {} is above the limit of this user, {} (/proc/sys/fs/pipe-max-size). Ask for less, or "
                  "raise it as root: sysctl -w fs.pipe-max-size={}",
                  origin, value, format_size(machine.pipe_limit_bytes), bytes));
}

std::vector<std::string> expand_pipe_sizes(std::string_view text, std::string_view origin, const PlanContext& context) {
  std::vector<std::string> values;
  for (const std::string& part : split_list(text, origin)) {
    if (part == "auto") {
      values.push_back(part);
      continue;
    }
    for (const std::string& value : expand_sizes(part, origin))
      values.push_back(format_size(checked_pipe_size(value, origin, context.machine)));
  }
  return distinct(std::move(values));
}

template <std::uint64_t most>
std::vector<std::string> expand_counts(std::string_view text, std::string_view origin, const PlanContext&) {
  return expand_numbers(
      text, origin, [&](const std::string& part) { return parse_count(part, origin, 1, most); },
      [](std::uint64_t count) { return std::to_string(count); });
}

template <std::uint32_t CaseSpec::*member>
void apply_count(CaseSpec& spec, const std::string& value, const PlanContext&) {
  spec.*member = static_cast<std::uint32_t>(std::stoul(value));
}

std::vector<Choice> switch_choices(const Catalog&) { return {{"off", ""}, {"on", ""}}; }

std::vector<std::string> expand_switch(std::string_view text, std::string_view origin, const PlanContext& context) {
  return expand_choice(text, origin, "value", switch_choices(context.catalog));
}

template <bool CaseSpec::*member>
void apply_switch(CaseSpec& spec, const std::string& value, const PlanContext&) {
  spec.*member = value == "on";
}

template <std::vector<StrategyInfo> Catalog::*side>
std::vector<Choice> strategy_choices(const Catalog& catalog) {
  std::vector<Choice> choices;
  for (const StrategyInfo& info : catalog.*side)
    choices.push_back({.name = info.name,
                       .summary = info.summary,
                       .part_of_all = !info.outside && info.transport == Transport::pipe});
  return choices;
}

template <std::vector<StrategyInfo> Catalog::*side>
std::vector<std::string> expand_strategies(std::string_view text, std::string_view origin, const PlanContext& context) {
  return expand_choice(text, origin, side == &Catalog::writers ? "writer" : "reader",
                       strategy_choices<side>(context.catalog));
}

// What errors call a value of the enumeration.
template <class E>
constexpr std::string_view kind_of = "";
template <>
constexpr std::string_view kind_of<Wait> = "wait";
template <>
constexpr std::string_view kind_of<Pages> = "page kind";
template <>
constexpr std::string_view kind_of<Membind> = "memory binding";
template <>
constexpr std::string_view kind_of<Payload> = "payload";
template <>
constexpr std::string_view kind_of<Consume> = "consumer";
template <>
constexpr std::string_view kind_of<Isolation> = "isolation";

template <class E>
std::vector<Choice> named_choices(const Catalog&) {
  std::vector<Choice> choices;
  for (const Named<E>& entry : names<E>) choices.push_back({entry.name, entry.summary});
  return choices;
}

template <class E>
std::vector<std::string> expand_named(std::string_view text, std::string_view origin, const PlanContext& context) {
  return expand_choice(text, origin, kind_of<E>, named_choices<E>(context.catalog));
}

template <class E, E CaseSpec::*member>
void apply_named(CaseSpec& spec, const std::string& value, const PlanContext&) {
  spec.*member = *value_named<E>(value);
}

// It is in the results, in every format, and may be in the names of cases.
std::vector<std::string> expand_command(std::string_view text, std::string_view origin, const PlanContext&) {
  constexpr std::size_t longest = 4096;
  constexpr std::string_view remedy = "put it into a script, and give that";
  if (text.size() > longest)
    throw UsageError(
        fmt::format("{}: the command has {} bytes, and may have {}; {}.", origin, text.size(), longest, remedy));
  std::string one_line(text);
  std::ranges::replace_if(
      one_line, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  if (escaped(one_line) != one_line)
    throw UsageError(fmt::format("{}: '{}' has characters that cannot be shown; {}.", origin, escaped(text), remedy));
  return {std::string(text)};
}

template <std::string CaseSpec::*member>
void apply_text(CaseSpec& spec, const std::string& value, const PlanContext&) {
  spec.*member = value;
}

// "node:1", for a node that there is.
std::string checked_node(const std::string& part, std::string_view origin, const Machine& machine) {
  for (const int node : machine.nodes) {
    if (part == fmt::format("{}{}", node_prefix, node)) return part;
  }
  if (machine.nodes.empty())
    throw UsageError(fmt::format("{}: '{}' cannot be used: NUMA nodes are not known here.", origin, part));
  throw UsageError(fmt::format("{}: '{}' is not a NUMA node with memory that may be used here; available: {}.", origin,
                               part, fmt::join(machine.nodes, ", ")));
}

std::vector<std::string> expand_membind(std::string_view text, std::string_view origin, const PlanContext& context) {
  std::vector<std::string> values;
  for (const std::string& part : split_list(text, origin)) {
    if (part.starts_with(node_prefix) && part != name_of(Membind::node)) {
      values.push_back(checked_node(part, origin, context.machine));
      continue;
    }
    for (const std::string& value : expand_named<Membind>(part, origin, context)) {
      if (value != name_of(Membind::node)) {
        values.push_back(value);
      } else {
        for (const int node : context.machine.nodes) values.push_back(fmt::format("{}{}", node_prefix, node));
      }
    }
  }
  return distinct(std::move(values));
}

void apply_buffer_size(CaseSpec& spec, const std::string& value, const PlanContext&) {
  spec.buffer_bytes = parse_size(value, axis_names::buffer_size);
}
void apply_pipe_size(CaseSpec& spec, const std::string& value, const PlanContext&) {
  spec.pipe_bytes = value == "auto" ? std::nullopt : std::optional(parse_size(value, axis_names::pipe_size));
}
void apply_message(CaseSpec& spec, const std::string& value, const PlanContext&) {
  spec.message_bytes = value == no_message ? std::nullopt : std::optional(parse_size(value, axis_names::message));
}
void apply_membind(CaseSpec& spec, const std::string& value, const PlanContext&) { (void)set_membind(spec, value); }

template <class E, E CaseSpec::*member>
constexpr Axis named_axis(std::string_view name, std::string_view value_name, std::string_view fallback,
                          std::string_view help) {
  return {.name = name,
          .value_name = value_name,
          .fallback = fallback,
          .help = help,
          .expand = expand_named<E>,
          .apply = apply_named<E, member>,
          .choices = named_choices<E>};
}

template <bool CaseSpec::*member>
constexpr Axis switch_axis(std::string_view name, std::string_view help, bool OptionsUsed::*used = nullptr) {
  return {.name = name,
          .value_name = "",
          .fallback = "off",
          .help = help,
          .flag = true,
          .expand = expand_switch,
          .apply = apply_switch<member>,
          .choices = switch_choices,
          .used = used,
          .unused_value = "off"};
}

// Nothing waits where calls never would block.
InTurns without_waiting(const std::vector<std::string>&, const PlanContext&) {
  return {.values = {std::string(name_of(Wait::busy))},
          .note = "With --isolation none no call waits, so --wait has no effect."};
}

constexpr Axis axis_of_waits() {
  Axis axis = named_axis<Wait, &CaseSpec::wait>(
      axis_names::wait, "HOW", "block", "what an end does when it cannot go on; no effect with --isolation none");
  axis.in_turns = without_waiting;
  return axis;
}

constexpr std::array axis_table{
    Axis{.name = axis_names::writer,
         .value_name = "NAME",
         .fallback = "vmsplice",
         .help = "how bytes get into the pipe; all leaves out stdin, and what is no pipe",
         .expand = expand_strategies<&Catalog::writers>,
         .apply = apply_text<&CaseSpec::writer>,
         .choices = strategy_choices<&Catalog::writers>},
    Axis{.name = axis_names::reader,
         .value_name = "NAME",
         .fallback = "splice",
         .help = "how bytes get out of the pipe; all leaves out stdout, and what is no pipe",
         .expand = expand_strategies<&Catalog::readers>,
         .apply = apply_text<&CaseSpec::reader>,
         .choices = strategy_choices<&Catalog::readers>},
    axis_of_waits(),
    named_axis<Pages, &CaseSpec::pages>(axis_names::pages, "KIND", "4k", "what the buffers are made of"),
    Axis{.name = axis_names::buffer_size,
         .value_name = "SIZE",
         .fallback = "256K",
         .help = "bytes of one buffer; a doubling range is 4K..1M",
         .expand = expand_buffer_sizes,
         .apply = apply_buffer_size},
    Axis{.name = axis_names::buffers,
         .value_name = "N",
         .fallback = "2",
         .help = "how many buffers the writer rotates through on each pipe",
         .expand = expand_counts<4096>,
         .apply = apply_count<&CaseSpec::buffers>,
         .used = &OptionsUsed::buffers,
         .unused_value = "1"},
    Axis{.name = axis_names::pipe_size,
         .value_name = "SIZE",
         .fallback = "auto",
         .help = "capacity of the pipe, rounded up as the kernel does; auto: the largest that is safe for the writer",
         .expand = expand_pipe_sizes,
         .apply = apply_pipe_size},
    Axis{.name = axis_names::cpus,
         .value_name = "W,R",
         .fallback = name_of(CpusWord::automatic),
         .help = "OS numbers of the writer's and the reader's CPU (give the option again for another pair); auto: the "
                 "two nearest that are not SMT siblings; any: not pinned; classes: one pair per relation that exists; "
                 "pairs: every ordered pair",
         .repeatable = true,
         .expand = expand_cpus,
         .apply = apply_cpus,
         .in_turns = on_one_cpu},
    Axis{.name = axis_names::streams,
         .value_name = "N",
         .fallback = "1",
         .help = "independent pairs of threads side by side, each with its own pipes, on CPUs of their own",
         .expand = expand_counts<most_streams>,
         .apply = apply_count<&CaseSpec::streams>},
    Axis{.name = axis_names::stripe,
         .value_name = "N",
         .fallback = "1",
         .help = "pipes that the pair uses in turn, buffer by buffer, each with its own --buffers",
         .expand = expand_counts<4096>,
         .apply = apply_count<&CaseSpec::stripe>},
    Axis{.name = axis_names::membind,
         .value_name = "WHERE",
         .fallback = "any",
         .help = "which NUMA nodes the memory of both ends comes from",
         .expand = expand_membind,
         .apply = apply_membind,
         .choices = named_choices<Membind>},
    named_axis<Payload, &CaseSpec::payload>(
        axis_names::payload, "KIND", "static",
        "what the producer writes before each send: nothing, a number into each page, every byte"),
    named_axis<Consume, &CaseSpec::consume>(axis_names::consume, "KIND", "none",
                                            "what the consumer does with the bytes; checksum: it loads every byte"),
    switch_axis<&CaseSpec::gift>(axis_names::gift, "SPLICE_F_GIFT and SPLICE_F_MOVE", &OptionsUsed::gift),
    switch_axis<&CaseSpec::contiguous>(axis_names::contiguous, "all buffers in one allocation",
                                       &OptionsUsed::contiguous),
    switch_axis<&CaseSpec::no_touch>(axis_names::no_touch, "do not fault pages in first", &OptionsUsed::no_touch),
    switch_axis<&CaseSpec::lock>(axis_names::lock, "mlock the buffers", &OptionsUsed::lock),
    named_axis<Isolation, &CaseSpec::isolation>(
        axis_names::isolation, "KIND", "threads",
        "threads: a thread for each end; processes: a process for each end; none: both ends in one thread on the "
        "writer's CPU, turn by turn: what each "
        "call costs, without waiting"),
    Axis{.name = axis_names::writer_threads,
         .value_name = "N",
         .fallback = "1",
         .help = "threads that write to each pipe; a doubling range is 1..8",
         .expand = expand_counts<most_threads>,
         .apply = apply_count<&CaseSpec::writer_threads>},
    Axis{.name = axis_names::reader_threads,
         .value_name = "N",
         .fallback = "1",
         .help = "threads that read from each pipe",
         .expand = expand_counts<most_threads>,
         .apply = apply_count<&CaseSpec::reader_threads>},
    Axis{.name = axis_names::exec,
         .value_name = "COMMAND",
         .fallback = "",
         .help =
             "starts a program for each sample as writer stdin or reader stdout, on that end's CPU; run by sh, with "
             "its other output discarded (give the option again for another program)",
         .repeatable = true,
         .command = true,
         .expand = expand_command,
         .apply = apply_text<&CaseSpec::exec>,
         .used = &OptionsUsed::exec,
         .unused_value = ""},
    Axis{.name = axis_names::depth,
         .value_name = "N",
         .fallback = "1",
         .help = "io_uring: buffers under way at once, as one chain of linked requests; --buffers is 2 for each then",
         .expand = expand_counts<deepest>,
         .apply = apply_count<&CaseSpec::depth>,
         .used = &OptionsUsed::uring,
         .unused_value = "1"},
    switch_axis<&CaseSpec::sqpoll>(axis_names::sqpoll, "io_uring: a kernel thread takes requests (IORING_SETUP_SQPOLL)",
                                   &OptionsUsed::uring),
    switch_axis<&CaseSpec::registered>(
        axis_names::registered, "io_uring: registered files and buffers (io_uring_register)", &OptionsUsed::uring),
    switch_axis<&CaseSpec::latency>(axis_names::latency, "how long each 4 KiB stays in the pipe, as percentiles"),
    Axis{.name = axis_names::message,
         .value_name = "SIZE",
         .fallback = no_message,
         .help =
             "ping-pong: the reader sends each message of this size back through a second pipe, and the writer waits "
             "for it; round trips, as percentiles",
         .expand = expand_messages,
         .apply = apply_message},
};

}  // namespace

std::span<const Axis> axes() { return axis_table; }

}  // namespace pipebench
