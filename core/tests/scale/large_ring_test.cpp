#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "membrane/limits.h"
#include "network.h"

/// Networks of more peers than a map holds: everybody knows its neighbours and theirs, and yet
/// everybody reaches everybody.
namespace membrane::test {
namespace {

using Index = Network::Index;

constexpr std::size_t map_size = 32;  // the smallest that there is

struct LargeRing : testing::Test {
  Network network{{.peers_max = map_size}};

  void gather(std::size_t count, TimeMs apart_ms = 50) {
    network.add_many(count, apart_ms);
    network.run_for(30'000);
    ASSERT_TRUE(network.ring_is_closed(everybody()));
    network.forget_seen();
  }
  std::vector<Index> everybody() const {
    std::vector<Index> out;
    for (Index index = 0; index < network.size(); ++index) out.push_back(index);
    return out;
  }
  void find(Index from, Index to) {
    network.feed(from,
                 [&](Node& n, TimeMs now) { EXPECT_EQ(n.find(now, network.id(to)), Error::none); });
  }
  /// Each of these looks for each other one, a few at a time.
  void expect_all_find_all(const std::vector<Index>& peers) {
    network.forget_seen();
    for (std::size_t offset = 1; offset < peers.size(); ++offset) {
      for (std::size_t i = 0; i < peers.size(); ++i)
        find(peers[i], peers[(i + offset) % peers.size()]);
      network.run_for(200);
    }
    network.run_for(25'000);
    for (const Index peer : peers) {
      EXPECT_EQ(network.seen<Found>(peer).size(), peers.size() - 1) << peer;
      EXPECT_TRUE(network.seen<FindFailed>(peer).empty()) << peer;
    }
  }
  /// Everybody of these says something; each of them hears each once.
  void expect_all_hear_all(const std::vector<Index>& peers) {
    network.forget_seen();
    for (const Index peer : peers) {
      network.feed(peer, [](Node& n, TimeMs now) {
        EXPECT_EQ(n.publish(now, "news", bytes_of("hello")), Error::none);
      });
    }
    network.run_for(10'000);
    for (const Index peer : peers) {
      std::set<PeerId> origins;
      for (const TopicMessage& message : network.seen<TopicMessage>(peer))
        EXPECT_TRUE(origins.insert(message.origin).second) << peer;
      EXPECT_EQ(origins.size(), peers.size()) << peer;
    }
  }
  std::uint64_t rejected_by_all(Error reason) const {
    std::uint64_t sum = 0;
    for (const Index peer : everybody()) sum += network.rejected(peer, reason);
    return sum;
  }
};

TEST_F(LargeRing, NobodyKnowsEverybodyAndEachJudgesTheSizeWell) {
  gather(120);
  network.run_for(30'000);
  for (const Index peer : everybody()) {
    Node& node = network.node(peer);
    EXPECT_FALSE(node.knows_everybody());
    EXPECT_GT(node.network_size(), 40u) << peer;
    EXPECT_LT(node.network_size(), 240u) << peer;
    EXPECT_LE(node.peers().size(), 1 + node.links().size() + limits::strangers_max + 8);
    EXPECT_LE(node.links().size(), limits::links_max);
  }
}

TEST_F(LargeRing, EverybodyFindsEverybodyInAFewHops) {
  gather(100);
  expect_all_find_all(everybody());
  std::uint64_t hops = 0;
  for (const Index peer : everybody()) {
    for (const Found& found : network.seen<Found>(peer)) {
      hops += found.hops;
      EXPECT_GE(found.hops, 1u);
      EXPECT_LE(found.hops, 10u);
    }
  }
  EXPECT_LE(hops, 3u * 100 * 99);
}

TEST_F(LargeRing, SomebodyWhoIsNotThereIsNotFoundAndThatEnds) {
  gather(80);
  const PeerId nobody{Key{1, 2, 3}};
  network.feed(5, [&](Node& n, TimeMs now) {
    EXPECT_EQ(n.find(now, nobody), Error::none);
    EXPECT_EQ(n.find(now, n.id()), Error::invalid_argument);
  });
  ASSERT_TRUE(network.run_until([&] { return !network.seen<FindFailed>(5).empty(); }, 30'000));
  EXPECT_EQ(network.seen<FindFailed>(5)[0].peer, nobody);
  EXPECT_EQ(network.seen<FindFailed>(5)[0].reason, Error::unreachable);
  EXPECT_EQ(network.counter(5, "searches"), 0u);
}

TEST_F(LargeRing, AMessageReachesEverybodyExactlyOnce) {
  gather(100);
  network.run_for(60'000);  // links are trimmed
  const std::uint64_t duplicates = rejected_by_all(Error::duplicate);
  expect_all_hear_all(everybody());
  EXPECT_EQ(rejected_by_all(Error::duplicate), duplicates);
}

TEST_F(LargeRing, AnybodyConnectsToAnybodyWithoutTheServer) {
  gather(100);
  network.stop_server();
  for (Index from = 0; from < network.size(); ++from) {
    const Index to = (from * 37 + 11) % network.size();
    if (from == to) continue;
    network.feed(from, [&](Node& n, TimeMs now) {
      EXPECT_EQ(n.connect(now, network.id(to), true), Error::none);
    });
  }
  network.run_for(20'000);
  for (Index from = 0; from < network.size(); ++from) {
    const Index to = (from * 37 + 11) % network.size();
    if (from == to) continue;
    EXPECT_TRUE(network.seen<ConnectFailed>(from).empty()) << from << " to " << to;
    const auto opened = network.seen<SessionOpened>(from);
    EXPECT_TRUE(
        std::any_of(opened.begin(), opened.end(),
                    [&](const SessionOpened& event) { return event.peer == network.id(to); }))
        << from << " to " << to;
  }
}

TEST_F(LargeRing, ConnectingToSomebodyWhoIsNotThereFails) {
  gather(80);
  const PeerId nobody{Key{1, 2, 3}};
  network.feed(5,
               [&](Node& n, TimeMs now) { EXPECT_EQ(n.connect(now, nobody, false), Error::none); });
  network.run_for(30'000);
  const auto failed = network.seen<ConnectFailed>(5);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].peer, nobody);
  EXPECT_EQ(failed[0].reason, Error::unreachable);
}

TEST_F(LargeRing, AThirdVanishesAndTheRestCloseTheRing) {
  gather(120);
  network.stop_server();
  std::vector<Index> living;
  for (const Index peer : everybody()) {
    if (peer % 3 == 1)
      network.crash(peer);
    else
      living.push_back(peer);
  }
  network.run_for(60'000);
  EXPECT_TRUE(network.ring_is_closed(living));
  expect_all_hear_all(living);
  expect_all_find_all(living);
}

TEST_F(LargeRing, AHundredAtOnceCloseTheRing) {
  gather(100, 0);
  expect_all_hear_all(everybody());
}

TEST_F(LargeRing, AtRestItIsQuietAndNothingGrows) {
  gather(100);
  network.run_for(120'000);
  network.forget_seen();
  const std::uint64_t bytes = network.bytes_carried;
  constexpr TimeMs duration_ms = 600'000;
  network.run_for(duration_ms);
  EXPECT_TRUE(network.ring_is_closed(everybody()));
  std::size_t changes = 0;
  for (const Index peer : everybody()) {
    changes += network.seen<LinkDown>(peer).size() + network.seen<LinkUp>(peer).size();
    EXPECT_EQ(network.counter(peer, "crypto jobs"), 0u);
  }
  EXPECT_LE(changes, 16u);  // the size is judged, and once in a while judged anew
  EXPECT_LT((network.bytes_carried - bytes) * 1'000 / duration_ms / network.size(), 200u);
  // Some are checking the ring at any moment; each is done with it at one of the next.
  std::vector<Index> searching = everybody();
  for (int look = 0; look < 20; ++look) {
    network.run_for(100);
    std::erase_if(searching, [this](Index peer) { return network.counter(peer, "searches") == 0; });
  }
  EXPECT_TRUE(searching.empty());
}

TEST_F(LargeRing, ANetworkThatGrowsAndShrinksChangesWithIt) {
  network.add_many(24);
  network.run_for(5'000);
  EXPECT_TRUE(network.maps_agree());
  network.add_many(56, 100);
  network.run_for(30'000);
  for (const Index peer : everybody()) EXPECT_FALSE(network.node(peer).knows_everybody()) << peer;
  expect_all_hear_all(everybody());
  std::vector<Index> living;
  for (const Index peer : everybody()) {
    if (peer % 8 == 0)
      living.push_back(peer);
    else
      network.leave(peer);
    network.run_for(50);
  }
  // Strangers of the large network are believed for a while.
  EXPECT_TRUE(network.run_until(
      [&] {
        return network.maps_agree() && std::all_of(living.begin(), living.end(), [&](Index peer) {
                 return network.node(peer).knows_everybody();
               });
      },
      150'000));
  expect_all_hear_all(living);
}

/// Around the threshold some hold everybody's records and some do not.
class MixedRegimes : public LargeRing, public testing::WithParamInterface<std::size_t> {};

TEST_P(MixedRegimes, BothKindsReachEachOther) {
  std::vector<Index> everyone;
  for (std::size_t i = 0; i < GetParam(); ++i) {
    everyone.push_back(network.add("", [i](Config& config) {
      if (i % 2 == 0) config.peers_max = 4 * map_size;
    }));
    network.run_for(100);
  }
  network.run_for(30'000);
  EXPECT_TRUE(network.ring_is_closed(everyone));
  expect_all_hear_all(everyone);
  expect_all_find_all(everyone);
}

INSTANTIATE_TEST_SUITE_P(Sizes, MixedRegimes, testing::Values(28, 33, 40, 80));

}  // namespace
}  // namespace membrane::test
