#include <gtest/gtest.h>

#include "network.h"

/// The living network as a whole: joining, agreeing, speaking, connecting, leaving.
namespace membrane::test {
namespace {

using Index = Network::Index;

TEST(LivingNetwork, FirstPeerAloneIsANetworkOfOne) {
  Network network;
  const Index first = network.add("first");
  EXPECT_TRUE(network.run_until([&] { return network.node(first).state() == State::alone; }));
  EXPECT_EQ(network.node(first).peers().size(), 1u);
}

class LivingNetworkOf : public testing::TestWithParam<std::size_t> {};

TEST_P(LivingNetworkOf, AllMapsAgreeSoonAfterTheLastJoin) {
  Network network;
  network.add_many(GetParam());
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 5'000));
  network.run_for(60'000);
  EXPECT_TRUE(network.maps_agree());
}

TEST_P(LivingNetworkOf, AMessageReachesEverybodyOnceWithoutDuplicates) {
  Network network;
  const auto peers = network.add_many(GetParam());
  network.run_for(20'000);
  network.forget_seen();
  std::uint64_t duplicates_before = 0;
  for (const Index peer : peers) duplicates_before += network.rejected(peer, Error::duplicate);
  for (const Index peer : peers) {
    network.feed(peer, [](Node& n, TimeMs now) {
      EXPECT_EQ(n.publish(now, "news", bytes_of("hello")), Error::none);
    });
  }
  network.run_for(3'000);
  std::uint64_t duplicates = 0;
  for (const Index peer : peers) {
    EXPECT_EQ(network.seen<TopicMessage>(peer).size(), peers.size());
    duplicates += network.rejected(peer, Error::duplicate);
  }
  EXPECT_EQ(duplicates, duplicates_before);
}

TEST_P(LivingNetworkOf, EverybodyConnectsToEverybodyWithoutTheServer) {
  Network network;
  const auto peers = network.add_many(GetParam());
  network.run_for(20'000);
  network.stop_server();
  network.run_for(100);
  for (const Index from : peers) {
    const Index to = (from * 7 + 3) % peers.size();
    if (from == to) continue;
    network.feed(from, [&](Node& n, TimeMs now) {
      EXPECT_EQ(n.connect(now, network.id(to), true), Error::none);
    });
  }
  network.run_for(5'000);
  for (const Index from : peers) {
    const Index to = (from * 7 + 3) % peers.size();
    if (from == to) continue;
    EXPECT_EQ(network.seen<ConnectFailed>(from).size(), 0u) << from << " to " << to;
    EXPECT_GE(network.seen<SessionOpened>(from).size(), 1u) << from << " to " << to;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, LivingNetworkOf, testing::Values(2, 3, 5, 12, 40));

TEST(LivingNetwork, AllAtOnce) {
  Network network;
  network.add_many(40, 0);
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 20'000));
}

TEST(LivingNetwork, WhoLeavesIsGoneFromAllMapsSoon) {
  Network network;
  const auto peers = network.add_many(12);
  network.run_for(10'000);
  network.leave(peers[5]);
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 2'000));
}

TEST(LivingNetwork, WhoCrashesIsGoneWithinTwentySeconds) {
  Network network;
  const auto peers = network.add_many(12);
  network.run_for(10'000);
  network.crash(peers[5]);
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 20'000));
}

}  // namespace
}  // namespace membrane::test
