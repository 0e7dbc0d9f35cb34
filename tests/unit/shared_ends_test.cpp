// Plans of cases with several threads at an end of a pipe.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "fake_machine.hpp"
#include "pipebench/model/memory_need.hpp"
#include "pipebench/plan/plan.hpp"
#include "plans.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

std::vector<CaseResult> plan(const Texts& texts, const Sampling& sampling = {},
                             const Machine& machine = fake_machine()) {
  static const Catalog catalog = fake_catalog();
  return cases_of({group_of(texts, "s", sampling)}, catalog, machine);
}

Names names(const Texts& texts) { return names_of(plan(texts)); }

TEST(Threads, MultiplyThePlanByListsAndRanges) {
  EXPECT_EQ(names({{"writer-threads", "1,2,5"}, {"reader-threads", "1"}}),
            (Names{"s:writer-threads=1", "s:writer-threads=2", "s:writer-threads=5"}));
  EXPECT_EQ(names({{"writer-threads", "2..8"}}),
            (Names{"s:writer-threads=2", "s:writer-threads=4", "s:writer-threads=8"}));
  EXPECT_EQ(names({{"writer-threads", "1,2"}, {"reader-threads", "3,4"}}).at(3), "s:writer-threads=2,reader-threads=4");
  EXPECT_TRUE(holds(refusal([] { (void)plan({{"reader-threads", "0"}}); }), "--reader-threads"));
  EXPECT_TRUE(holds(refusal([] { (void)plan({{"writer-threads", "8..2"}}); }), "reversed"));
}

TEST(Threads, AreRefusedWhereTheStrategiesAllowOne) {
  const auto reason = [](Texts texts) {
    texts.emplace_back("reader-threads", "2");
    const CaseResult result = plan(texts).at(0);
    EXPECT_EQ(result.status, Status::skipped);
    EXPECT_EQ(result.obstacle, ObstacleKind::threads);
    return result.reason;
  };
  EXPECT_TRUE(holds(reason({{"isolation", "none"}}), "--isolation none has one thread"));
  EXPECT_TRUE(holds(reason({{"wait", "credit"}}), "--wait credit counts"));
  EXPECT_TRUE(holds(reason({{"stripe", "2"}}), "--stripe takes pipes in turn"));
  EXPECT_TRUE(holds(reason({{"writer", "null"}, {"reader", "null"}}), "null has no pipe"));
  EXPECT_TRUE(holds(reason({{"writer", "recycle"}, {"reader", "recycle"}}), "the pages of recycle"));
}

TEST(Threads, AreNotVerifiedAsTheirBytesHaveNoOrder) {
  Sampling sampling;
  sampling.verify = true;
  const CaseResult result = plan({{"writer-threads", "2"}}, sampling).at(0);
  EXPECT_EQ(result.status, Status::planned);
  ASSERT_TRUE(result.verify);
  EXPECT_EQ(result.verify->outcome, Outcome::not_applicable);
  EXPECT_TRUE(holds(result.verify->reason, "in which order"));
}

TEST(Threads, AreSafeUnlessOneMayHoldPagesWhileOthersRead) {
  const auto is_safe = [](const std::string& writer, const std::string& reader) {
    return plan({{"writer", writer},
                 {"reader", reader},
                 {"buffers", "8"},
                 {"pipe-size", "256K"},
                 {"writer-threads", "2"},
                 {"reader-threads", "2"}})
        .at(0)
        .traits.safe;
  };
  EXPECT_TRUE(is_safe("vmsplice", "splice"));
  EXPECT_TRUE(is_safe("vmsplice", "read"));
  EXPECT_TRUE(is_safe("write", "relay"));
  EXPECT_FALSE(is_safe("vmsplice", "relay"));
}

std::set<int> writers_of(const CaseSpec& spec) {
  std::set<int> cpus;
  for (std::size_t i = 0; i < spec.placement_count(); ++i) {
    if (spec.placement_at(i).writer_cpu) cpus.insert(*spec.placement_at(i).writer_cpu);
  }
  return cpus;
}

TEST(Threads, SpreadOverPairsOfTheSameRelation) {
  const CaseSpec spec = plan({{"writer-threads", "2"}, {"cpus", "2,3"}}).at(0).spec;
  ASSERT_EQ(spec.placement_count(), 2U);
  EXPECT_EQ(spec.placement_of(0, 0).writer_cpu, 2);
  EXPECT_EQ(spec.placement_of(0, 0).reader_cpu, 3);
  EXPECT_TRUE(spec.placement_of(0, 1).writer_cpu);
  EXPECT_FALSE(spec.placement_of(0, 1).reader_cpu) << "there is one reader";
  EXPECT_EQ(writers_of(spec).size(), 2U);
  EXPECT_EQ(plan({{"writer-threads", "2"}, {"cpus", "2,3"}}).at(0).notes, Names{});
}

TEST(Threads, ShareCpusWhereThereAreNoMore) {
  const Machine machine = fake_machine_with({2, 3});
  const CaseResult result = plan({{"writer-threads", "5"}, {"reader-threads", "10"}}, {}, machine).at(0);
  EXPECT_EQ(result.status, Status::planned) << result.reason;
  ASSERT_EQ(result.spec.placement_count(), 10U);
  EXPECT_EQ(writers_of(result.spec).size(), 1U);
  EXPECT_EQ(result.notes, Names{"15 threads share 2 CPUs, so they take turns."});
}

TEST(Threads, AreNotPinnedWhereTheirStreamIsNot) {
  const CaseResult result = plan({{"writer-threads", "3"}, {"cpus", "any"}}).at(0);
  EXPECT_TRUE(writers_of(result.spec).empty());
  EXPECT_EQ(result.notes, Names{});
}

TEST(Threads, DoNotTakeTheCpusOfOtherStreams) {
  const CaseSpec spec = plan({{"writer-threads", "9"}, {"streams", "2"}, {"cpus", "2,3"}}).at(0).spec;
  std::set<int> of_first;
  for (std::size_t i = 0; i < 9; ++i) of_first.insert(*spec.placement_of(0, i).writer_cpu);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_FALSE(of_first.contains(*spec.placement_of(1, i).writer_cpu));
}

TEST(Threads, EachHaveBuffersOfTheirOwn) {
  const Catalog catalog = fake_catalog();
  CaseSpec spec = plan({{"writer", "write"}, {"reader", "read"}}).at(0).spec;
  const auto bytes = [&] {
    std::uint64_t sum = 0;
    for (const BufferRequest& request :
         buffers_of_stream(catalog.writers[1], catalog.readers[1], spec, Purpose::measure, {}))
      sum += request.bytes * request.count;
    return sum;
  };
  const std::uint64_t alone = bytes();
  spec.writer_threads = 3;
  spec.reader_threads = 3;
  EXPECT_EQ(bytes(), 3 * alone);
}

}  // namespace
}  // namespace pipebench
