#include "pipebench/plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <unordered_set>

#include "pipebench/base/distinct.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/model/identity.hpp"
#include "pipebench/model/memory_need.hpp"
#include "pipebench/model/reuse.hpp"
#include "plan/cpus.hpp"

namespace pipebench {
namespace {

const StrategyInfo& info_of(const std::vector<StrategyInfo>& strategies, std::string_view name) {
  return *std::ranges::find(strategies, name, &StrategyInfo::name);
}

std::vector<std::string> given_values(const Axis& axis, const Group& group, const PlanContext& context) {
  const auto given = group.axes.find(axis.name);
  if (given == group.axes.end()) return axis.expand(axis.fallback, axis.name, context);
  std::vector<std::string> values;
  for (const Setting& setting : given->second) {
    std::vector<std::string> more = axis.expand(setting.text, setting.origin, context);
    if (given->second.size() == 1) return more;  // no value twice in one text
    std::ranges::move(more, std::back_inserter(values));
  }
  return distinct(std::move(values));
}

// The values that cases of one kind of isolation have. What of them has no effect is added to `notes`.
std::vector<std::string> expand_axis(const Axis& axis, const std::string& isolation, const Group& group,
                                     const PlanContext& context, std::vector<std::string>& notes) {
  if (axis.name == axis_names::isolation) return {isolation};
  std::vector<std::string> values = given_values(axis, group, context);
  if (isolation != name_of(Isolation::none) || axis.in_turns == nullptr) return values;
  InTurns in_turns = axis.in_turns(values, context);
  if (!in_turns.note.empty() && group.axes.contains(axis.name)) notes.emplace_back(in_turns.note);
  return std::move(in_turns.values);
}

// Worth a line beside each case of the group.
std::vector<std::string> notes_on(const Group& group, const Machine& machine) {
  std::vector<std::string> notes;
  const bool every_relation = asks_for_cpus(group, CpusWord::classes) || asks_for_cpus(group, CpusWord::pairs);
  if (every_relation && std::ranges::count(machine.cpus, true, &Cpu::allowed) == 1)
    notes.emplace_back("Only one CPU may be used here, so there is no relation but same-cpu.");
  return notes;
}

// What is looked for is a median over thousands of turns, which needs no long samples.
Sampling sampling_for_ceilings(Sampling sampling) {
  constexpr double longest_seconds = 0.02;
  constexpr double longest_warmup_seconds = 0.005;
  constexpr unsigned most_rounds = 6;
  sampling.time_seconds = sampling.bytes ? longest_seconds : std::min(sampling.time_seconds, longest_seconds);
  sampling.bytes.reset();
  sampling.profile_hz.reset();
  sampling.warmup_seconds = std::min(sampling.warmup_seconds, longest_warmup_seconds);
  sampling.rounds = std::min(sampling.rounds, most_rounds);
  sampling.strict = sampling.verify = false;
  return sampling;
}

// The same two calls on the writer's CPU.
CaseSpec alone_in_turns(CaseSpec spec) {
  spec.isolation = Isolation::none;
  spec.wait = Wait::busy;
  spec.latency = false;
  spec.message_bytes.reset();
  spec.streams = spec.writer_threads = spec.reader_threads = 1;
  spec.further_placements.clear();
  if (spec.placement.writer_cpu) {
    spec.placement.reader_cpu = spec.placement.writer_cpu;
    spec.placement.relation = Relation::same_cpu;
  }
  return spec;
}

// The same loops. What only a pipe makes use of is left out, so that cases share them.
CaseSpec without_pipe(CaseSpec spec, const Catalog& catalog, const PageSizes& sizes) {
  spec.writer = std::ranges::find(catalog.writers, false, &StrategyInfo::moves_bytes)->name;
  spec.reader = std::ranges::find(catalog.readers, false, &StrategyInfo::moves_bytes)->name;
  if (spec.wait != Wait::credit) spec.wait = Wait::busy;
  if (spec.payload == Payload::fixed && spec.consume == Consume::none) spec.pages = Pages::k4;
  spec.pipe_bytes = granted_pipe_bytes(0, sizes);
  spec.stripe = 1;
  spec.latency = false;
  spec.message_bytes.reset();
  spec.writer_threads = spec.reader_threads = 1;
  return spec;
}

void refuse_names_of(std::span<const CaseResult> cases, std::span<const CaseResult> more) {
  std::unordered_set<std::string_view> taken;
  for (const CaseResult& result : cases) taken.insert(result.name);
  for (const CaseResult& result : more) {
    if (taken.contains(result.name))
      throw UsageError(fmt::format("--ceilings measures a case '{}', and a section makes one of that name; rename it.",
                                   result.name));
  }
}

// A sentence where threads of one stream have to take turns on CPUs; empty where they do not, or are not pinned.
std::string why_threads_share_cpus(const CaseSpec& spec) {
  if (!spec.shares_pipes() || !spec.placement.relation) return {};
  std::set<int> cpus;
  for (std::size_t i = 0; i < spec.pairs_of_stream(); ++i) {
    const Placement& place = spec.placement_of(0, i);
    for (const auto& cpu : {place.writer_cpu, place.reader_cpu}) {
      if (cpu) cpus.insert(*cpu);
    }
  }
  const std::size_t threads = std::size_t{spec.writer_threads} + spec.reader_threads;
  if (cpus.size() == threads) return {};
  return fmt::format("{} share {}, so they take turns.", counted(threads, "thread"), counted(cpus.size(), "CPU"));
}

bool spins(Wait wait) { return wait != Wait::block && wait != Wait::poll; }

}  // namespace

bool asks_for_cpus(const Group& group, CpusWord word) {
  const auto cpus = group.axes.find(axis_names::cpus);
  return cpus != group.axes.end() &&
         std::ranges::any_of(cpus->second, [&](const Setting& setting) { return trim(setting.text) == name_of(word); });
}

Plan::Plan(const std::vector<Group>& groups, const PlanContext& context) : context_(context), pairs_(context.machine) {
  context_.nearest = nearest_pair(context.machine);
  std::unordered_set<std::string_view> seen;
  for (const Group& group : groups) {
    if (!seen.insert(group.name).second) {
      throw UsageError(
          fmt::format("Two configs have a section [{}]; pick one with --config, or rename it.", group.name));
    }
    const std::size_t of_earlier_groups = sections_.size();
    const Axis& axis = *std::ranges::find(axes(), axis_names::isolation, &Axis::name);
    const std::vector<std::string> isolations = given_values(axis, group, context_);
    for (const std::string& isolation : isolations) {
      Section& section = sections_.emplace_back(expand(group, isolation));
      if (isolations.size() > 1) section.varied.push_back({&axis, {isolation}});
      section.first = size_;
      size_ += section.size;
    }
    refuse_hopeless(std::span(sections_).subspan(of_earlier_groups));
    check_once(group, std::span(sections_).subspan(of_earlier_groups));
  }
  check_exec(groups);
  refuse_equal_names();
}

Plan::Section Plan::expand(const Group& group, const std::string& isolation) const {
  Section section{.name = group.name,
                  .sampling = group.sampling,
                  .base = {},
                  .varied = {},
                  .timed = group.chosen.contains("time"),
                  .warmed = group.chosen.contains("warmup"),
                  .counts_buffers = group.axes.contains(axis_names::buffers)};
  if (const auto given = group.axes.find(axis_names::buffer_size); given != group.axes.end()) {
    section.size_origin = given->second.front().origin;
  }
  section.notes = notes_on(group, context_.machine);
  for (const Axis& axis : axes()) {
    std::vector<std::string> values = expand_axis(axis, isolation, group, context_, section.notes);
    if (values.size() == 1) {
      axis.apply(section.base, values[0], context_);
      continue;
    }
    if (values.size() > most_cases / section.size) {
      throw UsageError(
          fmt::format("The lists multiply to more than {} cases; shorten one of them, or draw pairs of CPUs with "
                      "--sample.",
                      most_cases));
    }
    section.size *= values.size();
    section.varied.push_back({&axis, std::move(values)});
  }
  return section;
}

// A size that suits none of the group's strategies, more streams than fit, or memory bound to the node of an unpinned
// end is a user's mistake.
void Plan::refuse_hopeless(std::span<const Section> of_group) const {
  std::string first;
  std::string where;
  const Section& section = of_group.front();
  const std::size_t size = std::accumulate(of_group.begin(), of_group.end(), std::size_t{0},
                                           [](std::size_t sum, const Section& part) { return sum + part.size; });
  for (std::size_t i = section.first; i < section.first + size; ++i) {
    const CaseResult result = at(i);
    MaybeObstacle misfit = why_sizes_do_not_fit(candidate_of(result));
    const bool by_size = misfit.has_value();
    CaseSpec spec = result.spec;
    if (!misfit) misfit = place_streams(spec, pairs_, context_.oversubscribe);
    if (!misfit) misfit = place_memory(spec, context_.machine);
    if (!misfit) return;
    if (!first.empty()) continue;
    first = misfit->detail;
    where = by_size && !section.size_origin.empty() ? section.size_origin
            : section.name.empty()                  ? ""
                                                    : fmt::format("[{}]", section.name);
  }
  throw UsageError(where.empty() ? first : fmt::format("{}: {}", where, first));
}

void Plan::check_once(const Group& group, std::span<const Section> of_group) {
  const auto refuse = [&](std::string_view option, std::string_view why) {
    const auto chosen = group.chosen.find(option);
    if (chosen == group.chosen.end()) return;
    throw UsageError(fmt::format("{}: {}", chosen->second.front().origin, why));
  };
  for (const Section& section : of_group) {
    for (std::size_t i = section.first; may_have_outside(section) && i < section.first + section.size; ++i) {
      const CaseResult result = at(i);
      if (!result.sampling.once || result.obstacle == ObstacleKind::unpaired) continue;
      if (once_) {
        throw UsageError(fmt::format(
            "'{}' and '{}': what another program sends or takes (stdin, stdout) cannot be rewound, so a plan has one "
            "such case.",
            at(*once_).name, result.name));
      }
      once_ = i;
      if (group.sampling.rounds != 1)
        refuse("rounds", "what another program sends or takes (stdin, stdout) cannot be rewound, so there is 1 round.");
      if (group.sampling.warmup_seconds > 0)
        refuse("warmup", "every byte of stdin and stdout counts, so there is no warm-up; give 0 or leave it out.");
    }
  }
}

// A command that nothing would run is a user's mistake.
void Plan::check_exec(const std::vector<Group>& groups) const {
  std::string origin;
  for (const Group& group : groups) {
    const auto exec = group.axes.find(axis_names::exec);
    if (exec == group.axes.end()) continue;
    origin = exec->second.front().origin;
    for (const Setting& setting : exec->second) {
      if (trim(setting.text).empty())
        throw UsageError(fmt::format("{}: the command is empty; give one that sh can run.", setting.origin));
    }
  }
  if (origin.empty() ||
      std::ranges::any_of(sections_, [&](const Section& section) { return may_have_outside(section); }))
    return;
  throw UsageError(
      fmt::format("{}: a program takes the place of writer stdin or reader stdout, and neither is here; add --writer "
                  "stdin or --reader stdout.",
                  origin));
}

// A plan may have a million other cases.
bool Plan::may_have_outside(const Section& section) const {
  const auto is_outside = [&](const CaseSpec& spec) {
    const auto [writer, reader] = pair_of(spec);
    return has_outside(writer, reader);
  };
  CaseSpec spec = choose(section, 0).spec;
  if (is_outside(spec)) return true;
  for (const Varied& varied : section.varied) {
    if (varied.axis->name != axis_names::writer && varied.axis->name != axis_names::reader) continue;
    for (const std::string& value : varied.values) {
      varied.axis->apply(spec, value, context_);
      if (is_outside(spec)) return true;
    }
  }
  return false;
}

// [s:wait=busy] beside a section [s] with two waits.
void Plan::refuse_equal_names() const {
  std::set<std::string_view> plain;
  for (const Section& section : sections_) {
    if (section.varied.empty()) plain.insert(section.name);
  }
  for (const Section& section : sections_) {
    // Only the cases of sections whose names begin like another's have to be compared.
    const std::string beginning = section.name + ':';
    const auto first = plain.lower_bound(beginning);
    if (section.varied.empty() || first == plain.end() || !first->starts_with(beginning)) continue;
    for (std::size_t i = 0; i < section.size; ++i) {
      const std::string name = case_name(section, i, section.base);
      if (!plain.contains(name)) continue;
      throw UsageError(fmt::format("The section [{}] has the name of a case of the section [{}]; rename one of them.",
                                   name, section.name));
    }
  }
}

Plan::Pair Plan::pair_of(const CaseSpec& spec) const {
  return {info_of(context_.catalog.writers, spec.writer), info_of(context_.catalog.readers, spec.reader)};
}

Candidate Plan::candidate_of(const CaseResult& result) const {
  const auto [writer, reader] = pair_of(result.spec);
  return {.writer = writer,
          .reader = reader,
          .spec = result.spec,
          .sampling = result.sampling,
          .machine = context_.machine,
          .no_gift = context_.catalog.no_gift};
}

std::uint64_t Plan::huge_pages_needed(const CaseSpec& spec) const {
  const auto [writer, reader] = pair_of(spec);
  return pipebench::huge_pages_needed(writer, reader, spec, context_.machine.page_sizes);
}

CaseResult Plan::at(std::size_t index) const {
  if (index >= size_) throw std::out_of_range("Plan::at");
  const Section& section = *std::prev(std::ranges::upper_bound(sections_, index, {}, &Section::first));
  return make_case(section, index - section.first);
}

void Plan::check_name(const Setting& setting) const {
  const std::string_view wanted = trim(setting.text);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size_; ++i) {
    names.push_back(at(i).name);
    if (names.back() == wanted) return;
  }
  throw UsageError(
      unknown_name(setting.origin, "case", wanted, std::vector<std::string_view>(names.begin(), names.end())));
}

