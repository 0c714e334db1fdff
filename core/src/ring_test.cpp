#include "ring.h"

#include <gtest/gtest.h>

#include <algorithm>
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

/// How often each distance in ranks was drawn.
std::map<std::size_t, int> draws(std::size_t size, int count) {
  const auto ring = ring_of(size);
  Random random({});
  std::map<std::size_t, int> out;
  for (int i = 0; i < count; ++i) {
    const std::size_t self = static_cast<std::size_t>(i) % size;
    const Position drawn = draw_long_link(ring, ring[self], random);
    EXPECT_NE(drawn, ring[self]);
    const auto at = std::lower_bound(ring.begin(), ring.end(), drawn);
    const auto index = static_cast<std::size_t>(at - ring.begin());
    if (at == ring.end() || *at != drawn) ADD_FAILURE() << "drew somebody who is not there";
    const std::size_t up = (index + size - self) % size;
    ++out[std::min(up, size - up)];
  }
  return out;
}

TEST(Ring, LongLinksHitEveryScaleAboutEqually) {
  const int count = 100'000;
  std::map<int, int> octaves;
  for (const auto& [rank, times] : draws(2048, count))
    octaves[static_cast<int>(std::bit_width(rank))] += times;
  // Ranks 1 … 1024: ten whole octaves, and the farthest, which the eleventh is cut to.
  ASSERT_EQ(octaves.size(), 11u);
  for (const auto& [octave, times] : octaves) EXPECT_NEAR(times, count / 11, count / 110) << octave;
}

TEST(Ring, WithinAScaleEveryRankIsAsLikely) {
  const auto drawn = draws(2048, 200'000);
  double sum = 0;
  for (std::size_t rank = 8; rank < 16; ++rank) sum += drawn.at(rank);
  for (std::size_t rank = 8; rank < 16; ++rank) EXPECT_NEAR(drawn.at(rank), sum / 8, sum / 80);
}

TEST(Ring, SmallRingsAreDrawnFromWhole) {
  for (const std::size_t size : {2u, 3u, 4u, 5u, 7u}) {
    const auto drawn = draws(size, 1'000);
    EXPECT_EQ(drawn.size(), size / 2) << size;
  }
}

TEST(Ring, BothSidesAreAsLikely) {
  const auto ring = ring_of(101);
  Random random({});
  int up = 0;
  for (int i = 0; i < 10'000; ++i) up += draw_long_link(ring, ring[50], random) > ring[50] ? 1 : 0;
  EXPECT_NEAR(up, 5'000, 200);
}

}  // namespace
}  // namespace membrane::test
