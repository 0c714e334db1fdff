#include "arc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "random.h"

namespace membrane::test {
namespace {

constexpr Position last_place = ~Position{0};

std::uint64_t places_less_one(const Arc& arc) { return clockwise(arc.first, arc.last); }

TEST(Arc, ContainsItsEndsAndWhatLiesBetween) {
  EXPECT_TRUE(contains({3, 5}, 3));
  EXPECT_TRUE(contains({3, 5}, 5));
  EXPECT_FALSE(contains({3, 5}, 2));
  EXPECT_FALSE(contains({3, 5}, 6));
  EXPECT_TRUE(contains({4, 4}, 4));
  EXPECT_FALSE(contains({4, 4}, 5));
}

TEST(Arc, GoesOverTheSeam) {
  const Arc arc{last_place - 1, 1};
  for (const Position at : {last_place - 1, last_place, Position{0}, Position{1}})
    EXPECT_TRUE(contains(arc, at));
  EXPECT_FALSE(contains(arc, 2));
  EXPECT_FALSE(contains(arc, last_place - 2));
}

TEST(Arc, AllButOne) {
  for (const Position at : {Position{0}, Position{7}, last_place}) {
    EXPECT_FALSE(contains(all_but(at), at));
    EXPECT_TRUE(contains(all_but(at), at + 1));
    EXPECT_TRUE(contains(all_but(at), at - 1));
  }
}

TEST(Arc, WithoutOnePlace) {
  EXPECT_EQ(without({3, 5}, 9), (std::vector<Arc>{{3, 5}}));
  EXPECT_EQ(without({3, 5}, 4), (std::vector<Arc>{{3, 3}, {5, 5}}));
  EXPECT_EQ(without({3, 5}, 3), (std::vector<Arc>{{4, 5}}));
  EXPECT_EQ(without({3, 5}, 5), (std::vector<Arc>{{3, 4}}));
  EXPECT_TRUE(without({4, 4}, 4).empty());
  EXPECT_EQ(without({0, last_place}, 4), (std::vector<Arc>{{0, 3}, {5, last_place}}));
  EXPECT_EQ(without({last_place, 0}, 0), (std::vector<Arc>{{last_place, last_place}}));
}

/// By those who know nobody's links.
std::vector<std::pair<Position, Arc>> split(const Arc& arc,
                                            const std::vector<Position>& neighbours) {
  return membrane::split(
      arc, neighbours, [](Position) { return std::vector<Position>{}; }, 0);
}

TEST(Arc, SplitWithoutNeighboursOnItIsEmpty) {
  EXPECT_TRUE(split({3, 5}, {}).empty());
  EXPECT_TRUE(split({3, 5}, {2, 6}).empty());
}

TEST(Arc, SplitGivesTheOnlyNeighbourAll) {
  const auto parts = split({last_place - 9, 9}, {5, 50});
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].first, 5u);
  EXPECT_EQ(parts[0].second, (Arc{last_place - 9, 9}));
}

TEST(Arc, SplitOverTheSeam) {
  const auto parts = split({last_place - 9, 9}, {4, last_place - 5});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].first, last_place - 5);
  EXPECT_EQ(parts[0].second, (Arc{last_place - 9, last_place}));
  EXPECT_EQ(parts[1].first, 4u);
  EXPECT_EQ(parts[1].second, (Arc{0, 9}));
}

struct Case {
  Arc arc;
  std::vector<Position> neighbours;
};

/// Some places, most of them on the arc, ascending.
std::vector<Position> draw_on(const Arc& arc, Random& random) {
  std::set<Position> out;
  for (std::uint64_t i = random.below(20); i > 0; --i) {
    const std::uint64_t span = places_less_one(arc);
    out.insert(random.below(4) == 0 || span == last_place ? random.u64()
                                                          : arc.first + random.below(span + 1));
  }
  return {out.begin(), out.end()};
}

/// Arcs of every scale, neighbours on them and off them, some at their very ends.
Case random_case(Random& random) {
  const int shift = static_cast<int>(random.below(64));
  const Position first = random.u64();
  const Arc arc{first, first + (random.u64() >> shift)};
  const std::vector<Position> drawn = draw_on(arc, random);
  std::set<Position> neighbours(drawn.begin(), drawn.end());
  if (random.below(8) == 0) neighbours.insert(arc.first);
  if (random.below(8) == 0) neighbours.insert(arc.last);
  return {arc, {neighbours.begin(), neighbours.end()}};
}

