// What profiles advise, for every pair of strategies and every kind of work: it has to be possible, and something new.
#include "analysis/remedies.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fake_machine.hpp"
#include "pipebench/plan/plan.hpp"
#include "pipebench/strategies/registry.hpp"
#include "plans.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

/// Each option once, as a remedy replaces what was chosen.
using Choices = std::map<std::string, std::string>;

/// With huge pages of both sizes, and memory for everything.
Machine generous_machine() {
  Machine machine = fake_machine();
  machine.page_sizes.hugetlb = {std::uint64_t{2} << 20U, std::uint64_t{1} << 30U};
  machine.free_huge_2m = machine.free_huge_1g = 1U << 20U;
  return machine;
}

std::vector<CaseResult> planned(const Choices& texts) {
  static const Catalog catalog = whole_catalog();
  static const Machine machine = generous_machine();
  return cases_of({group_of({texts.begin(), texts.end()})}, catalog, machine);
}

/// The options that the advice names, each with its values: {"wait", {"busy", "credit"}}. Those without a value, such
/// as --buffer-size, are left out, and "Without --no-touch" is {"no-touch", {"off"}}.
std::map<std::string, std::vector<std::string>> named_options(std::string_view advice) {
  std::istringstream stream{std::string(advice)};
  const std::vector<std::string> words(std::istream_iterator<std::string>(stream), {});
  std::map<std::string, std::vector<std::string>> options;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (!words[i].starts_with("--") || words[i].ends_with("-size")) continue;
    std::vector<std::string>& values = options[words[i].substr(2)];
    if (i > 0 && words[i - 1] == "Without") {
      values.emplace_back("off");
      continue;
    }
    values.push_back(words[i + 1]);
    if (i + 3 < words.size() && words[i + 2] == "or") values.push_back(words[i + 3]);
  }
  return options;
}

/// Every way to follow the advice.
std::vector<Choices> followed(const Choices& texts, std::string_view advice) {
  std::vector<Choices> ways{texts};
  for (const auto& [option, values] : named_options(advice)) {
    std::vector<Choices> more;
    for (const Choices& way : ways) {
      for (const std::string& value : values) {
        more.push_back(way);
        more.back()[option] = value;
      }
    }
    ways = std::move(more);
  }
  return ways;
}

/// Is it possible to follow the advice, and does that change the case?
void expect_helpful(const Choices& texts, const CaseResult& result, std::string_view advice) {
  if (named_options(advice).empty()) return;
  for (const Choices& way : followed(texts, advice)) {
    const std::vector<CaseResult> cases = planned(way);
    ASSERT_EQ(cases.size(), 1U);
    EXPECT_TRUE(cases[0].status == Status::planned) << result.name << ": " << advice << ": " << cases[0].reason;
    EXPECT_FALSE(cases[0].spec == result.spec) << result.name << " does it already: " << advice;
  }
}

void expect_helpful_advice_on(const Choices& texts) {
  static const Catalog catalog = whole_catalog();
  const std::vector<CaseResult> cases = planned(texts);
  ASSERT_EQ(cases.size(), 1U);
  if (cases[0].status != Status::planned) return;
  const ProfiledCase profiled{.spec = cases[0].spec,
                              .writer = *std::ranges::find(catalog.writers, cases[0].spec.writer, &StrategyInfo::name),
                              .reader = *std::ranges::find(catalog.readers, cases[0].spec.reader, &StrategyInfo::name)};
  std::set<std::string_view> advice;
  for (const auto& work : names<Work>) {
    for (const Role role : {Role::writer, Role::reader}) advice.insert(remedy_for(work.value, profiled, role));
  }
  for (const std::string_view text : advice) expect_helpful(texts, cases[0], text);
}

class RemediesFor : public testing::TestWithParam<Choices> {};

TEST_P(RemediesFor, EveryPairOfStrategiesCanBeFollowed) {
  const Catalog catalog = whole_catalog();
  for (const StrategyInfo& writer : catalog.writers) {
    for (const StrategyInfo& reader : catalog.readers) {
      Choices texts = GetParam();
      texts["writer"] = writer.name;
      texts["reader"] = reader.name;
      expect_helpful_advice_on(texts);
    }
  }
}

const std::vector<Choices> ways_to_run{{},
                                       {{"wait", "poll"}, {"pages", "thp"}},
                                       {{"wait", "busy"}, {"pages", "2m"}},
                                       {{"wait", "busy-poll"}, {"pages", "skb"}},
                                       {{"wait", "credit"}, {"stripe", "2"}},
                                       {{"wait", "credit"}, {"payload", "stamped"}, {"consume", "checksum"}},
                                       {{"no-touch", "on"}, {"lock", "on"}},
                                       {{"gift", "on"}, {"contiguous", "on"}, {"streams", "2"}},
                                       {{"isolation", "none"}}};