template <class Visit>
void Plan::for_each_value(const Section& section, std::size_t index, const Visit& visit) {
  std::size_t block = section.size;
  for (const Varied& varied : section.varied) {
    block /= varied.values.size();
    visit(*varied.axis, varied.values[index / block % varied.values.size()]);
  }
}

std::string Plan::case_name(const Section& section, std::size_t index, const CaseSpec& spec) {
  OptionValues varied;
  for_each_value(section, index,
                 [&](const Axis& axis, const std::string& value) { varied.emplace_back(axis.name, value); });
  return pipebench::case_name(section.name, spec, varied);
}

CaseResult Plan::choose(const Section& section, std::size_t index) const {
  CaseResult result;
  result.section = section.name;
  result.sampling = section.sampling;
  result.spec = section.base;
  for_each_value(section, index, [&](const Axis& axis, const std::string& value) {
    axis.apply(result.spec, value, context_);
    result.varied.emplace_back(axis.name, value);
  });
  result.name = pipebench::case_name(section.name, result.spec, result.varied);
  if (const auto message = result.spec.message_bytes) {
    result.spec.buffer_bytes = *message;
    result.spec.latency = false;
  }
  const auto [writer, reader] = pair_of(result.spec);
  // As many may be in the pipe as are under way.
  if (!section.counts_buffers && writer.uses.buffers && (writer.uses.uring || reader.uses.uring))
    result.spec.buffers *= result.spec.depth;
  if (has_outside(writer, reader)) {
    // What a program that writes has in the beginning may be all that it has.
    if (writer.outside || !result.spec.starts_program()) result.sampling.warmup_seconds = 0;
    if (result.spec.starts_program()) return result;
    result.sampling.once = true;
    result.sampling.rounds = 1;
    result.sampling.to_end_of_input = writer.outside && !section.timed && !result.sampling.bytes;
  }
  return result;
}

