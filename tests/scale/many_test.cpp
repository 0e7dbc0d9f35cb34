// Large inputs. Where the time for each grew with their number, these would run into the time limit of a test.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "app/config_file.hpp"
#include "fake_machine.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/plan/pairs.hpp"
#include "pipebench/plan/plan.hpp"
#include "pipebench/report/grid.hpp"

namespace pipebench {
namespace {

Group group_of(const std::map<std::string, std::string>& texts, const std::string& name = "") {
  Group group;
  group.name = name;
  for (const auto& [axis, text] : texts) group.axes[axis].push_back({.text = text, .origin = "--" + axis});
  return group;
}

/// "1,2,3" and so on.
std::string many_sizes(std::size_t count) {
  std::string sizes;
  for (std::size_t i = 1; i <= count; ++i) sizes += (i == 1 ? "" : ",") + std::to_string(i);
  return sizes;
}

TEST(Plan, TakesAsLongForEachOfManyValues) {
  const Catalog catalog = fake_catalog();
  const Machine machine = fake_machine();
  constexpr std::size_t many = 1'000'000;
  const Plan plan({group_of({{"writer", "write"}, {"reader", "read"}, {"buffer-size", many_sizes(many)}}, "s")},
                  {.catalog = catalog, .machine = machine});
  ASSERT_EQ(plan.size(), many);
  EXPECT_EQ(plan.at(many - 1).spec.buffer_bytes, many);
}

TEST(Plan, TakesAsLongForEachOfManySections) {
  const Catalog catalog = fake_catalog();
  const Machine machine = fake_machine();
  constexpr std::size_t many = 100'000;
  std::vector<Group> groups;
  for (std::size_t i = 0; i < many; ++i) {
    groups.push_back(group_of({{"wait", "block,busy"}}, fmt::format("s{}", i)));
    groups.push_back(group_of({}, fmt::format("s{}:x", i)));
    groups.push_back(group_of({}, fmt::format("t{}", i)));
  }
  const Plan plan(groups, {.catalog = catalog, .machine = machine});
  ASSERT_EQ(plan.size(), 4 * many);
  for (std::size_t i = 0; i < plan.size(); ++i)
    ASSERT_EQ(plan.at(i).section, groups[i / 4 * 3 + std::max<std::size_t>(i % 4, 1) - 1].name);
}

TEST(Plan, HasNoNameTwiceOverEveryAxis) {
  const Catalog catalog = fake_catalog();
  const Machine machine = fake_machine();
  const Plan plan({group_of({{"writer", "all"},
                             {"reader", "all"},
                             {"wait", "all"},
                             {"pages", "all"},
                             {"buffer-size", "4K..16K"},
                             {"buffers", "1,2"},
                             {"pipe-size", "4K,8K"},
                             {"gift", "all"},
                             {"contiguous", "all"},
                             {"no-touch", "all"},
                             {"lock", "all"}})},
                  {.catalog = catalog, .machine = machine});
  ASSERT_EQ(plan.size(), 4U * 5 * 5 * 5 * 3 * 2 * 2 * 16);
  std::set<std::string> names;
  for (std::size_t i = 0; i < plan.size(); ++i) names.insert(plan.at(i).name);
  EXPECT_EQ(names.size(), plan.size());
}

TEST(Plan, LooksForTheNearestCpusOnce) {
  const Catalog catalog = fake_catalog();
  Machine machine = fake_machine();
  machine.cpus.clear();
  for (int os = 0; os < 4096; ++os)
    machine.cpus.push_back({.os = os, .logical = os, .core = os, .l3 = 0, .why_not = {}});
  Group group = group_of({{"writer", "write"}, {"reader", "read"}, {"buffer-size", many_sizes(20'000)}});
  group.axes["cpus"] = {{"auto", "--cpus"}, {"any", "--cpus"}};
  EXPECT_EQ(Plan({group}, {.catalog = catalog, .machine = machine}).size(), 40'000U);
}

TEST(Config, TakesAsLongForEachOfManySections) {
  constexpr std::size_t many = 1'000'000;
  std::string text;
  for (std::size_t i = 0; i < many; ++i) text += "[s" + std::to_string(i) + "]\n";
  EXPECT_EQ(parse_config(text, "x.ini").sections.size(), many);
}

TEST(Grid, TakesAsLongForEachOfManyRows) {
  constexpr std::size_t many = 300'000;
  const Grid grid{
      .columns = {{.header = "a", .wrap = true}, {.header = "b"}, {.header = "c"}, {.header = "d"}, {.header = "e"}},
      .rows = std::vector(many, std::vector<std::string>(5, "x"))};
  EXPECT_EQ(std::ranges::count(grid_as_text(grid, 80), '\n'), many + 1);
}

TEST(ReadJson, TakesAsLongForEachOfManyElements) {
  constexpr std::size_t many = 1'000'000;
  std::string text = R"({"schema": "pipebench/1", "tool": [)";
  for (std::size_t i = 0; i < many; ++i) text += "{}, ";
  std::istringstream in(text + "{}]}");
  EXPECT_THROW((void)read_json(in, "x.json"), UsageError) << "it is no object";
}

TEST(ReadJson, TakesAsLongForEachOfManyKeys) {
  constexpr std::size_t many = 300'000;
  std::string text = R"({"schema": "pipebench/1", "tool": {)";
  for (std::size_t i = 0; i < many; ++i) text += fmt::format("\"k{}\": 1, ", i);
  std::istringstream in(text + R"("k": 1}})");
  EXPECT_THROW((void)read_json(in, "x.json"), UsageError) << "keys are missing";
}

TEST(Pairs, OfAThousandCpusAreFound) {
  const Machine machine = machine_of(2, 5, 100, 1);
  EXPECT_EQ(every_pair(machine).size(), 1'000'000U);
  const DisjointPairs disjoint(machine);
  for (int reader = 1; reader < 1000; ++reader) {
    const Placement first{.writer_cpu = 0, .reader_cpu = reader, .relation = Relation::cross_package};
    if (relation_between(machine.cpus[0], *machine.find(reader)) != Relation::cross_package) continue;
    EXPECT_EQ(disjoint.find(first, 500).size(), 500U);
  }
}

}  // namespace
}  // namespace pipebench
