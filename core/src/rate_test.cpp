#include "rate.h"

#include <gtest/gtest.h>

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;

int taken(Rate& rate, TimeMs now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += rate.take(now) ? 1 : 0;
  return count;
}

TEST(Rate, GivesABurstThenOneEachInterval) {
  Rate rate = Rate::every_ms(1'000, 4);
  EXPECT_EQ(taken(rate, start, 10), 4);
  EXPECT_EQ(taken(rate, start + 999, 10), 0);
  EXPECT_EQ(taken(rate, start + 1'000, 10), 1);
  EXPECT_EQ(taken(rate, start + 3'500, 10), 2);
  EXPECT_EQ(taken(rate, start + 3'999, 10), 0);
  EXPECT_EQ(taken(rate, start + 4'000, 10), 1);
}

TEST(Rate, NeverHoldsMoreThanTheBurst) {
  Rate rate = Rate::every_ms(1'000, 4);
  EXPECT_EQ(taken(rate, start, 1), 1);
  EXPECT_EQ(taken(rate, start + 1'000'000'000, 10), 4);
}

TEST(Rate, PerSecondIsThatManyInASecond) {
  for (const std::uint64_t count : {1u, 3u, 20u, 120u, 1'000u}) {
    Rate rate = Rate::per_second(count, 5);
    int given = taken(rate, start, 10);
    EXPECT_EQ(given, 5);
    for (TimeMs ms = 1; ms <= 10'000; ++ms) given += taken(rate, start + ms, 10);
    EXPECT_NEAR(given, static_cast<int>(5 + 10 * count), 1) << count;
  }
}

TEST(Rate, ReadyAtIsWhenTheNextCanBeTakenAndNotBefore) {
  Rate rate = Rate::per_second(3, 2);
  EXPECT_EQ(rate.ready_at(start), start);
  taken(rate, start, 2);
  const TimeMs ready = rate.ready_at(start);
  EXPECT_EQ(ready, start + 334);
  EXPECT_FALSE(rate.take(ready - 1));
  EXPECT_TRUE(rate.take(ready));
}

TEST(Rate, TimeThatGoesBackStandsStill) {
  Rate rate = Rate::every_ms(1'000, 2);
  EXPECT_EQ(taken(rate, start, 10), 2);
  EXPECT_EQ(taken(rate, start - 50'000, 10), 0);
  EXPECT_EQ(taken(rate, start + 500, 10), 0);
  EXPECT_EQ(taken(rate, start + 1'000, 10), 1);
}

TEST(Rate, TheEndOfTimeDoesNotOverflow) {
  Rate rate = Rate::every_ms(1'000, 2);
  EXPECT_EQ(taken(rate, start, 10), 2);
  EXPECT_EQ(taken(rate, never, 10), 2);
}

}  // namespace
}  // namespace membrane::test
