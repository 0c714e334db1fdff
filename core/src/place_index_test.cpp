#include "place_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "random.h"

namespace membrane::test {
namespace {

TEST(PlaceIndex, FindsNothingInTheBeginning) {
  const PlaceIndex index(1);
  EXPECT_EQ(index.find(0), PlaceIndex::none);
  EXPECT_EQ(index.find(~Position{0}), PlaceIndex::none);
}

TEST(PlaceIndex, PlaceAndSlotZeroAreLikeAnyOther) {
  PlaceIndex index(0);
  index.insert(0, 0);
  EXPECT_EQ(index.find(0), 0u);
  index.erase(0);
  EXPECT_EQ(index.find(0), PlaceIndex::none);
}

/// A long run of insertions and erasures from few places, so that they meet, checked against a map.
void run_against_map(std::uint64_t seed, std::uint64_t places, std::size_t size_max, int steps) {
  Random random({});
  PlaceIndex index(seed);
  std::map<Position, PlaceIndex::Slot> expected;
  for (int step = 0; step < steps; ++step) {
    const Position place = random.below(places);
    const auto known = expected.find(place);
    if (known != expected.end() && random.below(2) == 0) {
      index.erase(place);
      expected.erase(known);
    } else if (known == expected.end() && expected.size() < size_max) {
      const auto slot = static_cast<PlaceIndex::Slot>(random.below(5000));
      index.insert(place, slot);
      expected[place] = slot;
    }
    const Position other = random.below(places);
    const auto found = expected.find(other);
    ASSERT_EQ(index.find(other), found == expected.end() ? PlaceIndex::none : found->second)
        << "step " << step;
  }
  for (Position place = 0; place < std::min<std::uint64_t>(places, 10'000); ++place) {
    const auto found = expected.find(place);
    ASSERT_EQ(index.find(place), found == expected.end() ? PlaceIndex::none : found->second);
  }
}

TEST(PlaceIndex, SmallAndCrowded) { run_against_map(1, 20, 8, 100'000); }
TEST(PlaceIndex, GrowsAsItFills) { run_against_map(2, 6'000, 4'096, 100'000); }
TEST(PlaceIndex, EverySeed) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) run_against_map(seed << 58 | seed, 64, 40, 2'000);
}

}  // namespace
}  // namespace membrane::test
