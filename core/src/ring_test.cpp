#include "ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>

namespace membrane::test {
namespace {

std::vector<Position> ring_of(std::size_t size) {
  std::vector<Position> out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(i * 1000 + 7);
  return out;
}

TEST(Ring, TargetDegreeGrowsWithTheLogarithm) {
  EXPECT_EQ(target_degree(0), 4u);
  EXPECT_EQ(target_degree(1), 4u);
  EXPECT_EQ(target_degree(4), 4u);
  EXPECT_EQ(target_degree(5), 6u);
  EXPECT_EQ(target_degree(16), 8u);
  EXPECT_EQ(target_degree(17), 10u);
  EXPECT_EQ(target_degree(256), 16u);
  EXPECT_EQ(target_degree(100'000), 16u);
  for (std::size_t size = 1; size < 5'000; ++size)
    EXPECT_LE(target_degree(size), target_degree(size + 1));
}

TEST(Ring, NeighboursAreTwoOnEachSideNearestFirst) {
  const auto ring = ring_of(9);
  EXPECT_EQ(ring_neighbours(ring, ring[4]),
            (std::vector<Position>{ring[5], ring[3], ring[6], ring[2]}));
  EXPECT_EQ(ring_neighbours(ring, ring[0]),
            (std::vector<Position>{ring[1], ring[8], ring[2], ring[7]}));
  EXPECT_EQ(ring_neighbours(ring, ring[8]),
            (std::vector<Position>{ring[0], ring[7], ring[1], ring[6]}));
}

TEST(Ring, SmallRingsHaveFewerNeighboursEachOnce) {
  const auto neighbours = [](std::size_t size) {
    const auto ring = ring_of(size);
    const auto out = ring_neighbours(ring, ring[0]);
    EXPECT_EQ(std::set(out.begin(), out.end()).size(), out.size());
    EXPECT_FALSE(std::count(out.begin(), out.end(), ring[0]));
    return out.size();
  };
  EXPECT_EQ(neighbours(1), 0u);
  EXPECT_EQ(neighbours(2), 1u);
  EXPECT_EQ(neighbours(3), 2u);
  EXPECT_EQ(neighbours(4), 3u);
  EXPECT_EQ(neighbours(5), 4u);
  EXPECT_EQ(neighbours(6), 4u);
}

TEST(Ring, NeighbourhoodIsMutual) {
  for (const std::size_t size : {2u, 3u, 4u, 5u, 17u}) {
    const auto ring = ring_of(size);
    for (const Position self : ring) {
      for (const Position other : ring_neighbours(ring, self)) {
        const auto back = ring_neighbours(ring, other);
        EXPECT_TRUE(std::count(back.begin(), back.end(), self)) << size;
      }
    }
  }
}

/// On which side of us a place is drawn and how far: 64 - log2 of the network's size is octave 0.
struct Draws {
  explicit Draws(std::size_t size, const std::vector<Position>& links, int count) {
    const Position self = 0x1234'5678'9abc'def0;
    const int mean_gap_octave = 64 - static_cast<int>(std::bit_width(size - 1));
    Random random({});
    for (int i = 0; i < count; ++i) {
      const Position place = draw_long_place(size, links, self, random);
      const Position distance = ring_distance(self, place);
      ++octaves[static_cast<int>(std::bit_width(distance)) - 1 - mean_gap_octave];
      ++(clockwise(self, place) == distance ? above : below);
    }
  }
  std::map<int, int> octaves;
  int above = 0;
  int below = 0;
};

TEST(Ring, LongPlacesAreOnEveryScaleAboutEqually) {
  const int count = 100'000;
  const Draws draws(2048, {}, count);
  // From the mean gap, whose octave the ring neighbours mostly cover, to half the ring.
  EXPECT_EQ(draws.octaves.begin()->first, 0);
  EXPECT_EQ(draws.octaves.rbegin()->first, 9);
  ASSERT_EQ(draws.octaves.size(), 10u);
  for (const auto& [octave, times] : draws.octaves)
    EXPECT_NEAR(times, count / 10, count / 100) << octave;
  EXPECT_NEAR(draws.above, count / 2, count / 50);
}

TEST(Ring, WithinAScaleEveryPlaceIsAsLikely) {
  Random random({});
  std::array<int, 8> eighths{};
  int drawn = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Position distance = ring_distance(0, draw_long_place(2048, {}, 0, random));
    if (std::bit_width(distance) != 61) continue;
    ++eighths[distance >> 57 & 7];
    ++drawn;
  }
  for (const int times : eighths) EXPECT_NEAR(times, drawn / 8, drawn / 80);
}

TEST(Ring, ScalesWithoutALinkComeFirst) {
  const Position self = 1000;
  Random random({});
  std::vector<Position> links;
  std::set<std::pair<bool, int>> scales;
  for (int i = 0; i < 20; ++i) {  // ten octaves on two sides
    const Position place = draw_long_place(2048, links, self, random);
    const bool is_above = clockwise(self, place) < clockwise(place, self);
    const auto width = std::bit_width(ring_distance(self, place));
    EXPECT_TRUE(scales.emplace(is_above, static_cast<int>(width)).second);
    // Each second one on either side before those between them.
    EXPECT_EQ((width % 2 == 0) == is_above, i < 10) << i;
    links.push_back(place);
  }
  EXPECT_FALSE(scales
                   .emplace(true, std::bit_width(ring_distance(
                                      self, draw_long_place(2048, links, self, random))))
                   .second);
}

TEST(Ring, APlaceIsDrawnForEverySize) {
  Random random({});
  for (const std::size_t size : {0u, 1u, 2u, 3u, 4u, 7u, 64u, 1'000'000'000u}) {
    const std::vector<Position> links{0, 1, ~Position{0}, 5};
    EXPECT_NE(draw_long_place(size, links, 5, random), 5u) << size;
  }
}

TEST(Ring, TheNearestPlacesComeNearestFirstOverTheEndOfTheRingToo) {
  const std::vector<Position> ring{10, 20, 50, ~Position{0} - 4};
  EXPECT_EQ(nearest_places(ring, 22, 2), (std::vector<Position>{20, 10}));
  EXPECT_EQ(nearest_places(ring, 20, 9), (std::vector<Position>{20, 10, ~Position{0} - 4, 50}));
  EXPECT_EQ(nearest_places(ring, 0, 3), (std::vector<Position>{~Position{0} - 4, 10, 20}));
  EXPECT_TRUE(nearest_places({}, 5, 3).empty());
}

}  // namespace
}  // namespace membrane::test
