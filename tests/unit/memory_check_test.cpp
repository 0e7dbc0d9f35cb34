// Whether memory is as it was asked for.
#include "engine/memory_check.hpp"

#include <gtest/gtest.h>

#include "refusal.hpp"

namespace pipebench {
namespace {

TEST(Memory, IsOfTheWantedPagesOrAMissOrNotKnown) {
  constexpr auto thp = ObtainedPages::thp;
  const PageFinding ordinary = check_pages(thp, Role::writer, ObtainedPages::k4);
  EXPECT_TRUE(holds(ordinary.miss, "Asked for thp pages, but the writer's buffers are 4k."));
  EXPECT_EQ(ordinary.note, "");
  EXPECT_TRUE(holds(check_pages(thp, Role::reader, ObtainedPages::mixed).miss, "the reader's buffers are mixed"));
  for (const ObtainedPages fine : {thp, ObtainedPages::untouched})
    EXPECT_EQ(check_pages(thp, Role::writer, fine).miss, "") << name_of(fine);
  EXPECT_EQ(check_pages(thp, Role::writer, std::nullopt).miss, "") << "it has no buffers";
  const Finding cause{.what = "They are off.", .why = "Not shown.", .mend = "on"};
  EXPECT_EQ(check_pages(thp, Role::writer, ObtainedPages::k4, cause).miss,
            "Asked for thp pages, but the writer's buffers are 4k. They are off. As root: `on`");
  EXPECT_EQ(check_pages(thp, Role::writer, thp, cause).miss, "");
  const PageFinding unknown = check_pages(thp, Role::writer, ObtainedPages::unknown);
  EXPECT_EQ(unknown.miss, "");
  EXPECT_TRUE(holds(unknown.note, "is not known"));
}

TEST(Memory, IsMissedWhereItIsNotAsWanted) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
  const auto missed = [](std::vector<int> nodes, Membind membind, std::optional<int> node, std::uint64_t bytes,
                         std::uint64_t page_bytes = 4096, std::size_t nodes_here = 2) {
    return why_misplaced({.nodes = std::move(nodes), .page_bytes = page_bytes, .bytes = bytes}, Role::writer, membind,
                         node, nodes_here);
  };
  EXPECT_EQ(missed({1}, Membind::node, 1, mib), "");
  EXPECT_TRUE(holds(missed({0}, Membind::node, 1, mib), "node 1, but the writer's buffers are on 0"));
  EXPECT_TRUE(holds(missed({0, 1}, Membind::writer, 1, mib), "are on 0, 1"));
  EXPECT_EQ(missed({}, Membind::node, 1, mib), "") << "not known";
  EXPECT_EQ(missed({0, 1}, Membind::interleave, {}, mib), "");
  EXPECT_TRUE(holds(missed({0}, Membind::interleave, {}, mib), "in turn, but the writer's buffers are on 0"));
  EXPECT_EQ(missed({0}, Membind::interleave, {}, 32768), "") << "a few pages";
  EXPECT_EQ(missed({0}, Membind::interleave, {}, mib, 2 * mib), "") << "less than one page";
  EXPECT_EQ(missed({0}, Membind::interleave, {}, mib, 4096, 1), "") << "the only node";
}

}  // namespace
}  // namespace pipebench