INSTANTIATE_TEST_SUITE_P(All, RemediesFor, testing::ValuesIn(ways_to_run), [](const auto& run) {
  std::string name = "Default";
  for (const auto& [option, value] : run.param) name += "_" + option + "_" + value;
  std::ranges::replace(name, '-', '_');
  return name;
});

// ---------------------------------------------------------------------------------------------- single ones

std::string advice_on(Work work, Role role, const Choices& texts) {
  static const Catalog catalog = whole_catalog();
  const CaseSpec spec = planned(texts).at(0).spec;
  return std::string(remedy_for(work,
                                {.spec = spec,
                                 .writer = *std::ranges::find(catalog.writers, spec.writer, &StrategyInfo::name),
                                 .reader = *std::ranges::find(catalog.readers, spec.reader, &StrategyInfo::name)},
                                role));
}

TEST(Remedy, IsWhatTheArticleDoes) {
  const Choices copying{{"writer", "write"}, {"reader", "read"}};
  EXPECT_TRUE(holds(advice_on(Work::copying, Role::writer, copying), "--writer vmsplice"));
  EXPECT_TRUE(holds(advice_on(Work::copying, Role::reader, copying), "--reader splice"));
  EXPECT_TRUE(holds(advice_on(Work::page_allocation, Role::writer, copying), "--writer vmsplice"));
  const Choices referring{{"writer", "vmsplice"}, {"reader", "splice"}};
  EXPECT_TRUE(holds(advice_on(Work::page_lookup, Role::writer, referring), "--pages thp or 2m"));
  EXPECT_TRUE(holds(advice_on(Work::waiting, Role::reader, referring), "--wait busy or credit"));
  EXPECT_TRUE(holds(advice_on(Work::page_references, Role::reader, referring), "--writer recycle with"));
}

TEST(Remedy, OfNewPagesIsNoReservedOnes) {
  const Choices dropping{{"writer", "vmsplice-drop"}, {"reader", "splice"}};
  EXPECT_TRUE(advice_on(Work::page_lookup, Role::writer, dropping).starts_with("With --pages thp one"));
}

TEST(Remedy, OfMemoryThatNobodyTouchedIsToTouchIt) {
  const Choices untouched{{"writer", "vmsplice"}, {"reader", "splice"}, {"no-touch", "on"}};
  EXPECT_TRUE(advice_on(Work::page_lookup, Role::writer, untouched).starts_with("Without --no-touch"));
}

TEST(Remedy, OfWaitingForWorkersIsToDoWithout) {
  const Choices blocking{{"writer", "uring-write"}, {"reader", "read"}};
  if (find_strategy(Role::writer, "uring-write") == nullptr) GTEST_SKIP() << "built without liburing";
  EXPECT_TRUE(holds(advice_on(Work::waiting, Role::writer, blocking), "--writer write"));
  EXPECT_TRUE(holds(advice_on(Work::scheduling, Role::writer, blocking), "--writer write"));
  EXPECT_FALSE(holds(advice_on(Work::waiting, Role::reader, blocking), "--wait")) << "its writer sleeps all the same";
}

TEST(Remedy, OfWaitingForTheOtherEndsWorkersIsToDoWithoutThem) {
  if (find_strategy(Role::reader, "uring-splice") == nullptr) GTEST_SKIP() << "built without liburing";
  const Choices into_workers{{"writer", "write"}, {"reader", "uring-splice"}};
  EXPECT_TRUE(holds(advice_on(Work::scheduling, Role::writer, into_workers), "--reader splice"));
  EXPECT_TRUE(holds(advice_on(Work::waiting, Role::writer, into_workers), "--reader splice"));
  const Choices both{{"writer", "uring-write"}, {"reader", "uring-splice"}};
  EXPECT_TRUE(holds(advice_on(Work::scheduling, Role::writer, both), "--writer write")) << "its own first";
}

TEST(Remedy, OfManySlotsIsNoneWhereBytesAreFresh) {
  EXPECT_EQ(advice_on(Work::pipe, Role::writer, {{"writer", "vmsplice"}, {"reader", "splice"}, {"payload", "stamped"}}),
            "");
  EXPECT_TRUE(
      holds(advice_on(Work::pipe, Role::writer, {{"writer", "recycle"}, {"reader", "recycle"}}), "With --pages skb"));
  EXPECT_TRUE(holds(advice_on(Work::pipe, Role::writer, {{"writer", "vmsplice"}, {"reader", "splice"}}),
                    "--writer tee with --pages skb"));
}

TEST(Remedy, OfManyCallsIsNoneWhereTheyAreAsLargeAsPipesMayBe) {
  const Choices small{{"writer", "write"}, {"reader", "read"}};
  EXPECT_TRUE(holds(advice_on(Work::system_calls, Role::writer, small), "--buffer-size"));
  Choices large = small;
  large["buffer-size"] = large["pipe-size"] = "1M";
  EXPECT_EQ(advice_on(Work::system_calls, Role::writer, large), "");
}

}  // namespace
}  // namespace pipebench
