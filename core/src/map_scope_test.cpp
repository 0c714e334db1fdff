#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "map.h"
#include "message.h"
#include "ring.h"

/// How much of the network a map holds: everybody, or the neighbours and some strangers.
namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;
constexpr Position self = 0x8000'0000'0000'0000;

PeerId peer_at(Position place) {
  PeerId out;
  for (std::size_t i = 0; i < 8; ++i)
    out.bytes[i] = static_cast<std::uint8_t>(place >> (56 - 8 * i));
  return out;
}

Config config(std::size_t peers_max) {
  Config out;
  out.id = peer_at(self);
  out.peers_max = peers_max;
  return out;
}

/// A map in a network whose places the test draws.
struct Scene {
  explicit Scene(std::size_t peers_max) : context(config(peers_max), start), map(context) {
    map.hooks = {.overtaken = [](std::uint64_t) {},
                 .changed = [] {},
                 .scope_changed = [this] { ++scope_changes; }};
    refresh();
  }

  Error hear(Position place, std::vector<Position> links, std::uint64_t capabilities = 0) {
    std::sort(links.begin(), links.end());
    const Record record{"", {}, limits::record_lifetime_s, std::move(links), capabilities};
    const Statement statement{
        StatementKind::record, peer_at(place), ++said, encode_record(record), {}};
    return map.accept(statement, encode_statement(statement));
  }
  void link_to(std::vector<Position> links) {
    std::sort(links.begin(), links.end());
    map.set_own_links(std::move(links));
  }
  /// We have links to `neighbours` peers next to us, and everybody else behind the first of them.
  void crowd(std::size_t count, std::size_t neighbours) {
    std::vector<Position> all;
    for (std::size_t i = 1; i <= count; ++i) all.push_back(self + i * 1'000);
    link_to({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(neighbours)});
    std::vector<Position> others{self};
    others.insert(others.end(), all.begin() + 1, all.end());
    others.resize(std::min<std::size_t>(others.size(), limits::record_links_max));
    hear(all[0], others);
    refresh();
    for (std::size_t i = 1; i < count; ++i) {
      std::vector<Position> links{all[0]};
      if (i < neighbours) links.push_back(self);
      last = hear(all[i], links);
      refresh();
    }
    pass(1'000);
  }
  /// Time passes, and the map is looked after as a node does; the events must fit the graph.
  void pass(TimeMs duration_ms) {
    const TimeMs end = context.now + duration_ms;
    while (true) {
      context.now = std::min(std::max(map.next_timeout(), context.now), end);
      map.tick();
      refresh();
      if (context.now == end && map.next_timeout() > end) return;
    }
  }
  void refresh() {
    map.refresh();
    for (const Output& output : std::exchange(context.outputs, {})) apply(output);
    const auto held = map.edges();
    ASSERT_EQ(edges, std::set(held.begin(), held.end()));
    ASSERT_EQ(nodes.size(), map.size());
  }
  void apply(const Output& output) {
    if (const auto* added = std::get_if<PeerAdded>(&output)) {
      EXPECT_TRUE(nodes.insert(added->peer).second);
    } else if (const auto* removed = std::get_if<PeerRemoved>(&output)) {
      EXPECT_EQ(nodes.erase(removed->peer), 1u);
      for (const auto& [a, b] : edges) EXPECT_TRUE(a != removed->peer && b != removed->peer);
    } else if (const auto* edge = std::get_if<EdgeChanged>(&output)) {
      EXPECT_TRUE(nodes.contains(edge->a) && nodes.contains(edge->b));
      const std::pair ends{edge->a, edge->b};
      EXPECT_TRUE(edge->present ? edges.insert(ends).second : edges.erase(ends) == 1);
    }
  }

  Context context;
  Map map;
  std::set<PeerId> nodes;
  std::set<std::pair<PeerId, PeerId>> edges;
  std::uint64_t said = start;
  Error last = Error::none;
  int scope_changes = 0;
};

// ---- When it changes ----------------------------------------------------------------------------

TEST(MapScope, AsManyAsTheMapHoldsAreHeldWhole) {
  Scene scene(32);
  scene.crowd(31, 6);
  EXPECT_EQ(scene.last, Error::none);
  EXPECT_TRUE(scene.map.is_whole());
  EXPECT_EQ(scene.map.size(), 32u);
  EXPECT_EQ(scene.map.estimate(), 32u);
  EXPECT_EQ(scene.scope_changes, 0);
}

TEST(MapScope, OneMoreEndsTheWholeMapAndOnlyNeighboursStay) {
  Scene scene(32);
  scene.crowd(32, 6);
  EXPECT_EQ(scene.last, Error::full);
  EXPECT_FALSE(scene.map.is_whole());
  EXPECT_EQ(scene.scope_changes, 1);
  EXPECT_EQ(scene.map.size(), 7u);
  EXPECT_EQ(scene.map.held().size(), 7u);
  for (std::size_t i = 1; i <= 6; ++i) EXPECT_TRUE(scene.map.has_record(peer_at(self + i * 1'000)));
  EXPECT_EQ(scene.nodes.size(), 7u);
  EXPECT_EQ(scene.edges.size(), 11u);  // ours, and theirs among each other
}

/// Whoever has not met an origin takes no message of it.
TEST(MapScope, NeighboursAreMetWhenOnlyTheyStay) {
  Scene scene(32);
  scene.crowd(20, 6);
  scene.hear(self + 500, {});  // which does not name us yet
  scene.link_to({self + 500, self + 1'000});
  EXPECT_FALSE(scene.map.has_met(self + 500));
  scene.map.adopt_scope(false);
  scene.refresh();
  EXPECT_TRUE(scene.map.has_met(self + 500));
}

TEST(MapScope, WhoComesIntoALargeNetworkHoldsNoWholeMapFromTheStart) {
  Scene scene(32);
  scene.map.adopt_scope(false);
  EXPECT_FALSE(scene.map.is_whole());
  scene.map.adopt_scope(false);
  EXPECT_EQ(scene.scope_changes, 1);
}

/// Four neighbours, each of whose records says how far apart peers live around it.
void live_apart(Scene& scene, Position gap) {
  std::vector<Position> links;
  for (std::size_t i = 1; i <= 4; ++i) links.push_back(self + i * 1'000);
  scene.link_to({self + gap, self + 2 * gap, self - gap, self - 2 * gap});
  for (const Position place : {self + gap, self + 2 * gap, self - gap, self - 2 * gap})
    scene.hear(place, {place - 2 * gap, place - gap, place + gap, place + 2 * gap});
  scene.pass(30'000);
}

constexpr Position gap_of(std::size_t size) { return ~Position{0} / size; }

TEST(MapScope, ThereIsAWholeMapAgainBelowThreeQuartersAndNotAbove) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  live_apart(scene, gap_of(900));
  EXPECT_FALSE(scene.map.is_whole());
  live_apart(scene, gap_of(500));
  EXPECT_TRUE(scene.map.is_whole());
  EXPECT_EQ(scene.scope_changes, 2);
  EXPECT_EQ(scene.map.size(), 5u);  // the others' records are still to come
  EXPECT_FALSE(scene.map.holds_everybody());
  EXPECT_EQ(scene.map.estimate(), 5u);
}

TEST(MapScope, WithFewLinksNobodyJudgesTheNetwork) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  scene.link_to({self + 1, self + 2, self + 3});
  for (Position place = self + 1; place <= self + 3; ++place)
    scene.hear(place, {self - 4, self - 5, self + 6, self + 7});
  scene.pass(30'000);
  EXPECT_FALSE(scene.map.is_whole());
}

// ---- What the neighbours say --------------------------------------------------------------------

/// What a neighbour says of its map.
constexpr std::uint64_t whole = 0;
constexpr std::uint64_t partial = knows_neighbours_only;
constexpr std::uint64_t could = knows_neighbours_only | could_know_everybody;

/// So many neighbours say this of their maps, and the others that.
std::vector<std::uint64_t> said_by(std::size_t some, std::uint64_t what, std::size_t others = 0,
                                   std::uint64_t that = whole) {
  std::vector<std::uint64_t> out(some, what);
  out.insert(out.end(), others, that);
  return out;
}

/// Neighbours who say this of their maps, in a network that is judged to have so many peers.
void live_among(Scene& scene, std::size_t judged_size, const std::vector<std::uint64_t>& says) {
  const Position gap = gap_of(judged_size * 8 / 9);  // four are judged to be 4.5 mean ones
  std::vector<Position> links;
  for (std::size_t i = 1; i <= says.size(); ++i) links.push_back(self + i * 1'000);
  scene.link_to(links);
  for (std::size_t i = 0; i < says.size(); ++i)
    scene.hear(links[i], {links[i] - 2 * gap, links[i] - gap, links[i] + gap, links[i] + 2 * gap},
               says[i]);
  scene.pass(10'000);
  if (scene.map.is_whole()) return;
  EXPECT_NEAR(static_cast<double>(scene.map.estimate()), static_cast<double>(judged_size), 10);
}

TEST(MapScope, InASmallNetworkItSaysThatItCouldBeWholeAndIsWhenThreeQuartersCould) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  EXPECT_EQ(scene.map.capabilities(), partial);
  live_among(scene, 700, said_by(6, could, 2, partial));
  EXPECT_FALSE(scene.map.is_whole());
  EXPECT_EQ(scene.map.capabilities(), could);
  EXPECT_EQ(scene.scope_changes, 2);
  scene.pass(30'000);
  EXPECT_EQ(scene.scope_changes, 2);  // it is said once
  live_among(scene, 700, said_by(7, could, 1, partial));
  EXPECT_TRUE(scene.map.is_whole());
  EXPECT_EQ(scene.map.capabilities(), whole);
  EXPECT_EQ(scene.scope_changes, 3);
}

TEST(MapScope, ThatItCouldBeWholeIsTakenBackWhenTheNetworkGrows) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  live_among(scene, 700, said_by(8, partial));
  EXPECT_EQ(scene.map.capabilities(), could);
  live_among(scene, 800, said_by(8, partial));
  EXPECT_EQ(scene.map.capabilities(), partial);
  EXPECT_EQ(scene.scope_changes, 3);
}

TEST(MapScope, AFewWhoSayThatTheyCouldDoNotMoveItMostDoALittleAboveThreeQuarters) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  live_among(scene, 800, said_by(4, could, 4, partial));
  EXPECT_EQ(scene.map.capabilities(), partial);
  live_among(scene, 800, said_by(5, could, 3, partial));
  EXPECT_EQ(scene.map.capabilities(), could);
  EXPECT_FALSE(scene.map.is_whole());
  live_among(scene, 800, said_by(7, could, 1, partial));
  EXPECT_TRUE(scene.map.is_whole());
}

TEST(MapScope, AboveSevenEighthsOnlyThoseWhoAreWholeMoveIt) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  live_among(scene, 900, said_by(8, could));
  EXPECT_EQ(scene.map.capabilities(), partial);
  live_among(scene, 900, said_by(6, whole, 2, could));
  EXPECT_EQ(scene.map.capabilities(), partial);
  live_among(scene, 1'020, said_by(8, whole));
  EXPECT_EQ(scene.map.capabilities(), partial);  // more than it can hold
  live_among(scene, 900, said_by(7, whole, 1, partial));
  EXPECT_TRUE(scene.map.is_whole());
}

TEST(MapScope, ANeighbourWithoutARecordHasNoVoice) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  live_among(scene, 700, said_by(6, partial));
  for (std::size_t i = 1; i <= 6; ++i) scene.hear(self + i * 1'000, {self}, could);
  std::vector<Position> links;
  for (std::size_t i = 1; i <= 8; ++i) links.push_back(self + i * 1'000);
  scene.link_to(links);
  scene.pass(10'000);
  EXPECT_FALSE(scene.map.is_whole());
  EXPECT_EQ(scene.map.capabilities(), could);
}

/// Eight neighbours who know nobody but us, and say this of their maps.
void live_alone_among(Scene& scene, const std::vector<std::uint64_t>& says) {
  std::vector<Position> links;
  for (std::size_t i = 1; i <= says.size(); ++i) links.push_back(self + i * 1'000);
  scene.link_to(links);
  for (std::size_t i = 0; i < says.size(); ++i) scene.hear(links[i], {self}, says[i]);
  scene.refresh();
}

TEST(MapScope, AWholeMapIsGivenUpSoonWhenThoseOfMostNeighboursCannotBeWhole) {
  Scene scene(1'000);
  live_alone_among(scene, said_by(4, partial, 4, whole));
  scene.pass(60'000);
  EXPECT_TRUE(scene.map.is_whole());
  live_alone_among(scene, said_by(5, partial, 3, whole));
  scene.pass(1'000);
  EXPECT_FALSE(scene.map.is_whole());
  EXPECT_EQ(scene.scope_changes, 1);
}

TEST(MapScope, AWholeMapIsGivenUpAfterAWhileWhenThoseOfMostNeighboursOnlyCouldBeWhole) {
  Scene scene(1'000);
  live_alone_among(scene, said_by(4, could, 4, whole));
  scene.pass(60'000);
  EXPECT_TRUE(scene.map.is_whole());
  live_alone_among(scene, said_by(4, could, 1, partial));
  scene.pass(29'000);
  EXPECT_TRUE(scene.map.is_whole());  // they may be about to have them
  scene.pass(11'000);
  EXPECT_FALSE(scene.map.is_whole());
  EXPECT_EQ(scene.scope_changes, 1);
}

TEST(MapScope, WhatMostNeighboursSayOnlyForAMomentDoesNotEndAWholeMap) {
  Scene scene(1'000);
  for (int round = 0; round < 4; ++round) {
    live_alone_among(scene, said_by(8, could));
    scene.pass(20'000);
    live_alone_among(scene, said_by(8, whole));
    scene.pass(10'000);
  }
  EXPECT_TRUE(scene.map.is_whole());
}

TEST(MapScope, WhoGaveItsWholeMapUpForWhatNeighboursSayHasOneAgainWhenTheyDo) {
  Scene scene(1'000);
  live_alone_among(scene, said_by(8, could));
  scene.pass(40'000);
  ASSERT_FALSE(scene.map.is_whole());
  live_alone_among(scene, said_by(8, whole));
  scene.pass(10'000);
  EXPECT_TRUE(scene.map.is_whole());
}

TEST(MapScope, WhoGaveItsWholeMapUpForBeingBehindHasNoneAgainForAWhile) {
  Scene scene(1'000);
  live_alone_among(scene, said_by(8, whole));
  for (std::size_t i = 1; i <= 5; ++i) scene.hear(self + i * 1'000, {self, self + 50'000});
  scene.pass(40'000);
  ASSERT_FALSE(scene.map.is_whole());
  live_alone_among(scene, said_by(8, whole));
  scene.pass(280'000);
  EXPECT_EQ(scene.map.capabilities(), partial);
  scene.pass(30'000);
  EXPECT_TRUE(scene.map.is_whole());
}

TEST(MapScope, AWholeMapThatFallsBehindMostNeighboursIsNone) {
  Scene scene(1'000);
  live_alone_among(scene, said_by(8, whole));
  for (std::size_t i = 1; i <= 4; ++i) scene.hear(self + i * 1'000, {self, self + 50'000 * i});
  scene.pass(60'000);
  EXPECT_TRUE(scene.map.is_whole());  // half of them may lie
  EXPECT_TRUE(scene.map.holds_everybody());
  scene.hear(self + 5'000, {self, self + 50'000});
  scene.pass(29'000);
  EXPECT_TRUE(scene.map.is_whole());  // what they name may be on its way
  EXPECT_FALSE(scene.map.holds_everybody());
  scene.pass(11'000);
  EXPECT_FALSE(scene.map.is_whole());
}

TEST(MapScope, AMapThatCatchesUpHoldsEverybodyAgain) {
  Scene scene(1'000);
  live_alone_among(scene, said_by(8, whole));
  for (std::size_t i = 1; i <= 5; ++i) scene.hear(self + i * 1'000, {self, self + 50'000});
  scene.pass(2'000);
  EXPECT_FALSE(scene.map.holds_everybody());
  scene.hear(self + 50'000, {self + 1'000});
  scene.pass(2'000);
  EXPECT_TRUE(scene.map.holds_everybody());
}

TEST(MapScope, AMapThatIsNearlyFullAndBehindIsWholeNoMore) {
  for (const std::size_t room : {10u, 14u}) {
    Scene scene(room);
    live_alone_among(scene, said_by(8, whole));
    for (std::size_t i = 1; i <= 5; ++i) scene.hear(self + i * 1'000, {self, self + 50'000});
    scene.pass(1'000);
    EXPECT_EQ(scene.map.is_whole(), room == 14) << room;
  }
}

// ---- What is held -------------------------------------------------------------------------------

TEST(MapScope, StrangersAreHeldUpToALimitTheOldestGoFirst) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  scene.link_to({self + 1, self - 1});
  scene.hear(self + 1, {self});
  scene.hear(self - 1, {self});
  const std::size_t many = limits::strangers_max + 30;
  for (std::size_t i = 0; i < many; ++i) {
    EXPECT_EQ(scene.hear(100 + i, {}), Error::none);
    scene.pass(10);
  }
  EXPECT_EQ(scene.map.held().size(), 3 + limits::strangers_max - 1);  // we take a place as well
  EXPECT_FALSE(scene.map.has_record(peer_at(100)));
  EXPECT_TRUE(scene.map.has_record(peer_at(100 + many - 1)));
  EXPECT_TRUE(scene.map.has_record(peer_at(self + 1)));
  EXPECT_EQ(scene.nodes.size(), 3u);  // nobody was told of strangers
}

TEST(MapScope, StrangersAreForgottenAfterAWhileNeighboursAreNot) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  scene.link_to({self + 1});
  scene.hear(self + 1, {self});
  scene.hear(100, {});
  scene.pass(limits::unreachable_kept_ms - 1);
  EXPECT_TRUE(scene.map.has_record(peer_at(100)));
  scene.pass(20'000);
  EXPECT_FALSE(scene.map.has_record(peer_at(100)));
  EXPECT_TRUE(scene.map.has_record(peer_at(self + 1)));
}

TEST(MapScope, ANeighbourThatIsOneNoMoreBecomesAStranger) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  scene.link_to({self + 1, self + 2});
  scene.hear(self + 1, {self});
  scene.hear(self + 2, {self});
  scene.pass(10);
  scene.link_to({self + 1});
  scene.pass(limits::map_refresh_around_ms);
  EXPECT_FALSE(scene.map.contains(peer_at(self + 2)));
  EXPECT_TRUE(scene.map.has_record(peer_at(self + 2)));
  scene.pass(2 * limits::unreachable_kept_ms);
  EXPECT_FALSE(scene.map.has_record(peer_at(self + 2)));
}

TEST(MapScope, TheSurroundingsReachTwoHopsFar) {
  Scene scene(1'000);
  scene.map.adopt_scope(false);
  scene.link_to({self + 10, self - 10});
  scene.hear(self + 10, {self, self + 20});
  scene.hear(self - 10, {self, self - 20, self + 20});
  scene.pass(10);
  EXPECT_EQ(scene.map.surroundings(),
            (std::vector{self - 20, self - 10, self, self + 10, self + 20}));
  EXPECT_EQ(scene.map.held(), (std::vector{self - 10, self, self + 10}));
  EXPECT_EQ(scene.map.links_of(self + 10), (std::vector{self, self + 20}));
  EXPECT_EQ(scene.map.links_of(self), (std::vector{self - 10, self + 10}));
  EXPECT_TRUE(scene.map.links_of(self + 20).empty());
  EXPECT_TRUE(scene.map.items({0, ~Position{0}}).empty());  // there is nothing to reconcile
}

TEST(MapScope, ChanceNeverBreaksTheGraph) {
  Scene scene(32);
  Random random({});
  for (int round = 0; round < 2'000; ++round) {
    const auto draw = [&] { return self + 1'000 * (1 + random.below(40)); };
    std::vector<Position> links{self};
    for (std::uint64_t i = random.below(12); i > 0; --i) links.push_back(draw());
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    if (random.below(10) == 0) {
      std::erase(links, self);
      scene.link_to(links);
    } else {
      scene.hear(draw(), links);
    }
    scene.pass(random.below(200));
    if (random.below(50) == 0) scene.map.adopt_scope(random.below(2) == 0);
    ASSERT_FALSE(testing::Test::HasFailure()) << round;
  }
  EXPECT_GT(scene.scope_changes, 10);
}

TEST(MapScope, ManyChangesAreOneSearchForRoutes) {
  Scene scene(4'096);
  scene.crowd(90, 6);
  ASSERT_EQ(scene.map.size(), 91u);
  const TimeMs at = scene.context.now;
  scene.hear(self + 9'000, {});
  scene.refresh();
  EXPECT_EQ(scene.map.size(), 90u);
  scene.hear(self + 10'000, {});
  scene.refresh();
  EXPECT_EQ(scene.map.size(), 90u);  // not yet
  const TimeMs due = scene.map.next_timeout();
  EXPECT_GT(due, at);
  EXPECT_LE(due, at + 92 * limits::map_refresh_per_peer_us / 1'000);
  scene.context.now = due;
  scene.refresh();
  EXPECT_EQ(scene.map.size(), 89u);
}

// ---- How large the network is -------------------------------------------------------------------

/// What somebody without a whole map takes for the size of a network of so many peers at places
/// drawn by chance, each with ring neighbours and long links.
std::size_t judged(std::size_t size, std::uint8_t seed) {
  Key key{};
  key.fill(seed);
  Random random(key);
  std::vector<Position> ring{self};
  while (ring.size() < size) ring.push_back(random.u64());
  std::sort(ring.begin(), ring.end());
  const auto links_of = [&](Position place) {
    std::vector<Position> links = ring_neighbours(ring, place);
    for (int draw = 0; draw < 40 && links.size() < 16; ++draw) {
      const Position drawn = draw_long_place(size, links, place, random);
      const Position other = nearest_places(ring, drawn, 1)[0];
      if (other != place) links.push_back(other);
      std::sort(links.begin(), links.end());
      links.erase(std::unique(links.begin(), links.end()), links.end());
    }
    return links;
  };
  Scene scene(32);
  scene.map.adopt_scope(false);
  const std::vector<Position> links = links_of(self);
  scene.link_to(links);
  for (const Position link : links) scene.hear(link, links_of(link));
  for (int i = 0; i < 8; ++i) {
    const Position drawn = draw_long_place(size, links, self, random);
    for (const Position other : nearest_places(ring, drawn, 4)) scene.hear(other, links_of(other));
  }
  return scene.map.estimate();
}

TEST(MapScope, ItsSizeIsJudgedWithinSevenQuartersAndWellOnAverage) {
  for (const std::size_t size : {500u, 2'000u, 10'000u, 50'000u}) {
    double sum = 0;
    constexpr std::uint8_t scenes = 20;
    for (std::uint8_t seed = 0; seed < scenes; ++seed) {
      const auto found = static_cast<double>(judged(size, seed));
      EXPECT_GT(found, static_cast<double>(size) * 0.6) << size << " by " << int{seed};
      EXPECT_LT(found, static_cast<double>(size) * 1.75) << size << " by " << int{seed};
      sum += found;
    }
    EXPECT_NEAR(sum / scenes, static_cast<double>(size), static_cast<double>(size) * 0.15) << size;
  }
}

TEST(MapScope, AFewLiarsDoNotMoveTheJudgement) {
  Scene scene(32);
  scene.map.adopt_scope(false);
  std::vector<Position> links;
  for (Position i = 1; i <= 8; ++i) links.push_back(self + i * gap_of(1'000));
  scene.link_to(links);
  for (const Position place : links) {
    const Position gap = gap_of(1'000);
    scene.hear(place, {place - 2 * gap, place - gap, place + gap, place + 2 * gap});
  }
  const std::size_t before = scene.map.estimate();
  for (std::size_t i = 0; i < 3; ++i)
    scene.hear(links[i], {links[i] - 2, links[i] - 1, links[i] + 1, links[i] + 2});
  scene.pass(1'000);  // it is not judged anew at once
  EXPECT_NEAR(static_cast<double>(scene.map.estimate()), static_cast<double>(before),
              static_cast<double>(before) / 3);
}

}  // namespace
}  // namespace membrane::test
