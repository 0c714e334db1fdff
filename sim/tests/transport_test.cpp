#include <gtest/gtest.h>

#include "recorder.h"

namespace membrane::sim {
namespace {

/// Two peers with a link, and the application frames that reach them.
class Pair : public testing::Test {
 protected:
  struct Frames : Observer {
    explicit Frames(World& watched) : world(watched) {}
    void on_frame(PeerIndex, PeerIndex to, Channel channel, ByteView frame) override {
      if (channel == Channel::application) got.push_back({world.now_us(), to, frame[0]});
    }
    struct Got {
      TimeUs at;
      PeerIndex to;
      std::uint8_t number;
    };
    World& world;
    std::vector<Got> got;
  };

  explicit Pair(const WorldOptions& options = {}) : world(options), frames(world) {
    world.add();
    world.run_for_ms(3'000);
    world.add();
    world.run_for_ms(10'000);
    world.set_observer(&frames);
  }

  bool are_linked() {
    return world.node(0).links().size() == 1 && world.node(1).links().size() == 1;
  }
  void send(std::uint8_t number) {
    ASSERT_TRUE(world.inject(0, 1, Channel::application, probe(number)));
  }

  World world;
  Frames frames;
};

TEST_F(Pair, FramesArriveInTheOrderTheyWereSentAndTakeTheirTime) {
  ASSERT_TRUE(are_linked());
  std::vector<TimeUs> sent;
  for (std::uint8_t i = 0; i < 200; ++i) {
    sent.push_back(world.now_us());
    send(i);
    world.run_until(world.now_us() + 500);
  }
  world.run_for_ms(1'000);
  ASSERT_EQ(frames.got.size(), 200u);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(frames.got[i].number, i);
    EXPECT_GE(frames.got[i].at, sent[i] + world.internet().base_us(0, 1));
  }
}

TEST_F(Pair, FramesOnTheirWayArriveAfterACrash) {
  ASSERT_TRUE(are_linked());
  send(1);
  world.crash(0);
  EXPECT_FALSE(world.inject(0, 1, Channel::application, probe(2)));
  world.run_for_ms(1'000);
  ASSERT_EQ(frames.got.size(), 1u);
  EXPECT_FALSE(world.alive(0));
}

TEST_F(Pair, ACrashIsSilentUntilTheTransportNotices) {
  ASSERT_TRUE(are_linked());
  world.crash(0);
  world.run_for_ms(10'000);
  EXPECT_EQ(world.connected(1).size(), 1u) << "nothing has told anybody yet";
  world.run_for_ms(25'000);
  EXPECT_TRUE(world.connected(1).empty());
  EXPECT_TRUE(world.node(1).links().empty());
}

TEST_F(Pair, AGoodbyeIsLoud) {
  ASSERT_TRUE(are_linked());
  world.leave(0);
  world.run_for_ms(500);
  EXPECT_TRUE(world.node(1).links().empty());
  EXPECT_TRUE(world.connected(1).empty());
}

TEST_F(Pair, WhatComesWhileItSleepsWaitsAndComesInOrder) {
  ASSERT_TRUE(are_linked());
  world.sleep(1, 3'000);
  for (std::uint8_t i = 0; i < 20; ++i) send(i);
  world.run_for_ms(2'900);
  EXPECT_TRUE(frames.got.empty());
  EXPECT_TRUE(world.asleep(1));
  EXPECT_FALSE(world.feed(1, [](Node&, TimeMs) { FAIL() << "its clock stands still"; }));
  world.run_for_ms(200);
  EXPECT_FALSE(world.asleep(1));
  ASSERT_EQ(frames.got.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(frames.got[i].number, i);
  world.run_for_ms(10'000);
  EXPECT_TRUE(are_linked()) << "three seconds disturb nobody";
}

TEST_F(Pair, ALongSleepEndsConnectionsAndTheServerBringsThemBack) {
  ASSERT_TRUE(are_linked());
  world.sleep(1, 60'000);
  world.run_for_ms(59'000);
  EXPECT_TRUE(world.node(0).links().empty());
  EXPECT_TRUE(world.connected(0).empty());
  world.run_for_ms(16'000);
  EXPECT_TRUE(are_linked());
}

TEST_F(Pair, AWallHoldsFramesAndLetsThemGoInOrderWhenItFalls) {
  ASSERT_TRUE(are_linked());
  send(0);
  world.raise_wall({0, 1});
  for (std::uint8_t i = 1; i < 20; ++i) send(i);
  world.run_for_ms(2'000);
  EXPECT_EQ(frames.got.size(), 1u) << "only what was on its way";
  world.fell_wall();
  world.run_for_ms(2'000);
  ASSERT_EQ(frames.got.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(frames.got[i].number, i);
  EXPECT_TRUE(are_linked());
}

TEST_F(Pair, AWallThatStandsEndsConnectionsAtBothEnds) {
  ASSERT_TRUE(are_linked());
  world.raise_wall({0, 1});
  send(1);
  world.run_for_ms(32'000);
  EXPECT_TRUE(world.connected(0).empty());
  EXPECT_TRUE(world.connected(1).empty());
  EXPECT_TRUE(frames.got.empty());
  world.run_for_ms(60'000);
  EXPECT_FALSE(are_linked()) << "nothing connects through a wall";
  EXPECT_TRUE(frames.got.empty()) << "what was sent into the wall is lost";
}

TEST_F(Pair, ATamperMayChangeAndDropWhatItsHostSends) {
  struct Evil : Tamper {
    bool on_send(PeerIndex from, PeerIndex to, Channel, Bytes& frame) override {
      EXPECT_EQ(from, 0u);
      EXPECT_EQ(to, 1u);
      ++seen;
      if (seen % 2 == 0) return false;
      frame.assign(3, 0xff);
      return true;
    }
    int seen = 0;
  } evil;
  ASSERT_TRUE(are_linked());
  world.set_tamper(0, &evil);
  world.run_for_ms(30'000);
  EXPECT_GT(evil.seen, 1);
  world.set_tamper(0, nullptr);
}

/// The stages of a set-up are seen in how long it takes.
TEST(Transport, SetUpTakesFourAndAHalfRoundTrips) {
  World world({.latency_ms = 50});
  Recorder watch(world);
  world.add();
  world.run_for_ms(5'000);
  world.add();
  const TimeMs joined = world.now();
  world.run_for_ms(10'000);
  ASSERT_EQ(watch.opened.size(), 2u);
  const TimeMs opened = watch.opened.at({1, 0});
  EXPECT_EQ(opened, watch.opened.at({0, 1}));
  // Three round trips to the server, the offer's two ways through it, the answer and its candidate
  // with their two; then four and a half round trips.
  EXPECT_GE(opened - joined, 300u + 100u + 100u + 450u);
  EXPECT_LE(opened - joined, 300u + 100u + 100u + 450u + 60u);
}

TEST(Transport, PairsBehindHostileNatsNeverConnect) {
  World world({.seed = 4, .nat_per_mille = 300});
  Recorder watch(world);
  add_many(world, 20);
  world.run_for_ms(60'000);
  EXPECT_GT(watch.opened.size(), 40u);
  for (const auto& [pair, at] : watch.opened)
    EXPECT_TRUE(world.internet().may_connect(pair.first, pair.second));
}

TEST(Transport, ASpoiledDescriptionNeverConnects) {
  const End end{3, 7};
  const std::string sdp = describe(end);
  EXPECT_EQ(read_description(sdp), end);
  EXPECT_EQ(read_description(sdp + "a=unknown\r\n"), end);
  for (std::size_t at = 0; at < sdp.size(); ++at) {
    std::string spoiled = sdp;
    spoiled[at] = static_cast<char>(spoiled[at] ^ 1);
    EXPECT_FALSE(read_description(spoiled)) << at;
  }
  EXPECT_FALSE(read_description(""));
  EXPECT_FALSE(read_description(describe({3, 8}).substr(0, 30)));
  EXPECT_TRUE(is_public(public_candidate(end)));
  EXPECT_FALSE(is_public(local_candidate(end)));
}

}  // namespace
}  // namespace membrane::sim
