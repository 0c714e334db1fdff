#include <gtest/gtest.h>

#include "random.h"
#include "relayed.h"

/// Sessions of two peers that cannot have a connection: they run over other peers, and say so.
namespace membrane::test {
namespace {

using Index = Network::Index;

TEST_F(RelayedSession, OpensWhereNoLinkCanBe) {
  connect(a, b);
  EXPECT_TRUE(network.run_until([this] { return opened(a) && opened(b); }, opens_within_ms));
  EXPECT_TRUE(network.seen<SessionOpened>(a).at(0).relayed);
  EXPECT_TRUE(network.seen<SessionOpened>(b).at(0).relayed);
  EXPECT_EQ(network.seen<Asked>(b).size(), 1u);
  network.run_for(2 * limits::connect_timeout_ms);  // the attempt at a link ends quietly
  EXPECT_TRUE(network.seen<ConnectFailed>(a).empty());
  EXPECT_TRUE(network.seen<SessionClosed>(a).empty() && network.seen<SessionClosed>(b).empty());
  EXPECT_FALSE(linked(a, b));
  EXPECT_TRUE(can_talk());
}

TEST_F(RelayedSession, IsNotNeededWhereALinkCanBe) {
  network.may_connect = nullptr;
  open();
  EXPECT_FALSE(network.seen<SessionOpened>(a).at(0).relayed);
  EXPECT_EQ(network.counter(a, "relay streams"), 0u);
}

TEST_F(RelayedSession, ALargeMessagePassesWhole) {
  open();
  const Bytes data = pattern(100'000);
  EXPECT_TRUE(send(a, b, 0, data, 5'000));
  EXPECT_EQ(received(b, 0), data);
}

TEST_F(RelayedSession, ALongOneIsHeldBackAndArrivesInOrder) {
  open();
  const Bytes data = pattern(2'000'000);
  EXPECT_TRUE(send(a, b, 0, data, 20'000));
  EXPECT_EQ(received(b, 0), data);
  EXPECT_FALSE(network.seen<SessionWritable>(a).empty());
  const auto pieces = network.seen<SessionPiece>(b);
  EXPECT_EQ(pieces.size(), 125u);
}

TEST_F(RelayedSession, LossIsHealed) {
  open();
  Random random({});
  network.tamper_frame = [&](Index, Index, Channel channel, Bytes& data) {
    return !is_envelope(channel, data) || random.below(10) != 0;
  };
  const Bytes data = pattern(200'000);
  EXPECT_TRUE(send(a, b, 0, data, 120'000));
  EXPECT_EQ(received(b, 0), data);
}

TEST_F(RelayedSession, ACrashOnTheWayIsHealed) {
  open();
  const std::vector<Index> way = route(a, b);
  ASSERT_GE(way.size(), 2u);
  network.crash(way[0]);
  const Bytes data = pattern(100'000);
  EXPECT_TRUE(send(a, b, 0, data, limits::relay_silence_max_ms));
  EXPECT_EQ(received(b, 0), data);
  EXPECT_TRUE(can_talk(1));
}

TEST_F(RelayedSession, EndsForBothWhenOneEndsItAfterTheLastWord) {
  open();
  const Bytes data = pattern(64'000);
  for (std::size_t at = 0; at < data.size(); at += 16'000) {
    ASSERT_EQ(write(a, b, at, SessionPiece::first | SessionPiece::last, 0,
                    ByteView(data).subspan(at, 16'000)),
              Error::none);
  }
  network.feed(a, [&](Node& n, TimeMs now) { n.close_session(now, network.id(b)); });
  EXPECT_EQ(network.seen<SessionClosed>(a).size(), 1u);
  EXPECT_TRUE(network.run_until([this] { return !network.seen<SessionClosed>(b).empty(); }, 2'000));
  EXPECT_EQ(network.seen<SessionPiece>(b).size(), 4u);
  network.run_for(limits::relay_silence_max_ms);
  EXPECT_EQ(network.counter(a, "relay streams") + network.counter(b, "relay streams"), 0u);
  network.forget_seen();
  open();  // and another
}

TEST_F(RelayedSession, EndsWhenDisconnected) {
  open();
  network.feed(a, [&](Node& n, TimeMs now) {
    EXPECT_EQ(n.disconnect(now, network.id(b)), Error::none);
    EXPECT_EQ(n.disconnect(now, network.id(b)), Error::unknown_peer);
  });
  EXPECT_TRUE(network.run_until([this] { return !network.seen<SessionClosed>(b).empty(); }, 500));
}

TEST_F(RelayedSession, EndsSoonWhenTheOtherLeaves) {
  open();
  network.leave(b);
  EXPECT_EQ(network.seen<SessionClosed>(b).at(0).reason, Error::goodbye);
  EXPECT_TRUE(network.run_until([this] { return !network.seen<SessionClosed>(a).empty(); },
                                limits::relay_unmapped_ms + 1'000));
  EXPECT_EQ(network.seen<SessionClosed>(a).at(0).reason, Error::silent);
}

TEST_F(RelayedSession, EndsWhenTheOtherIsSilent) {
  open();
  network.crash(b);
  EXPECT_TRUE(network.run_until([this] { return !network.seen<SessionClosed>(a).empty(); },
                                limits::relay_silence_max_ms + 1'000));
  EXPECT_EQ(network.counter(a, "sessions"), 0u);
}

TEST_F(RelayedSession, SurvivesAShortSleep) {
  open();
  network.sleep(b, limits::silence_max_ms - 1'000);
  network.run_for(60'000);
  EXPECT_TRUE(network.seen<SessionClosed>(a).empty() && network.seen<SessionClosed>(b).empty());
  EXPECT_TRUE(can_talk());
}

TEST_F(RelayedSession, APlainConnectFailsAsEver) {
  connect(a, b, false);
  network.run_for(limits::connect_timeout_ms + 100);
  ASSERT_EQ(network.seen<ConnectFailed>(a).size(), 1u);
  EXPECT_EQ(network.seen<ConnectFailed>(a)[0].reason, Error::timed_out);
  EXPECT_EQ(network.counter(a, "relay streams"), 0u);
}

TEST_F(RelayedSession, ARefusalIsFinal) {
  network.on_asked = [](Index, const Asked&) { return false; };
  connect(a, b);
  network.run_for(60'000);
  ASSERT_EQ(network.seen<ConnectFailed>(a).size(), 1u);
  EXPECT_EQ(network.seen<ConnectFailed>(a)[0].reason, Error::refused);
  EXPECT_EQ(network.seen<Asked>(b).size(), 1u);
}

TEST_F(RelayedSession, IsTakenBackByWhoAsked) {
  network.tamper_frame = [](Index, Index, Channel channel, Bytes& data) {
    return !is_envelope(channel, data) || data.size() > 400;  // signals with descriptions pass
  };
  connect(a, b);
  network.run_for(limits::relay_after_ms + 1'000);
  network.feed(a, [&](Node& n, TimeMs now) { n.close_session(now, network.id(b)); });
  EXPECT_EQ(network.counter(a, "relay streams"), 0u);
  network.run_for(120'000);
  EXPECT_TRUE(network.seen<SessionOpened>(a).empty() && network.seen<ConnectFailed>(a).empty());
}

TEST_F(RelayedSession, CrossingWishesMeet) {
  connect(a, b);
  connect(b, a);
  network.run_for(60'000);
  EXPECT_TRUE(opened(a) && opened(b));
  EXPECT_TRUE(network.seen<ConnectFailed>(a).empty() && network.seen<ConnectFailed>(b).empty());
  EXPECT_TRUE(network.seen<Asked>(a).empty() && network.seen<Asked>(b).empty());
  EXPECT_TRUE(can_talk());
}

TEST_F(RelayedSession, AskingAgainForOneThatIsOpenTellsSoAtOnce) {
  open();
  network.forget_seen();
  connect(a, b);
  ASSERT_TRUE(opened(a));
  EXPECT_TRUE(network.seen<SessionOpened>(a)[0].relayed);
}

/// However close the link and the relayed session come, both sides take the same way, and one.
TEST(RelayedSessionRace, ALinkThatComesLate) {
  for (TimeMs setup_ms = limits::relay_after_ms - 60; setup_ms < limits::relay_after_ms + 120;
       setup_ms += 7) {
    SCOPED_TRACE(setup_ms);
    Network network({.setup_ms = setup_ms});
    const Index a = network.add();
    network.add();
    const Index b = network.add();
    ASSERT_TRUE(network.run_until([&] { return network.everybody_sees_everybody(); }, 60'000));
    network.run_for(30'000);
    network.feed(a, [&](Node& n, TimeMs now) { n.disconnect(now, network.id(b)); });
    network.run_for(20);
    network.forget_seen();
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      network.feed(from,
                   [&, to = to](Node& n, TimeMs now) { n.connect(now, network.id(to), true); });
      network.run_for(5);
    }
    network.run_for(60'000);
    ASSERT_EQ(network.seen<SessionOpened>(a).size(), 1u);
    ASSERT_EQ(network.seen<SessionOpened>(b).size(), 1u);
    EXPECT_EQ(network.seen<SessionOpened>(a)[0].relayed, network.seen<SessionOpened>(b)[0].relayed);
    EXPECT_TRUE(network.seen<SessionClosed>(a).empty() && network.seen<SessionClosed>(b).empty());
    EXPECT_TRUE(network.seen<ConnectFailed>(a).empty() && network.seen<ConnectFailed>(b).empty());
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      network.feed(from, [&, to = to](Node& n, TimeMs now) {
        EXPECT_EQ(n.session_write(now, network.id(to), 0, SessionPiece::first | SessionPiece::last,
                                  1, Bytes{1}),
                  Error::none);
      });
    }
    network.run_for(1'000);
    EXPECT_EQ(network.seen<SessionPiece>(a).size(), 1u);
    EXPECT_EQ(network.seen<SessionPiece>(b).size(), 1u);
  }
}

}  // namespace
}  // namespace membrane::test
