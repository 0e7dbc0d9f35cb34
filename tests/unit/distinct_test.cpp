#include "pipebench/base/distinct.hpp"

#include <gtest/gtest.h>

namespace pipebench {
namespace {

TEST(Distinct, KeepsTheOrderInWhichTextsFirstCame) {
  EXPECT_EQ(distinct({"b", "a", "b", "c", "a"}), (std::vector<std::string>{"b", "a", "c"}));
}

TEST(SortedDistinct, HasEachValueOnceInAscendingOrder) {
  EXPECT_EQ(sorted_distinct(std::vector{3, 1, 3, -1, 1}), (std::vector{-1, 1, 3}));
  EXPECT_EQ(sorted_distinct(std::vector<int>{}), std::vector<int>{});
}

}  // namespace
}  // namespace pipebench