TEST(Arc, PartsCoverTheArcAndDoNotOverlap) {
  Random random({});
  for (int i = 0; i < 4'000; ++i) {
    const Case drawn = random_case(random);
    std::map<Position, std::vector<Position>> links;
    for (const Position at : drawn.neighbours) links[at] = draw_on(drawn.arc, random);
    const auto parts = membrane::split(
        drawn.arc, drawn.neighbours, [&](Position at) -> const auto& { return links[at]; },
        random.below(2) == 0 ? last_place : 0);
    const auto there = on_arc(drawn.arc, drawn.neighbours);
    ASSERT_LE(parts.size(), there.size());
    ASSERT_EQ(parts.empty(), there.empty());
    if (parts.empty()) continue;
    EXPECT_EQ(parts.front().second.first, drawn.arc.first);
    EXPECT_EQ(parts.back().second.last, drawn.arc.last);
    std::uint64_t places = 0;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      EXPECT_TRUE(contains(parts[k].second, parts[k].first));
      if (k > 0) {
        EXPECT_EQ(parts[k].second.first, parts[k - 1].second.last + 1);
      }
      places += places_less_one(parts[k].second) + 1;
    }
    EXPECT_EQ(places, places_less_one(drawn.arc) + 1);
  }
}

TEST(Arc, ItIsCutInTheMiddleOfWhatNeitherHasALinkInto) {
  EXPECT_EQ(cut_between(100, {}, 200, {}), 150u);
  EXPECT_EQ(cut_between(100, {90, 120, 140, 200}, 200, {}), 170u);
  EXPECT_EQ(cut_between(100, {}, 200, {50, 100, 120, 180}), 110u);
  EXPECT_EQ(cut_between(100, {110, 120}, 200, {180, 250}), 150u);
  EXPECT_EQ(cut_between(100, {180}, 200, {120}), 150u);  // each reaches past the other
  EXPECT_EQ(cut_between(100, {150}, 200, {150}), 150u);
  EXPECT_EQ(cut_between(100, {0}, 101, {300}), 100u);
  EXPECT_EQ(cut_between(last_place - 9, {last_place - 4}, 10, {6}), 0u);  // over the seam
}

TEST(Arc, AGapIsTheLongestStretchWithoutALinkAndCountsTwiceAtTheEnds) {
  EXPECT_EQ(longest_gap({100, 200}, 150, {}), 100u);
  EXPECT_EQ(longest_gap({100, 200}, 100, {}), 200u);
  EXPECT_EQ(longest_gap({100, 200}, 150, {90, 110, 190, 210}), 40u);
  EXPECT_EQ(longest_gap({100, 200}, 150, {110, 120, 199}), 49u);
  EXPECT_EQ(longest_gap({100, 200}, 150, {125, 150, 160}), 80u);
  EXPECT_EQ(longest_gap({last_place - 9, 10}, last_place, {2, last_place - 5}), 16u);
  EXPECT_EQ(longest_gap({7, 7}, 7, {1, 9}), 0u);
  EXPECT_EQ(longest_gap({0, last_place}, 0, {}), last_place);  // twice, as far as that goes
}

/// The links of 160 reach nowhere on the arc, those of 110 far.
TEST(Arc, WhoseLinksDoNotReachIsPassedOverForOneBesideItWhoseLinksDo) {
  std::map<Position, std::vector<Position>> links{{110, {130, 170, 190}}, {160, {20}}};
  const auto split_by = [&](Position long_gap) {
    return membrane::split(
        {100, 200}, {110, 160}, [&](Position at) -> const auto& { return links[at]; }, long_gap);
  };
  EXPECT_EQ(split_by(0), (Parts{{110, {100, 200}}}));
  EXPECT_EQ(split_by(80).size(), 2u);  // no gap is long
  links[110] = {130, 170};
  EXPECT_EQ(split_by(0), (Parts{{110, {100, 200}}}));
  links[110] = {130, 165};  // leaves 70 instead of 80: not worth another hop
  EXPECT_EQ(split_by(0).size(), 2u);
}

/// Measured along the arc: between two of whose links nothing is known the arc is halved.
TEST(Arc, EveryPlaceGoesToTheNearestNeighbour) {
  Random random({});
  for (int i = 0; i < 4'000; ++i) {
    const Case drawn = random_case(random);
    const auto parts = split(drawn.arc, drawn.neighbours);
    const auto distance = [&](Position a, Position b) {
      const std::uint64_t from_a = clockwise(drawn.arc.first, a);
      const std::uint64_t from_b = clockwise(drawn.arc.first, b);
      return from_a < from_b ? from_b - from_a : from_a - from_b;
    };
    for (const auto& [owner, part] : parts) {
      for (const Position place : {part.first, part.last, part.first + places_less_one(part) / 2}) {
        for (const auto& [other, unused] : parts)
          EXPECT_LE(distance(place, owner), distance(place, other));
      }
    }
  }
}

}  // namespace
}  // namespace membrane::test
