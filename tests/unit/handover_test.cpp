// How far apart CPUs are: figures of readings, and what in them contradicts the kernel.
#include "pipebench/analysis/handover.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/handovers.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Pairs = std::vector<HandoverReadings>;

HandoverReadings pair_of(int first, int second, Relation relation, std::vector<double> ns) {
  return {.first = first, .second = second, .relation = relation, .ns = std::move(ns)};
}

HandoverReadings steady(int first, int second, Relation relation, double ns) {
  return pair_of(first, second, relation, {ns - 1, ns + 1, ns, ns, ns + 2});
}

std::vector<std::string> contradictions_of(const Pairs& pairs) {
  std::vector<std::string> texts;
  for (const Finding& finding : handover_contradictions(pairs)) {
    EXPECT_EQ(finding.severity, Severity::warning);
    texts.push_back(sentence_of(finding));
  }
  return texts;
}

TEST(Handovers, OfAPairAreItsMedianAndItsExtremes) {
  const auto pairs =
      handovers_of_pairs(Pairs{pair_of(0, 1, Relation::l2, {40, 42, 900, 41, 39}), pair_of(0, 2, Relation::l3, {})});
  ASSERT_EQ(pairs.size(), 1U) << "a pair without readings has no figure";
  EXPECT_EQ(pairs[0].readings, 5U);
  EXPECT_EQ(pairs[0].median_ns, 41);
  EXPECT_EQ(pairs[0].least_ns, 39);
  EXPECT_EQ(pairs[0].most_ns, 900);
}

TEST(Handovers, OfARelationAreTheMedianOfItsPairsTheNearestAndTheFarthest) {
  const auto relations =
      handovers_of_relations(handovers_of_pairs(Pairs{steady(0, 4, Relation::numa, 100), steady(0, 1, Relation::l3, 40),
                                                      steady(0, 2, Relation::l3, 50), steady(0, 3, Relation::l3, 45)}));
  ASSERT_EQ(relations.size(), 2U);
  EXPECT_EQ(name_of(relations[0].relation), "l3") << "nearest relation first";
  EXPECT_EQ(relations[0].pairs, 3U);
  EXPECT_EQ(relations[0].median_ns, 45);
  EXPECT_EQ(relations[0].nearest.second, 1);
  EXPECT_EQ(relations[0].farthest.second, 2);
  EXPECT_EQ(relations[1].median_ns, 100);
}

TEST(Contradictions, AreNoneWhereFartherCpusAreFarther) {
  EXPECT_TRUE(contradictions_of({}).empty());
  EXPECT_TRUE(contradictions_of({steady(0, 1, Relation::smt, 8), steady(0, 2, Relation::l3, 40),
                                 steady(0, 3, Relation::l3, 55), steady(0, 4, Relation::cross_package, 200)})
                  .empty());
}

TEST(Contradictions, NameAPairThatWasNearAtTimesAndFarAtOthers) {
  const auto texts = contradictions_of({pair_of(0, 1, Relation::l3, {40, 185, 41, 184, 40, 186})});
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_TRUE(
      texts[0].starts_with("CPUs 0 and 1, l3 (two cores with a common third-level cache), were 40 ns apart at "
                           "times and 185 ns at others. A virtual machine's CPUs are moved"))
      << texts[0];
}

TEST(Contradictions, NeedMoreThanOneDisturbedReading) {
  EXPECT_TRUE(contradictions_of({pair_of(0, 1, Relation::l3, {40, 41, 40, 900, 42})}).empty());
  EXPECT_TRUE(contradictions_of({pair_of(0, 1, Relation::l3, {40, 185, 41})}).empty()) << "too few to tell";
}

TEST(Contradictions, OfOneKindAndRelationAreSaidOnce) {
  Pairs pairs;
  for (int second = 1; second < 4; ++second)
    pairs.push_back(pair_of(0, second, Relation::l3, {40, 40, 100.0 * second, 100.0 * second}));
  const auto texts = contradictions_of(pairs);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_TRUE(holds(texts[0], "CPUs 0 and 3")) << "the worst: " << texts[0];
  EXPECT_TRUE(holds(texts[0], "The same goes for 2 more pairs of this relation.")) << texts[0];
}

TEST(Contradictions, NamePairsOfOneRelationThatDifferByMoreThanAFactorOfTwo) {
  const Pairs pairs{steady(0, 1, Relation::l3, 40), steady(2, 3, Relation::l3, 110), steady(4, 5, Relation::l3, 50)};
  const auto texts = contradictions_of(pairs);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_TRUE(texts[0].starts_with("CPUs 0 and 1 are 40 ns apart, but CPUs 2 and 3 are 110 ns, though both are l3"))
      << texts[0];
  EXPECT_TRUE(contradictions_of({steady(0, 1, Relation::smt, 4), steady(2, 3, Relation::smt, 10)}).empty())
      << "a few ns are nothing to be contradicted by";
  EXPECT_TRUE(contradictions_of({steady(0, 1, Relation::unknown, 40), steady(2, 3, Relation::unknown, 110)}).empty())
      << "the kernel has said nothing";
}