Plan::Unused Plan::leave_out_unused(const Section& section, const Pair& pair, CaseResult& result) const {
  Unused found;
  for (const Axis& axis : axes()) {
    if (axis.used == nullptr || options_used(pair.writer, result.spec).*axis.used ||
        options_used(pair.reader, result.spec).*axis.used)
      continue;
    const auto with = [&](std::string_view value) {
      CaseSpec spec = result.spec;
      axis.apply(spec, std::string(value), context_);
      return spec;
    };
    CaseSpec without = with(axis.unused_value);
    const bool is_recorded = !axis.unused_value.empty();
    if (is_recorded && result.spec != without && result.spec != with(axis.fallback)) {
      found.notes.push_back(fmt::format("--{} makes no difference to this writer and reader; it counts as {}.",
                                        axis.name, axis.unused_value));
    }
    result.spec = std::move(without);
    const auto varied = std::ranges::find(section.varied, &axis, &Varied::axis);
    if (varied == section.varied.end()) continue;
    const std::string& first = varied->values.front();
    if (found.same || std::ranges::find(result.varied, std::pair(std::string(axis.name), first)) != result.varied.end())
      continue;
    found.same = Obstacle{ObstacleKind::same_case,
                          fmt::format("--{0} makes no difference to this writer and reader, so it is the same case as "
                                      "with --{0} {1}.",
                                      axis.name, first)};
  }
  return found;
}

