#include "pipebench/plan/pairs.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <utility>

namespace pipebench {
namespace {

Placement place(const Cpu& writer, const Cpu& reader) {
  return {.writer_cpu = writer.os, .reader_cpu = reader.os, .relation = relation_between(writer, reader)};
}

std::vector<const Cpu*> allowed_cpus(const Machine& machine) {
  std::vector<const Cpu*> cpus;
  for (const Cpu& cpu : machine.cpus) {
    if (cpu.allowed) cpus.push_back(&cpu);
  }
  return cpus;
}

// visit(writer, reader) for every ordered pair.
template <class Visit>
void for_each_pair(const Machine& machine, const Visit& visit) {
  const std::vector<const Cpu*> cpus = allowed_cpus(machine);
  for (const Cpu* writer : cpus) {
    for (const Cpu* reader : cpus) visit(*writer, *reader);
  }
}

// Of the pairs that are wanted, by reservoir sampling, algorithm R (Vitter 1985): each of the pairs seen so far has
// been drawn with the same probability, and only the drawn ones are kept.
template <class Wanted>
std::vector<Placement> draw(const Machine& machine, std::uint64_t per_relation, std::uint64_t seed,
                            const Wanted& wanted) {
  struct Draw {
    std::uint64_t seen = 0;
    std::vector<Placement> pairs;
  };
  std::array<Draw, names<Relation>.size()> draws;
  std::mt19937_64 random(seed);  // the same everywhere; the distributions of the library are not
  for_each_pair(machine, [&](const Cpu& writer, const Cpu& reader) {
    if (!wanted(writer, reader)) return;
    Draw& draw = draws[static_cast<std::size_t>(relation_between(writer, reader))];
    ++draw.seen;
    if (draw.pairs.size() < per_relation) {
      draw.pairs.push_back(place(writer, reader));
    } else if (const std::uint64_t at = random() % draw.seen; at < per_relation) {
      draw.pairs[at] = place(writer, reader);
    }
  });
  std::vector<Placement> drawn;
  for (Draw& draw : draws) {
    std::ranges::sort(draw.pairs, {},
                      [](const Placement& pair) { return std::pair(pair.writer_cpu, pair.reader_cpu); });
    drawn.insert(drawn.end(), draw.pairs.begin(), draw.pairs.end());
  }
  return drawn;
}

}  // namespace

std::vector<RelationCount> count_relations(const Machine& machine) {
  std::array<RelationCount, names<Relation>.size()> counts;
  for_each_pair(machine, [&](const Cpu& writer, const Cpu& reader) {
    const Relation relation = relation_between(writer, reader);
    RelationCount& count = counts[static_cast<std::size_t>(relation)];
    if (count.pairs++ == 0) count = {.relation = relation, .pairs = 1, .example = place(writer, reader)};
  });
  std::vector<RelationCount> existing;
  std::ranges::copy_if(counts, std::back_inserter(existing),
                       [](const RelationCount& count) { return count.pairs > 0; });
  return existing;
}

std::vector<Placement> every_pair(const Machine& machine) {
  std::vector<Placement> pairs;
  for_each_pair(machine, [&](const Cpu& writer, const Cpu& reader) { pairs.push_back(place(writer, reader)); });
  return pairs;
}

std::vector<Placement> class_pairs(const Machine& machine) {
  struct Class {
    Relation relation;
    int writer_kind;
    int reader_kind;
    bool operator==(const Class&) const = default;
  };
  std::vector<Class> known;
  std::vector<Placement> pairs;
  for_each_pair(machine, [&](const Cpu& writer, const Cpu& reader) {
    const Class found{relation_between(writer, reader), writer.kind, reader.kind};
    if (std::ranges::find(known, found) != known.end()) return;
    known.push_back(found);
    pairs.push_back(place(writer, reader));
  });
  std::ranges::stable_sort(pairs, {}, &Placement::relation);
  return pairs;
}

std::vector<Placement> drawn_pairs(const Machine& machine, std::uint64_t per_relation, std::uint64_t seed) {
  return draw(machine, per_relation, seed, [](const Cpu&, const Cpu&) { return true; });
}

std::vector<Placement> drawn_unordered_pairs(const Machine& machine, std::uint64_t per_relation, std::uint64_t seed) {
  return draw(machine, per_relation, seed, [](const Cpu& one, const Cpu& other) { return one.os < other.os; });
}

Placement nearest_pair(const Machine& machine) {
  // Siblings share the units of a core, so only sharing one CPU is worse.
  const auto distance = [](Relation relation) {
    if (relation == Relation::same_cpu) return 100;
    if (relation == Relation::smt) return 99;
    return static_cast<int>(relation);
  };
  Placement best;
  for_each_pair(machine, [&](const Cpu& writer, const Cpu& reader) {
    const Relation relation = relation_between(writer, reader);
    if (!best.relation || distance(relation) < distance(*best.relation)) best = place(writer, reader);
  });
  return best;
}

// Matches the CPUs with the fewest possible partners first, each with the partner that itself has the fewest. For a
// relation that holds between all CPUs that are not nearer (such as the cores below one L3, with several threads each),
// this gives a maximum matching. Taking them in order would leave over the threads of one core, which are no partners
// of each other.
class DisjointPairs::Matching {
 public:
  Matching(const std::vector<const Cpu*>& cpus, Relation relation, std::vector<std::uint32_t> partners)
      : cpus_(cpus), relation_(relation), free_(cpus.size(), true), partners_(std::move(partners)) {}
  void take(int os) {
    const auto at = std::ranges::find(cpus_, os, &Cpu::os);
    if (at == cpus_.end()) return;
    const auto taken = static_cast<std::size_t>(at - cpus_.begin());
    if (!free_[taken]) return;
    free_[taken] = false;
    for (std::size_t other = 0; other < cpus_.size(); ++other) partners_[other] -= related(taken, other) ? 1 : 0;
  }
  /// Adds pairs until there are `count`, or no more fit.
  void add_to(std::vector<Placement>& pairs, std::size_t count) {
    while (pairs.size() < count) {
      const std::optional<Placement> pair = next();
      if (!pair) return;
      pairs.push_back(*pair);
    }
  }