TEST(Contradictions, NameARelationThatIsFartherThanAFartherOne) {
  const auto texts = contradictions_of({steady(0, 1, Relation::l3, 120), steady(0, 2, Relation::numa, 70),
                                        steady(0, 3, Relation::cross_package, 60), steady(0, 4, Relation::unknown, 5)});
  ASSERT_EQ(texts.size(), 1U) << "70 and 60 ns are too near to each other to be a contradiction";
  EXPECT_TRUE(
      texts[0].starts_with("CPUs of l3 (two cores with a common third-level cache) are 120 ns apart, farther "
                           "than those of cross-package (different packages), which are 60 ns."))
      << texts[0];
}

TEST(HandoverPasses, AreFewerOfMorePairs) {
  EXPECT_EQ(handover_passes(0), 21U);
  EXPECT_EQ(handover_passes(1), 21U);
  EXPECT_EQ(handover_passes(3000), 9U);
  EXPECT_EQ(handover_passes(1'000'000), 5U);
}

Handovers measured() {
  return {.passes = 5,
          .pairs = {steady(0, 1, Relation::l3, 40), pair_of(0, 2, Relation::cross_package, {}),
                    steady(1, 2, Relation::cross_package, 31)},
          .relations = {{.relation = Relation::l3, .pairs = 2, .example = {}},
                        {.relation = Relation::cross_package, .pairs = 40, .example = {}}}};
}

Listing listing_of(const Handovers& handovers) {
  Listing listing{.data = nlohmann::ordered_json::object(), .grids = {}};
  add_handovers(listing, handovers);
  return listing;
}

TEST(HandoverListing, ShowsAMapALineForEachRelationAndWhatIsMissing) {
  const std::string text = listing_as_table(listing_of(measured()), {});
  EXPECT_TRUE(holds(text, "cross-package        1 of 20       31    1,2 at 31     1,2 at 31\n")) << text;
  EXPECT_TRUE(holds(text, "   cpu     0     1     2\n     0     -  40.0     -\n     1  40.0     -  31.0\n")) << text;
  EXPECT_TRUE(holds(text, "handover_ns: 1 pair (such as CPUs 0 and 2) could not be measured")) << text;
  EXPECT_TRUE(holds(listing_as_markdown(listing_of(measured()), {}), "| cross-package | 1 of 20 | 31 |"));
}

TEST(HandoverListing, HasThePairsForPrograms) {
  const Listing listing = listing_of(measured());
  EXPECT_EQ(listing_as_csv(listing, {}),
            "first_cpu,second_cpu,relation,handover_ns,handover_ns_min,handover_ns_max,readings\n"
            "0,1,l3,40,39,42,5\n1,2,cross-package,31,30,33,5\n");
  const auto& data = listing.data["handover"];
  EXPECT_EQ(data["pairs"].size(), 2U);
  EXPECT_EQ(data["relations"][1]["pairs_measured"], 1);
  EXPECT_EQ(data["relations"][1]["pairs"], 20);
  EXPECT_EQ(data["findings"].size(), 1U);
}

TEST(HandoverListing, SaysThatItWasInterrupted) {
  Handovers handovers = measured();
  handovers.complete = false;
  const std::string text = listing_as_table(listing_of(handovers), {});
  EXPECT_TRUE(holds(text, "Interrupted after 0 to 5 of 5 readings of each pair.")) << text;
  EXPECT_TRUE(holds(text, "median of up to 5 readings, one in each pass")) << text;
  EXPECT_FALSE(holds(text, "could not be measured")) << "that goes without saying";
}

TEST(HandoverListing, ExplainsNoFiguresWhereAnInterruptLeftNone) {
  Handovers handovers = measured();
  handovers.complete = false;
  for (HandoverReadings& pair : handovers.pairs) pair.ns.clear();
  const std::string text = listing_as_table(listing_of(handovers), {});
  EXPECT_TRUE(holds(text, "Interrupted after 0 of 5 readings of each pair.")) << text;
  EXPECT_FALSE(holds(text, "ns apart")) << text;
}

TEST(HandoverListing, SaysThatOneCpuHasNoPair) {
  EXPECT_TRUE(holds(listing_as_table(listing_of({.passes = 21}), {}), "Only one CPU is allowed"));
}

}  // namespace
}  // namespace pipebench