// What is measured of a ping-pong are its round trips, and each message is a buffer.
MaybeObstacle Plan::same_message(const Section& section, const CaseResult& result) {
  if (!result.spec.is_ping_pong()) return {};
  for (const Varied& varied : section.varied) {
    const std::string_view name = varied.axis->name;
    if (name != axis_names::buffer_size && name != axis_names::latency) continue;
    const std::string& first = varied.values.front();
    if (std::ranges::find(result.varied, std::pair(std::string(name), first)) != result.varied.end()) continue;
    return Obstacle{ObstacleKind::same_case,
                    fmt::format("With --message, --{0} makes no difference, so it is the same case as with --{0} {1}.",
                                name, first)};
  }
  return {};
}

void Plan::size_pipe(const StrategyInfo& writer, CaseResult& result) const {
  CaseSpec& spec = result.spec;
  if (spec.pipe_bytes) return;
  if (writer.outside) {                   // it makes of it what it likes
    constexpr unsigned usual_pages = 16;  // pipe(7), where nobody has looked
    const std::uint64_t usual = usual_pages * context_.machine.page_sizes.base;
    spec.pipe_bytes = spec.starts_program() ? usual : writer.found_pipe_bytes.value_or(usual);
    return;
  }
  spec.pipe_bytes = safe_pipe_bytes(writer, spec, context_.machine.pipe_max_bytes, context_.machine.page_sizes);
  if (writer.reuse == Reuse::after_pipe && !writer.replay && spec.buffers == 1 && spec.wait != Wait::credit &&
      !spec.takes_turns()) {
    result.notes.emplace_back(
        "With one buffer no pipe is safe, so --pipe-size auto takes the smallest, one page; give --buffers 2 or a "
        "--pipe-size.");
  }
}

