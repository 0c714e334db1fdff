#include "map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;

/// Peer n lies at n · 2^56; a peer beyond 0xff shares the place of another.
PeerId peer(std::uint8_t n, std::uint8_t tail = 0) {
  PeerId out;
  out.bytes[0] = n;
  out.bytes[31] = tail;
  return out;
}

Position place(std::uint8_t n) { return peer(n).position(); }

Config config(std::size_t peers_max) {
  Config out;
  out.id = peer(1);
  out.name = "self";
  out.peers_max = peers_max;
  return out;
}

struct World {
  explicit World(std::size_t peers_max = limits::peers_max)
      : context(config(peers_max), start), map(context) {
    map.hooks = {
        .overtaken = [this](std::uint64_t sequence) { overtaken = sequence; },
        .changed = [this] { ++changes; },
        .scope_changed = [] {},
    };
    map.refresh();
    take_events();
  }

  Error hear(const PeerId& id, std::uint64_t sequence, const std::vector<std::uint8_t>& links,
             const std::string& name = "", std::uint64_t lifetime_s = limits::record_lifetime_s) {
    Record record{name, {}, lifetime_s, {}};
    for (const std::uint8_t link : links) record.links.push_back(place(link));
    std::sort(record.links.begin(), record.links.end());
    const Statement statement{StatementKind::record, id, sequence, encode_record(record), {}};
    return map.accept(statement, encode_statement(statement));
  }
  Error hear(std::uint8_t n, const std::vector<std::uint8_t>& links) {
    return hear(peer(n), 1, links);
  }

  void link_to(const std::vector<std::uint8_t>& links) {
    std::vector<Position> places;
    for (const std::uint8_t link : links) places.push_back(place(link));
    map.set_own_links(places);
  }

  /// Carries the events into a graph as an application would; each must fit the graph before it.
  std::vector<Output> take_events() {
    for (const Output& output : context.outputs) apply(output);
    return std::exchange(context.outputs, {});
  }

  std::vector<Output> refresh() {
    map.refresh();
    return take_events();
  }

  Context context;
  Map map;
  std::set<PeerId> nodes;
  std::set<std::pair<PeerId, PeerId>> edges;
  std::uint64_t overtaken = 0;
  int changes = 0;

 private:
  void apply(const Output& output) {
    if (const auto* added = std::get_if<PeerAdded>(&output)) {
      EXPECT_TRUE(nodes.insert(added->peer).second);
    } else if (const auto* removed = std::get_if<PeerRemoved>(&output)) {
      EXPECT_EQ(nodes.erase(removed->peer), 1u);
      for (const auto& [a, b] : edges) EXPECT_TRUE(a != removed->peer && b != removed->peer);
    } else if (const auto* renamed = std::get_if<PeerRenamed>(&output)) {
      EXPECT_TRUE(nodes.contains(renamed->peer));
    } else if (const auto* edge = std::get_if<EdgeChanged>(&output)) {
      EXPECT_TRUE(nodes.contains(edge->a) && nodes.contains(edge->b));
      EXPECT_LT(edge->a, edge->b);
      const std::pair ends{edge->a, edge->b};
      EXPECT_TRUE(edge->present ? edges.insert(ends).second : edges.erase(ends) == 1);
    }
  }
};

TEST(Map, BeginsWithOurselves) {
  const World world;
  EXPECT_EQ(world.nodes, std::set{peer(1)});
  EXPECT_EQ(world.map.size(), 1u);
  EXPECT_EQ(world.map.ring(), std::vector{place(1)});
  EXPECT_FALSE(world.map.route(place(1)));
}

TEST(Map, AnEdgeIsThereWhenBothEndsNameIt) {
  World world;
  world.link_to({2});
  world.hear(2, {1, 3});
  world.hear(3, {});
  world.refresh();
  EXPECT_EQ(world.edges, (std::set{std::pair{peer(1), peer(2)}}));
  EXPECT_FALSE(world.map.contains(peer(3)));
  world.hear(peer(3), 2, {2});
  world.refresh();
  EXPECT_TRUE(world.edges.contains({peer(2), peer(3)}));
  EXPECT_TRUE(world.map.contains(peer(3)));
  world.hear(peer(2), 2, {1});
  world.refresh();
  EXPECT_FALSE(world.map.contains(peer(3)));
}

TEST(Map, NobodyCanNameALinkToUsThatWeDoNotHave) {
  World world;
  world.hear(2, {1});
  world.refresh();
  EXPECT_TRUE(world.edges.empty());
  EXPECT_FALSE(world.map.contains(peer(2)));
}

