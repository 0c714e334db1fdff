#include "random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "golden.h"

namespace membrane::test {
namespace {

std::string stream(Random& random, int blocks) {
  std::string out;
  for (int i = 0; i < 2 * blocks; ++i) out += to_hex(random.bytes32());
  return out;
}

/// RFC 8439, appendix A.1: the vectors whose nonce is zero, as ours always is, at the counter that
/// each block is at. (The one of section 2.3.2 has another nonce.)
TEST(Random, IsTheChaCha20KeyStream) {
  Random zero({});
  EXPECT_EQ(stream(zero, 2),
            "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
            "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
            "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
            "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f");
  Random::Seed one{};
  one[31] = 1;
  Random last_bit(one);
  stream(last_bit, 1);
  EXPECT_EQ(stream(last_bit, 1),
            "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
            "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0");
  Random::Seed second{};
  second[1] = 0xff;
  Random second_byte(second);
  stream(second_byte, 2);
  EXPECT_EQ(stream(second_byte, 1),
            "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
            "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096");
}

TEST(Random, WordsAreTheStreamInOrder) {
  Random words({});
  EXPECT_EQ(words.u32(), 0xade0b876u);
  EXPECT_EQ(words.u64(), 0x903df1a0e56a5d40u);
}

TEST(Random, SameSeedSameDraws) {
  const auto seed = counting<32>(1);
  Random one(seed);
  Random other(seed);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.below(1000), other.below(1000));
}

TEST(Random, BelowIsEvenAndBelow) {
  Random random(counting<32>(1));
  for (const std::uint64_t bound : {1u, 2u, 3u, 7u, 10u, 64u}) {
    std::vector<int> hits(bound);
    const int draws = 20'000;
    for (int i = 0; i < draws; ++i) {
      const std::uint64_t drawn = random.below(bound);
      ASSERT_LT(drawn, bound);
      ++hits[drawn];
    }
    const double expected = draws / static_cast<double>(bound);
    for (const int hit : hits) EXPECT_NEAR(hit, expected, 5 * std::sqrt(expected)) << bound;
  }
}

TEST(Random, BelowIsEvenForBoundsThatDoNotDivideTheRange) {
  // Two thirds of the range: taken modulo, the lower half would come up twice as often.
  const std::uint64_t bound = (~std::uint64_t{0} / 3) * 2;
  Random random(counting<32>(1));
  int lower = 0;
  for (int i = 0; i < 10'000; ++i) lower += random.below(bound) < bound / 2 ? 1 : 0;
  EXPECT_NEAR(lower, 5'000, 250);
}

}  // namespace
}  // namespace membrane::test