void Plan::add_notes(const Section& section, const StrategyInfo& writer, CaseResult& result) const {
  const CaseSpec& spec = result.spec;
  result.notes.insert(result.notes.end(), section.notes.begin(), section.notes.end());
  if (spec.membind != Membind::any && context_.machine.nodes.size() == 1)
    result.notes.emplace_back("There is one NUMA node here, so --membind has no effect.");
  if (writer.reuse == Reuse::on_return && spec.payload != Payload::fixed && !spins(spec.wait)) {
    result.notes.emplace_back(
        "To rewrite pages, the writer spins on the reader's count until they have come back, whatever --wait says.");
  }
  if (spec.starts_program() && writer.outside && section.warmed) {
    result.notes.emplace_back(
        "A program that writes is measured from its first byte on, as it may have no more, so --warmup has no effect.");
  }
  if (pair_of(spec).reader.outside && writer.reuse == Reuse::after_pipe && spec.payload != Payload::fixed) {
    result.notes.emplace_back(
        "It is safe with a consumer that copies bytes out of the pipe (read); one that passes pages on (splice, tee) "
        "may "
        "see them rewritten.");
  }
  if (spec.is_ping_pong() && !section.size_origin.empty())
    result.notes.emplace_back("With --message each message is a buffer, so --buffer-size has no effect.");
  if (const std::string sharing = why_threads_share_cpus(spec); !sharing.empty()) result.notes.push_back(sharing);
  const bool take_turns = spec.takes_turns();
  if (!take_turns && spins(spec.wait) && spec.placement.relation == Relation::same_cpu)
    result.notes.emplace_back("Both ends share one CPU and spin: each can move only when the scheduler takes turns.");
}