 private:
  [[nodiscard]] std::optional<Placement> next() {
    const auto all = [](std::size_t) { return true; };
    const std::optional<std::size_t> writer = fewest_partners(all);
    if (!writer) return std::nullopt;
    const std::optional<std::size_t> reader =
        fewest_partners([&](std::size_t other) { return related(*writer, other); });
    const Placement pair = place(*cpus_[*writer], *cpus_[*reader]);
    take(*pair.writer_cpu);
    take(*pair.reader_cpu);
    return pair;
  }
  [[nodiscard]] bool related(std::size_t a, std::size_t b) const {
    return relation_between(*cpus_[a], *cpus_[b]) == relation_;
  }
  [[nodiscard]] std::optional<std::size_t> fewest_partners(const auto& allowed) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < cpus_.size(); ++i) {
      if (!free_[i] || partners_[i] == 0 || (best && partners_[i] >= partners_[*best])) continue;
      if (allowed(i)) best = i;
    }
    return best;
  }

  const std::vector<const Cpu*>& cpus_;
  Relation relation_;
  std::vector<bool> free_;
  std::vector<std::uint32_t> partners_;  // free CPUs that have the relation to this one
};

DisjointPairs::DisjointPairs(const Machine& machine) : cpus_(allowed_cpus(machine)) {}

const DisjointPairs::Known& DisjointPairs::known(Relation relation) const {
  std::optional<Known>& known = known_[static_cast<std::size_t>(relation)];
  if (known) return *known;
  known.emplace();
  for (const Cpu* cpu : cpus_) {
    known->partners.push_back(static_cast<std::uint32_t>(
        std::ranges::count_if(cpus_, [&](const Cpu* other) { return relation_between(*cpu, *other) == relation; })));
  }
  Matching(cpus_, relation, known->partners).add_to(known->matching, most(relation));
  return *known;
}

std::vector<Placement> DisjointPairs::find(const Placement& first, std::size_t count) const {
  std::vector<Placement> pairs{first};
  if (count <= 1) return pairs;
  const Known& of_relation = known(*first.relation);
  // All but the two pairs at most that `first` takes a CPU of, and, where they can be one, their other two CPUs.
  const auto taken = [&](std::optional<int> cpu) { return cpu == first.writer_cpu || cpu == first.reader_cpu; };
  std::vector<const Cpu*> left_over;
  for (const Placement& pair : of_relation.matching) {
    if (pairs.size() < count && !taken(pair.writer_cpu) && !taken(pair.reader_cpu)) pairs.push_back(pair);
    for (const auto& [cpu, other] : {std::pair(pair.writer_cpu, pair.reader_cpu), {pair.reader_cpu, pair.writer_cpu}}) {
      if (taken(cpu) && !taken(other)) left_over.push_back(*std::ranges::find(cpus_, *other, &Cpu::os));
    }
  }
  const bool one_more = left_over.size() == 2 && relation_between(*left_over[0], *left_over[1]) == *first.relation;
  if (one_more && pairs.size() < count) pairs.push_back(place(*left_over[0], *left_over[1]));
  if (pairs.size() == count) return pairs;
  pairs.resize(1);
  Matching matching(cpus_, *first.relation, of_relation.partners);
  matching.take(*first.writer_cpu);
  matching.take(*first.reader_cpu);
  matching.add_to(pairs, count);
  return pairs;
}

}  // namespace pipebench
