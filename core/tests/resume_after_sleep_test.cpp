#include <gtest/gtest.h>

#include "membrane/limits.h"
#include "network.h"

/// A machine that sleeps: its clock jumps, its links may or may not have survived.
namespace membrane::test {
namespace {

using Index = Network::Index;

struct ResumeAfterSleep : testing::Test {
  Network network;
  void SetUp() override {
    network.add_many(12);
    network.run_for(20'000);
    network.forget_seen();
  }
};

TEST_F(ResumeAfterSleep, AShortSleepLosesNothing) {
  network.sleep(5, 8'000);
  network.run_for(10'000);
  EXPECT_TRUE(network.maps_agree());
  EXPECT_TRUE(network.seen<LinkDown>(5).empty());
}

TEST_F(ResumeAfterSleep, WhatWasSaidDuringAShortSleepArrives) {
  network.sleep(5, 8'000);
  network.run_for(2'000);
  network.feed(1, [](Node& n, TimeMs now) { n.publish(now, "news", bytes_of("hello")); });
  network.run_for(12'000);
  EXPECT_EQ(network.seen<TopicMessage>(5).size(), 1u);
}

TEST_F(ResumeAfterSleep, AfterALongSleepItIsBackWithinSeconds) {
  network.sleep(5, 300'000);
  network.run_for(40'000);
  EXPECT_EQ(network.node(1).peers().size(), 11u);
  network.run_for(260'000);
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 10'000));
}

TEST_F(ResumeAfterSleep, AfterALongSleepLinksToOthersWhoSleptAreProbedAndKept) {
  for (Index peer = 0; peer < network.size(); ++peer) network.sleep(peer, 300'000);
  network.run_for(310'000);
  EXPECT_TRUE(network.maps_agree());
  for (Index peer = 0; peer < network.size(); ++peer)
    EXPECT_TRUE(network.seen<LinkDown>(peer).empty()) << peer;
}

TEST_F(ResumeAfterSleep, ResumeFindsDeadLinksWithinTheProbe) {
  const PeerId neighbour = network.node(5).links().front();
  for (Index peer = 0; peer < network.size(); ++peer) {
    if (network.id(peer) == neighbour) network.crash(peer);
  }
  network.feed(5, [](Node& n, TimeMs now) { n.resume(now); });
  EXPECT_TRUE(
      network.run_until([&] { return !network.seen<LinkDown>(5).empty(); }, limits::probe_ms + 10));
  EXPECT_EQ(network.seen<LinkDown>(5).at(0).peer, neighbour);
  EXPECT_EQ(network.seen<LinkDown>(5).at(0).reason, Error::silent);
}

TEST_F(ResumeAfterSleep, EveryLengthOfSleepEndsInOneNetwork) {
  for (const TimeMs length :
       {3'900u, 4'100u, 9'900u, 10'100u, 13'900u, 14'000u, 14'100u, 20'000u}) {
    network.sleep(5, length);
    network.run_for(length);
    EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 10'000)) << length;
    network.run_for(20'000);
  }
}

TEST_F(ResumeAfterSleep, ASleeperThatFoundsItsNetworkDeadJoinsThroughTheServer) {
  network.sleep(5, 100'000);
  network.run_for(50'000);
  for (Index peer = 0; peer < 12; ++peer) {
    if (peer != 5) network.leave(peer);
  }
  network.add("newcomer");
  network.run_for(50'000);
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 30'000));
}

TEST_F(ResumeAfterSleep, WhoCrashedAndComesBackAsItselfIsInAllMapsSoon) {
  for (Index peer = 0; peer < 12; ++peer) {
    network.crash(peer);
    const Index again = network.restart(peer);
    EXPECT_TRUE(network.run_until([&] { return network.node(again).links().size() > 0; }, 3'000))
        << peer;
    EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 20'000)) << peer;
    network.run_for(20'000);
  }
}

TEST(ComesBack, OneOfTwoThatCrashedIsBackAtOnceWhateverTheirIds) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    for (const Index crashes : {0u, 1u}) {
      Network network({.seed = seed});
      network.add_many(2);
      network.run_for(10'000);
      network.crash(crashes);
      network.run_for(4'000);
      const Index again = network.restart(crashes);
      EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 3'000)) << seed;
      EXPECT_EQ(network.node(again).links().size(), 1u);
      network.run_for(30'000);
      EXPECT_TRUE(network.maps_agree()) << seed;
    }
  }
}

TEST(ComesBack, AtTheVeryMomentItCrashed) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    for (const Index crashes : {0u, 1u}) {
      Network network({.seed = seed});
      network.add_many(2);
      network.run_for(10'000);
      network.crash(crashes);
      network.restart(crashes);
      EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 5'000)) << seed;
    }
  }
}

}  // namespace
}  // namespace membrane::test
