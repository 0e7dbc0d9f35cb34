#include "plan/cpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "pipebench/base/distinct.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/plan/pairs.hpp"

namespace pipebench {
namespace {

// "0-3,8"
std::string allowed_list(const Machine& machine) {
  std::string list;
  const auto& cpus = machine.cpus;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    if (!cpus[i].allowed) continue;
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1].allowed && cpus[last + 1].os == cpus[last].os + 1) ++last;
    if (!list.empty()) list += ',';
    list += last == i ? std::to_string(cpus[i].os) : fmt::format("{}-{}", cpus[i].os, cpus[last].os);
    i = last;
  }
  return list;
}

int parse_cpu(const std::string& text, std::string_view origin, const Machine& machine) {
  int os = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), os);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || os < 0) {
    throw UsageError(
        fmt::format("{}: '{}' is not a CPU; write W,R with OS numbers, of {}, or auto, any, classes or pairs.", origin,
                    text, allowed_list(machine)));
  }
  const Cpu* cpu = machine.find(os);
  if (cpu == nullptr)
    throw UsageError(fmt::format("{}: CPU {} does not exist here; allowed are {}.", origin, os, allowed_list(machine)));
  if (!cpu->allowed)
    throw UsageError(fmt::format("{}: CPU {} cannot be used ({}); allowed are {}.", origin, os, cpu->why_not,
                                 allowed_list(machine)));
  return os;
}

std::string text_of(const Placement& pair) { return fmt::format("{},{}", *pair.writer_cpu, *pair.reader_cpu); }

std::vector<std::string> texts_of(const std::vector<Placement>& pairs) {
  std::vector<std::string> texts;
  texts.reserve(pairs.size());
  for (const Placement& pair : pairs) texts.push_back(text_of(pair));
  return texts;
}

std::vector<std::string> expand_pairs(std::string_view origin, const PlanContext& context) {
  const auto cpus = static_cast<std::size_t>(std::ranges::count(context.machine.cpus, true, &Cpu::allowed));
  if (!context.pairs_per_relation && cpus * cpus > most_cases) {
    throw UsageError(
        fmt::format("{}: {} CPUs have {} ordered pairs, and a plan has at most {} cases; draw some of each "
                    "relation with --sample N.",
                    origin, cpus, cpus * cpus, most_cases));
  }
  return texts_of(context.pairs_per_relation ? drawn_pairs(context.machine, *context.pairs_per_relation, context.seed)
                                             : every_pair(context.machine));
}

}  // namespace

std::vector<std::string> expand_cpus(std::string_view text, std::string_view origin, const PlanContext& context) {
  const std::string value(trim(text));
  const std::optional<CpusWord> word = value_named<CpusWord>(value);
  if ((word == CpusWord::classes || word == CpusWord::pairs) &&
      std::ranges::none_of(context.machine.cpus, &Cpu::allowed))
    throw UsageError(fmt::format("{}: no CPU of this machine may be used, so there are no {}.", origin, value));
  if (word == CpusWord::classes) return texts_of(class_pairs(context.machine));
  if (word == CpusWord::pairs) return expand_pairs(origin, context);
  if (word) return {value};
  const auto parts = split(value, ',');
  if (parts.size() == 1 && !value.empty() && std::isalpha(static_cast<unsigned char>(value[0])) != 0) {
    throw UsageError(unknown_name(origin, "placement", value, all_names<CpusWord>()) + " Or a pair of CPUs, W,R.");
  }
  if (parts.size() != 2) {
    throw UsageError(
        fmt::format("{}: '{}' is not a pair of CPUs; write W,R (the writer's and the reader's OS number) and give the "
                    "option again for another pair.",
                    origin, text));
  }
  const int writer = parse_cpu(parts[0], origin, context.machine);
  const int reader = parse_cpu(parts[1], origin, context.machine);
  return {fmt::format("{},{}", writer, reader)};
}

void apply_cpus(CaseSpec& spec, const std::string& value, const PlanContext& context) {
  if (value == name_of(CpusWord::any)) {
    spec.placement = {};
  } else if (value == name_of(CpusWord::automatic)) {
    spec.placement = context.nearest;
  } else {
    const auto comma = value.find(',');
    const Cpu* writer = context.machine.find(std::stoi(value.substr(0, comma)));
    const Cpu* reader = context.machine.find(std::stoi(value.substr(comma + 1)));
    spec.placement = {
        .writer_cpu = writer->os, .reader_cpu = reader->os, .relation = relation_between(*writer, *reader)};
  }
}

InTurns on_one_cpu(const std::vector<std::string>& values, const PlanContext& context) {
  InTurns shared;
  for (const std::string& value : values) {
    CaseSpec spec;
    apply_cpus(spec, value, context);
    const std::optional<int> cpu = spec.placement.writer_cpu;
    shared.values.push_back(cpu ? fmt::format("{0},{0}", *cpu) : value);
    if (value.find(',') != std::string::npos && value != shared.values.back())
      shared.note = "With --isolation none both ends run on the writer's CPU, so the reader's in --cpus has no effect.";
  }
  shared.values = distinct(std::move(shared.values));
  return shared;
}

}  // namespace pipebench
