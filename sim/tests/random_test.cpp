#include "random.h"

#include <gtest/gtest.h>

#include <array>

namespace membrane::sim {
namespace {

TEST(Random, TheSameSeedDrawsTheSame) {
  Random a(1);
  Random b(1);
  Random c(2);
  EXPECT_EQ(a.key(), b.key());
  EXPECT_NE(a.key(), c.key());
}

TEST(Random, DrawsAreEvenAndWithinBounds) {
  Random random(3);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts[random.below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t draw = random.between(5, 7);
    EXPECT_GE(draw, 5u);
    EXPECT_LE(draw, 7u);
  }
  EXPECT_EQ(random.below(1), 0u);
}

}  // namespace
}  // namespace membrane::sim