TEST(Map, OurLinkIsAWayBeforeTheOtherEndNamesIt) {
  World world;
  world.link_to({2});
  world.hear(2, {});
  world.refresh();
  EXPECT_TRUE(world.map.contains(peer(2)));
  EXPECT_EQ(world.map.route(place(2))->first, place(2));
  EXPECT_TRUE(world.edges.empty());
}

TEST(Map, WhoeverCannotBeReachedIsKeptAside) {
  World world;
  world.hear(5, {6});
  world.refresh();
  EXPECT_EQ(world.map.size(), 1u);
  EXPECT_TRUE(world.map.has_record(peer(5)));
  EXPECT_FALSE(world.map.has_met(place(5)));
  EXPECT_TRUE(world.map.items({0, ~Position{0}}).empty());
  world.context.now += limits::unreachable_kept_ms - 1;
  world.map.tick();
  EXPECT_TRUE(world.map.has_record(peer(5)));
  world.context.now = world.map.next_timeout();
  world.map.tick();
  EXPECT_FALSE(world.map.has_record(peer(5)));
}

TEST(Map, ComesBackFromAsideWithoutANewRecord) {
  World world;
  world.link_to({2});
  world.hear(2, {1});
  world.refresh();
  world.link_to({});
  world.refresh();
  EXPECT_EQ(world.nodes, std::set{peer(1)});
  EXPECT_TRUE(world.map.has_met(place(2)));
  world.link_to({2});
  world.refresh();
  EXPECT_EQ(world.edges.size(), 1u);
}

TEST(Map, RoutesAlongALine) {
  World world;
  world.link_to({2});
  for (std::uint8_t n = 2; n <= 9; ++n)
    world.hear(n, {static_cast<std::uint8_t>(n - 1), static_cast<std::uint8_t>(n + 1)});
  world.refresh();
  for (std::uint8_t n = 2; n <= 9; ++n) EXPECT_EQ(world.map.route(place(n))->first, place(2));
  EXPECT_FALSE(world.map.route(place(10)));
  EXPECT_FALSE(world.map.has_another_way(place(2)));
  EXPECT_EQ(world.map.size(), 9u);
}

TEST(Map, RoutesTheShorterWayRoundARing) {
  World world;
  world.link_to({2, 7});
  world.hear(2, {1, 3});
  for (std::uint8_t n = 3; n <= 6; ++n)
    world.hear(n, {static_cast<std::uint8_t>(n - 1), static_cast<std::uint8_t>(n + 1)});
  world.hear(7, {1, 6});
  world.refresh();
  EXPECT_EQ(world.map.route(place(3))->first, place(2));
  EXPECT_EQ(world.map.route(place(4))->first, place(2));
  EXPECT_EQ(world.map.route(place(5))->first, place(7));
  EXPECT_EQ(world.map.route(place(6))->first, place(7));
  EXPECT_TRUE(world.map.has_another_way(place(2)));
  EXPECT_EQ(world.map.edges().size(), 7u);
}

TEST(Map, AMapThatIsWholeAgainNamesNobodyItHasForgotten) {
  World world;
  world.link_to({2, 3});
  world.hear(2, {1, 3, 4});
  world.hear(3, {1, 2});
  world.hear(4, {2});
  world.refresh();
  EXPECT_EQ(world.map.ring().size(), 4u);
  world.map.adopt_scope(false);
  EXPECT_EQ(world.map.surroundings(), (std::vector{place(1), place(2), place(3), place(4)}));
  world.map.adopt_scope(true);
  EXPECT_EQ(world.map.surroundings(), (std::vector{place(1), place(2), place(3)}));
  for (const bool refreshed : {false, true}) {
    if (refreshed) world.refresh();
    EXPECT_EQ(world.map.items({0, ~Position{0}}).size(), 2u);
    for (const Position position : world.map.ring()) EXPECT_TRUE(world.map.id_at(position));
    EXPECT_EQ(world.map.edges().size(), refreshed ? 3u : 0u);
  }
}

TEST(Map, TheNewestRecordOfAnOriginCounts) {
  World world;
  EXPECT_EQ(world.map.status(peer(2), 5), StatementStore::Status::unknown);
  EXPECT_EQ(world.hear(peer(2), 5, {}), Error::none);
  EXPECT_EQ(world.map.status(peer(2), 4), StatementStore::Status::stale);
  EXPECT_EQ(world.map.status(peer(2), 5), StatementStore::Status::known);
  EXPECT_EQ(world.map.status(peer(2), 6), StatementStore::Status::unknown);
  EXPECT_FALSE(world.map.lacks({place(2), 5}));
  EXPECT_TRUE(world.map.lacks({place(2), 6}));
  EXPECT_FALSE(world.map.find({place(2), 5}).empty());
  EXPECT_TRUE(world.map.find({place(2), 4}).empty());
}

