#include "census.h"

#include <gtest/gtest.h>

#include "judge_support.h"

namespace membrane::sim {
namespace {

TEST(Census, NetworksAreWhatLinksConnect) {
  Census census = row(4);
  EXPECT_EQ(census.largest().second, 4u);
  census.gone(1);
  EXPECT_EQ(census.largest().second, 2u);
  EXPECT_NE(census.networks()[0], census.networks()[2]);
  EXPECT_EQ(census.networks()[2], census.networks()[3]);
  EXPECT_EQ(census.networks()[1], Census::none);
}

TEST(Census, ALinkThatOnlyOneEndHoldsDoesNotCount) {
  Census census = crowd(2);
  census.set_links(0, {made_up(1)});
  EXPECT_FALSE(census.is_linked(0, 1));
  EXPECT_EQ(census.largest().second, 1u);
  census.set_links(1, {made_up(0)});
  EXPECT_TRUE(census.is_linked(1, 0));
  EXPECT_EQ(census.largest().second, 2u);
}

TEST(Census, NothingGoesThroughSleepersLiarsAndWalls) {
  Census census = row(3);
  census.asleep(1);
  EXPECT_EQ(census.largest().second, 1u);
  census.awake(1, 5 * second);
  EXPECT_EQ(census.largest().second, 3u);
  EXPECT_EQ(census.at(1).unbroken_us, 5 * second);
  census.moved(2, 1);
  EXPECT_EQ(census.largest().second, 2u);
  census.moved(2, 0);
  census.turned(1);
  EXPECT_EQ(census.largest().second, 1u);
  EXPECT_EQ(census.present(), (std::vector<PeerIndex>{0, 2}));
  EXPECT_EQ(census.living(), (std::vector<PeerIndex>{0, 1, 2}));
}

TEST(Census, NobodyIsNoNetwork) {
  EXPECT_EQ(Census().largest(), std::pair(Census::none, std::size_t{0}));
}

}  // namespace
}  // namespace membrane::sim
