#include "world.h"

#include <gtest/gtest.h>

#include "recorder.h"

namespace membrane::sim {
namespace {

TEST(World, ThirtyPeersBecomeOneNetwork) {
  World world;
  add_many(world, 30, 100);
  world.run_for_ms(20'000);
  for (PeerIndex peer = 0; peer < world.size(); ++peer)
    EXPECT_EQ(world.node(peer).peers().size(), 30u) << peer;
}

TEST(World, RealCryptoDoesTheSame) {
  World world({.real_crypto = true});
  add_many(world, 5);
  world.run_for_ms(10'000);
  for (PeerIndex peer = 0; peer < world.size(); ++peer)
    EXPECT_EQ(world.node(peer).peers().size(), 5u) << peer;
}

TEST(World, CryptoMayTakeTime) {
  const auto frames_of = [](std::size_t threads) {
    World world({.latency_ms = 40, .crypto_us = 5'000, .threads = threads});
    add_many(world, 5);
    world.run_for_ms(10'000);
    EXPECT_EQ(world.events_ahead() > 0, threads > 1);
    std::vector<std::uint64_t> out;
    for (PeerIndex peer = 0; peer < world.size(); ++peer) {
      EXPECT_EQ(world.node(peer).peers().size(), 5u) << peer;
      out.push_back(world.stats(peer).frames_sent);
    }
    return out;
  };
  EXPECT_EQ(frames_of(1), frames_of(3));
}

TEST(World, ANodeThatIsAheadCannotBeFed) {
  struct Impatient : Recorder {
    using Recorder::Recorder;
    void on_frame(PeerIndex, PeerIndex to, Channel, ByteView) override {
      world.at(world.now_us(), [this, to] { world.feed(to, [](Node&, TimeMs) {}); });
    }
  };
  const auto run = [] {
    World world({.threads = 2});
    add_many(world, 30, 100);
    world.run_for_ms(20'000);
    Impatient watch(world);
    world.run_for_ms(20'000);
  };
  EXPECT_DEATH(run(), "shortest_us");
}

TEST(World, WhatOnePublishesAllOthersGet) {
  World world;
  Recorder watch(world);
  add_many(world, 10);
  world.run_for_ms(10'000);
  EXPECT_TRUE(world.feed(
      3, [](Node& node, TimeMs now) { EXPECT_EQ(node.publish(now, "t", Bytes{1}), Error::none); }));
  world.run_for_ms(2'000);
  for (PeerIndex peer = 0; peer < world.size(); ++peer)
    EXPECT_EQ(watch.seen<TopicMessage>(peer).size(), 1u) << peer;
}

TEST(World, AnApplicationAcceptsSessionsUnlessTheObserverSaysNo) {
  struct Stubborn : Recorder {
    using Recorder::Recorder;
    bool on_asked(PeerIndex peer, const Asked&) override { return peer != 2; }
  };
  World world;
  Stubborn watch(world);
  add_many(world, 4);
  world.run_for_ms(10'000);
  for (const PeerIndex to : {1u, 2u}) {
    world.feed(0, [&](Node& node, TimeMs now) {
      EXPECT_EQ(node.connect(now, world.id(to), true), Error::none);
    });
  }
  world.run_for_ms(5'000);
  ASSERT_EQ(watch.seen<SessionOpened>(0).size(), 1u);
  EXPECT_EQ(watch.seen<SessionOpened>(0)[0].second.peer, world.id(1));
  ASSERT_EQ(watch.seen<ConnectFailed>(0).size(), 1u);
  EXPECT_EQ(watch.seen<ConnectFailed>(0)[0].second.peer, world.id(2));
}

TEST(World, WhoComesBackHasANewIndexAndTheSameIdentity) {
  World world;
  add_many(world, 5);
  world.run_for_ms(5'000);
  world.crash(2);
  world.run_for_ms(1'000);
  const PeerIndex back = world.restart(2);
  EXPECT_EQ(back, 5u);
  EXPECT_EQ(world.id(back), world.id(2));
  EXPECT_EQ(world.find(world.id(2)), back);
  EXPECT_EQ(world.find(PeerId{}), nobody);
  world.run_for_ms(30'000);
  EXPECT_EQ(world.node(back).peers().size(), 5u);
}

TEST(World, CallsBackAtTheTimeGivenInOrder) {
  World world;
  std::vector<int> order;
  world.at(2'000, [&] { order.push_back(2); });
  world.at(1'000, [&] {
    order.push_back(1);
    world.at(0, [&] { order.push_back(10); });  // over: now
  });
  world.at(2'000, [&] { order.push_back(3); });
  world.run_until(1'500);
  EXPECT_EQ(order, (std::vector<int>{1, 10}));
  EXPECT_EQ(world.now_us(), 1'500u);
  world.run_until(2'000);
  EXPECT_EQ(order, (std::vector<int>{1, 10, 2, 3}));
}

/// A life with everything in it; what it was like, in one number.
std::uint64_t digest_of_a_life(std::uint64_t seed) {
  World world({.seed = seed, .nat_per_mille = 100});
  Recorder watch(world);
  add_many(world, 60, 50);
  world.run_for_ms(3'000);
  for (PeerIndex peer = 0; peer < 60; peer += 7) world.sleep(peer, 5'000 + peer * 1'000);
  world.crash(8);
  world.leave(9);
  world.feed(5, [](Node& node, TimeMs now) { node.publish(now, "t", Bytes(100)); });
  world.run_for_ms(2'000);
  std::vector<std::uint8_t> sides(60);
  for (std::size_t i = 30; i < 60; ++i) sides[i] = 1;
  world.raise_wall(sides, 0);
  world.run_for_ms(20'000);
  world.fell_wall();
  world.restart(8);
  world.run_for_ms(10'000);
  EXPECT_GT(watch.frames, 10'000u);
  watch.take(world.events());
  return watch.digest;
}

TEST(World, TheSameSeedIsTheSameLifeAndAnotherIsNot) {
  const std::uint64_t first = digest_of_a_life(1);
  EXPECT_EQ(digest_of_a_life(1), first);
  EXPECT_NE(digest_of_a_life(2), first);
}

}  // namespace
}  // namespace membrane::sim