TEST(Map, WhoeverTakesAPlaceFirstKeepsIt) {
  World world;
  world.hear(peer(2), 1, {});
  EXPECT_EQ(world.map.status(peer(2, 1), 9), StatementStore::Status::stale);
  EXPECT_EQ(world.hear(peer(2, 1), 9, {}), Error::full);
  EXPECT_EQ(world.map.sequence_at(place(2)), 1u);
}

TEST(Map, IsFullWhenEverybodyInItIsReachable) {
  World world(3);
  world.link_to({2, 3});
  world.hear(2, {1});
  world.hear(3, {1});
  world.refresh();
  EXPECT_EQ(world.hear(4, {1}), Error::full);
  // One that is aside makes room.
  world.link_to({2});
  world.refresh();
  EXPECT_EQ(world.hear(4, {1}), Error::none);
  EXPECT_FALSE(world.map.has_record(peer(3)));
}

TEST(Map, ARecordOfOursFromOurLastLifeOvertakesUs) {
  World world;
  world.context.sequence = 100;
  EXPECT_EQ(world.hear(peer(1), 99, {}), Error::stale);
  EXPECT_EQ(world.overtaken, 0u);
  EXPECT_EQ(world.hear(peer(1), 101, {}), Error::stale);
  EXPECT_EQ(world.overtaken, 101u);
}

TEST(Map, RecordsOfOneOriginAreRateLimited) {
  World world;
  std::uint64_t sequence = 0;
  while (world.hear(peer(2), ++sequence, {}) == Error::none) ASSERT_LT(sequence, 100u);
  EXPECT_EQ(sequence, limits::record_burst_tolerated + 1);
  EXPECT_EQ(world.hear(peer(2), sequence, {}), Error::busy);
  EXPECT_EQ(world.hear(peer(3), 1, {}), Error::none);
  world.context.now += limits::record_interval_min_ms;
  EXPECT_EQ(world.hear(peer(2), sequence, {}), Error::none);
}

TEST(Map, TellsOfANewName) {
  World world;
  world.link_to({2});
  world.hear(peer(2), 1, {1}, "old");
  world.refresh();
  world.hear(peer(2), 2, {1}, "new");
  const std::vector<Output> events = world.refresh();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<PeerRenamed>(events[0]).name, "new");
  world.hear(peer(2), 3, {1}, "new");
  EXPECT_TRUE(world.refresh().empty());
}

/// Chance adds, changes and cuts; World checks each event against the graph before it.
TEST(Map, WhatTheApplicationIsToldIsAlwaysAGraph) {
  World world;
  Random random({});
  for (std::uint64_t sequence = 1; sequence <= 500; ++sequence) {
    std::vector<std::uint8_t> links;
    for (std::uint8_t n = 1; n <= 12; ++n) {
      if (random.below(2) == 0) links.push_back(n);
    }
    const auto who = static_cast<std::uint8_t>(1 + random.below(12));
    world.context.now += limits::record_interval_min_ms;
    if (who == 1)
      world.link_to(links);
    else
      world.hear(peer(who), sequence, links);
    world.map.tick();
    world.refresh();
    const auto edges = world.map.edges();
    ASSERT_EQ(world.edges, std::set(edges.begin(), edges.end()));
    ASSERT_EQ(world.nodes.size(), world.map.size());
  }
}

TEST(Map, AnExpiredRecordHasNoLinksAnyMore) {
  World world;
  world.link_to({2});
  world.hear(peer(2), 1, {1, 3}, "", 60);
  world.hear(3, {2});
  world.refresh();
  ASSERT_TRUE(world.map.contains(peer(3)));
  const TimeMs expires = world.context.now + 60'000;
  while (world.map.contains(peer(3)) && world.context.now < expires + 60'000) {
    world.context.now = world.map.next_timeout();
    world.map.tick();
    world.refresh();
    ASSERT_TRUE(world.map.contains(peer(3)) || world.context.now >= expires);
  }
  EXPECT_FALSE(world.map.contains(peer(3)));
}

TEST(Map, ALifetimeHasALimit) {
  World world;
  world.link_to({2});
  world.hear(peer(2), 1, {1}, "", ~std::uint64_t{0} >> 2);
  world.refresh();
  ASSERT_EQ(world.edges.size(), 1u);
  world.context.now += limits::record_lifetime_s * 1'000;
  world.map.tick();
  world.refresh();
  EXPECT_TRUE(world.edges.empty());
}

}  // namespace
}  // namespace membrane::test