CaseResult Plan::make_case(const Section& section, std::size_t index) const {
  CaseResult result = choose(section, index);
  finish(section, result);
  return result;
}

// Where another program runs is not known, but of one that is started here.
void Plan::leave_to_others(const Pair& pair, CaseSpec& spec) {
  if (!has_outside(pair.writer, pair.reader) || spec.starts_program()) return;
  if (pair.writer.outside) {
    spec.placement.writer_cpu.reset();
  } else {
    spec.placement.reader_cpu.reset();
  }
  spec.placement.relation.reset();
}

void Plan::finish(const Section& section, CaseResult& result) const {
  const Pair pair = pair_of(result.spec);
  const Unused unused = leave_out_unused(section, pair, result);
  size_pipe(pair.writer, result);
  const MaybeObstacle misplaced = place_streams(result.spec, pairs_, context_.oversubscribe);
  result.traits = traits_of(pair.writer, pair.reader, result.spec, context_.machine.page_sizes);
  MaybeObstacle found = first_obstacle(candidate_of(result));
  if (!found) found = unused.same;
  if (!found) found = same_message(section, result);
  if (!found) found = misplaced;
  if (!found) found = place_memory(result.spec, context_.machine);
  if (found) return skip(result, std::move(*found));
  leave_to_others(pair, result.spec);
  const std::string why_not = result.sampling.verify ? why_not_verified(pair.writer, pair.reader, result.spec) : "";
  if (!why_not.empty()) {
    result.verify.emplace();
    result.verify->outcome = Outcome::not_applicable;
    result.verify->reason = why_not;
  }
  result.notes.insert(result.notes.end(), unused.notes.begin(), unused.notes.end());
  add_notes(section, pair.writer, result);
}

// ---------------------------------------------------------------------------------------------- ceilings

std::vector<CaseResult> Plan::add_ceilings(std::span<CaseResult> cases) const {
  std::vector<CaseResult> more;
  std::map<std::string, std::string> names;  // by spec_key(); a case that is there anyway need not be measured again
  for (const CaseResult& result : cases) {
    if (result.status == Status::planned) names.try_emplace(spec_key(result.spec), result.name);
  }
  const auto measured_by = [&](CaseSpec spec, std::string_view what, const CaseResult& of) {
    CaseResult result;
    result.section = fmt::format("ceilings:{}", what);
    result.name = fmt::format("{}={}", result.section, of.name);
    result.spec = std::move(spec);
    result.sampling = sampling_for_ceilings(of.sampling);
    result.only_for_ceilings = true;
    finish({}, result);
    result.notes.clear();  // those of the case that it is measured for
    const auto [at, is_new] = names.try_emplace(spec_key(result.spec), result.name);
    if (is_new) more.push_back(std::move(result));
    return at->second;
  };
  const auto allowed = static_cast<unsigned>(std::ranges::count(context_.machine.cpus, true, &Cpu::allowed));
  for (CaseResult& result : cases) {
    if (result.status != Status::planned || !result.traits.moves_bytes) continue;
    const auto [writer, reader] = pair_of(result.spec);
    if (has_outside(writer, reader)) continue;
    Ceilings& ceilings = result.ceilings.emplace();
    const CpusInUse cpus = cpus_in_use(writer, reader, result.spec, allowed);
    const CopyLimit copies = copy_limit(writer, reader, result.spec, cpus);
    ceilings.serial_copies = copies.serial;
    ceilings.copies_at_once = copies.at_once;
    ceilings.writer_cpus = cpus.writers;
    ceilings.reader_cpus = cpus.readers;
    ceilings.cpus = cpus.all;
    ceilings.alone_case =
        result.spec.takes_turns() ? result.name : measured_by(alone_in_turns(result.spec), "alone", result);
    ceilings.null_case =
        measured_by(without_pipe(result.spec, context_.catalog, context_.machine.page_sizes), "null", result);
  }
  refuse_names_of(cases, more);
  return more;
}

}  // namespace pipebench
