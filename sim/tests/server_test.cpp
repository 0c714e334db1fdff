#include <gtest/gtest.h>

#include "recorder.h"

namespace membrane::sim {
namespace {

std::size_t linked(World& world) {
  std::size_t count = 0;
  for (PeerIndex peer = 0; peer < world.size(); ++peer) {
    if (world.alive(peer) && !world.node(peer).links().empty()) ++count;
  }
  return count;
}

TEST(Server, TheFirstIsAloneAndTheSecondFindsIt) {
  World world;
  world.add();
  world.run_for_ms(3'000);
  EXPECT_EQ(world.node(0).state(), State::alone);
  EXPECT_EQ(world.server().routable(), 1u);
  world.add();
  world.run_for_ms(5'000);
  EXPECT_EQ(linked(world), 2u);
  EXPECT_EQ(world.server().routable(), 2u);
}

TEST(Server, WithoutOneNobodyMeetsAndWithOneTheyDo) {
  World world({.server = false});
  world.add();
  world.add();
  world.run_for_ms(20'000);
  EXPECT_EQ(linked(world), 0u);
  world.server().start();
  world.run_for_ms(20'000);
  EXPECT_EQ(linked(world), 2u);
}

TEST(Server, ANetworkLivesOnWithoutIt) {
  World world;
  add_many(world, 8);
  world.run_for_ms(10'000);
  world.server().stop();
  EXPECT_EQ(world.server().routable(), 0u);
  world.run_for_ms(60'000);
  EXPECT_EQ(linked(world), 8u);
  world.server().start();
  world.run_for_ms(10'000);
  EXPECT_EQ(world.server().routable(), 8u) << "its members come back to it";
}

TEST(Server, WhoCrashedIsNominatedForAWhileAndNewcomersStillGetIn) {
  World world;
  add_many(world, 6);
  world.run_for_ms(5'000);
  for (PeerIndex peer = 0; peer < 3; ++peer) world.crash(peer);
  world.run_for_ms(1'000);
  EXPECT_EQ(world.server().routable(), 6u) << "nothing has told it";
  const PeerIndex newcomer = world.add();
  world.run_for_ms(12'000);
  EXPECT_EQ(world.server().routable(), 4u);
  world.run_for_ms(20'000);
  EXPECT_FALSE(world.node(newcomer).links().empty());
}

TEST(Server, WhoLeftIsNotNominated) {
  World world;
  add_many(world, 3);
  world.run_for_ms(5'000);
  world.leave(0);
  EXPECT_EQ(world.server().routable(), 2u);
}

TEST(Server, ASleeperIsDroppedAndConnectsAgainHalfASecondAfterWaking) {
  World world({.latency_ms = 10});
  add_many(world, 3);
  world.run_for_ms(5'000);
  world.sleep(1, 25'000);
  world.run_for_ms(24'000);
  EXPECT_EQ(world.server().routable(), 2u);
  world.run_for_ms(1'000 + 400);
  EXPECT_EQ(world.server().routable(), 2u);
  world.run_for_ms(400);
  EXPECT_EQ(world.server().routable(), 3u);
}

/// Counts what members answer to requests.
struct Refusals : Observer {
  void on_contact(PeerIndex, const ContactSend& said) override {
    count += said.kind == ContactSend::Kind::refuse ? 1u : 0u;
  }
  unsigned count = 0;
};

TEST(Server, ARequestThatEightRefuseHasFailed) {
  World world({.latency_ms = 10});
  add_many(world, 12);
  world.run_for_ms(30'000);
  Refusals refusals;
  world.set_observer(&refusals);
  world.server().say(0, {ContactSend::Kind::offer, 1'000'000, "no description"});
  world.run_for_ms(1'000);
  EXPECT_EQ(refusals.count, 8u);
  world.set_observer(nullptr);
}

TEST(Server, AWallMayStandBeforeIt) {
  World world;
  add_many(world, 6);
  world.run_for_ms(5'000);
  world.raise_wall({0, 0, 0, 1, 1, 1}, 0);
  world.run_for_ms(30'000);
  EXPECT_EQ(world.server().routable(), 3u);
  world.fell_wall();
  world.run_for_ms(10'000);
  EXPECT_EQ(world.server().routable(), 6u);
}

}  // namespace
}  // namespace membrane::sim
