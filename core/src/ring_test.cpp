#include "ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
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

/// In a network of 2^16 the mean gap is 2^48: long links lie from three quarters of an octave above
/// it up.
constexpr std::size_t size = 1 << 16;
constexpr Position self = 0x1234'5678'9abc'def0;

/// How many octaves above the mean gap a place lies.
double octaves(Position place) {
  return std::log2(static_cast<double>(ring_distance(self, place))) - 48;
}

bool is_above(Position place) { return clockwise(self, place) <= clockwise(place, self); }

TEST(Ring, WithoutLinksALongPlaceIsInTheMiddleOfAllScalesOnEitherSide) {
  Random random({});
  std::array<int, 10> tenths{};
  int above = 0;
  constexpr int count = 100'000;
  const double nearest = 0.75;
  const double middle = (16 - nearest) * 2 / 5;
  for (int i = 0; i < count; ++i) {
    const Position place = draw_long_place(size, {}, self, random);
    const double drawn = (octaves(place) - nearest - (16 - nearest) * 3 / 10) / middle;
    ASSERT_GE(drawn, -0.02);  // an octave is cut into even steps
    ASSERT_LE(drawn, 1.02);
    ++tenths[static_cast<std::size_t>(std::clamp(drawn, 0.0, 0.99) * 10)];
    if (is_above(place)) ++above;
  }
  for (const int times : tenths) EXPECT_NEAR(times, count / 10, count / 40);
  EXPECT_NEAR(above, count / 2, count / 50);
}

TEST(Ring, ALongPlaceIsDrawnInTheWidestStretchBetweenLinks) {
  const auto up = [](int octave) { return self + (Position{1} << (48 + octave)); };
  const auto down = [](int octave) { return self - (Position{1} << (48 + octave)); };
  const std::vector<Position> links{up(2),   up(4),   up(9),    up(12),
                                    down(3), down(6), down(10), down(14)};
  Random random({});
  for (int i = 0; i < 1'000; ++i) {
    const Position place = draw_long_place(size, links, self, random);
    EXPECT_TRUE(is_above(place));
    EXPECT_GE(octaves(place), 4 + 5 * 0.3 - 0.1);
    EXPECT_LE(octaves(place), 4 + 5 * 0.7 + 0.1);
  }
}

TEST(Ring, TwelveLongLinksLeaveNoStretchOfFourOctaves) {
  Random random({});
  for (int round = 0; round < 1'000; ++round) {
    std::vector<Position> links;
    while (links.size() < 12) links.push_back(draw_long_place(size, links, self, random));
    for (const bool side : {true, false}) {
      std::vector<double> at{0.75, 16};
      for (const Position link : links) {
        if (is_above(link) == side) at.push_back(octaves(link));
      }
      std::sort(at.begin(), at.end());
      for (std::size_t i = 1; i < at.size(); ++i) ASSERT_LT(at[i] - at[i - 1], 4) << round;
    }
  }
}

TEST(Ring, RoomIsHowFarTheNearestLinkIsOnThatSideInOctaves) {
  const auto up = [](int octave) { return self + (Position{1} << (48 + octave)); };
  const auto down = [](int octave) { return self - (Position{1} << (48 + octave)); };
  const unsigned octave = 256;
  const std::vector<Position> links{up(4), up(9), down(5), down(6), down(7)};
  EXPECT_EQ(room_between(size, links, self, up(6)), 2 * octave);
  EXPECT_EQ(room_between(size, links, self, up(8)), octave);
  EXPECT_EQ(room_between(size, links, self, down(6)), 0u);
  EXPECT_EQ(room_between(size, links, self, down(11)), 4 * octave);
  EXPECT_EQ(room_between(size, links, self, up(12)), 3 * octave);
  // From the outer ring neighbours to once around.
  EXPECT_EQ(room_between(size, {}, self, up(2)), octave + octave / 4 + 1);
  EXPECT_EQ(room_between(size, {}, self, up(14)), 2 * octave);
  for (const Position near : {self, self + 1, self - 1, up(0)})
    EXPECT_EQ(room_between(size, {}, self, near), 0u);
}

TEST(Ring, APlaceIsDrawnForEverySize) {
  Random random({});
  for (const std::size_t peers : {0u, 1u, 2u, 3u, 4u, 7u, 64u, 1'000'000'000u}) {
    const std::vector<Position> links{0, 1, ~Position{0}, 5};
    EXPECT_NE(draw_long_place(peers, links, 5, random), 5u) << peers;
    EXPECT_LE(room_between(peers, links, 5, 1'000), 64 * 256u) << peers;
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
