#include "wishes.h"

#include <gtest/gtest.h>

#include "side.h"
#include "states.h"
#include "topics.h"

namespace membrane::test {
namespace {

/// We are 1, with a link to 2, behind which 4 lives. Attempts are the connector's; the test ends
/// them one way or the other.
struct WishesTest : testing::Test {
  WishesTest() {
    connector.hooks = {
        .failed = [this](const PeerId& peer, bool application,
                         Error reason) { wishes.attempt_failed(peer, application, reason); },
        .late = [this](const PeerId& peer, const Key& key) { wishes.attempt_late(peer, key); },
        .agreed = [this](const PeerId& peer) { sessions.expect(peer); },
        .offer_failed = [this](const PeerId& peer) { wishes.offer_failed(peer); },
        .has_room = [this](const PeerId&, bool) { return room; },
        .contact_failed = [](LinkId, bool) {},
    };
    side.links.hooks.abandoned = [this](const Link& link, Error reason) {
      connector.link_abandoned(link, reason);
    };
    side.links.hooks.up = [this](Link& link) {
      connector.link_up(link);
      sessions.link_up(link);
      wishes.link_up(link);
    };
    sessions.hooks.refused = [](const PeerId&, Error) {};
    relay.hooks.closed = [this](const PeerId& peer, Error reason) {
      sessions.way_down(peer, reason);
    };
    to_two = side.link_up(2).id;
    side.know(2, {1, 4});
    side.know(4, {2});
    side.forget();
  }

  /// An offer of `who` has come and was accepted.
  LinkId incoming(std::uint8_t who, std::uint64_t attempt) {
    Signal offer;
    offer.attempt = attempt;
    offer.sdp = sdp_of(9);
    connector.receive(peer_of(who), std::move(offer), 0);
    const auto accepted = side.all<AcceptOffer>();
    return accepted.empty() ? 0 : accepted.back().link;
  }
  void pass(TimeMs duration_ms) {
    side.context.now += duration_ms;
    connector.tick();
  }

  Side side;
  Envelopes envelopes{side.context, side.links, side.router};
  Connector connector{side.context, side.links, side.map, envelopes};
  Relay relay{side.context, side.links, side.map, envelopes};
  Sessions sessions{side.context, side.links, relay};
  Topics topics{side.context, side.map};
  States states{side.context, side.map};
  Broadcast broadcast{side.context, side.links, side.map, topics, states};
  Seeker seeker{side.context, side.links, side.map, side.router, broadcast};
  Wishes wishes{side.context, side.links, side.map, seeker, connector, sessions, relay};
  LinkId to_two = 0;
  bool room = true;
};

TEST_F(WishesTest, OurselvesIsAnInvalidArgument) {
  EXPECT_EQ(wishes.connect(peer_of(1), false), Error::invalid_argument);
  side.work();
  EXPECT_TRUE(side.out.empty());
}

TEST_F(WishesTest, ALinkThatExistsFulfilsAtOnceAndIsTheApplicationsFromThen) {
  EXPECT_EQ(wishes.connect(peer_of(2), false), Error::none);
  EXPECT_EQ(side.all<Connected>().size(), 1u);
  EXPECT_TRUE(side.links.find(to_two)->application);
}

TEST_F(WishesTest, ASessionOverALinkThatExistsIsAskedForOnce) {
  EXPECT_EQ(wishes.connect(peer_of(2), true), Error::none);
  EXPECT_EQ(wishes.connect(peer_of(2), true), Error::none);
  EXPECT_EQ(side.sent<SessionAsk>(to_two).size(), 1u);
  EXPECT_TRUE(side.all<Connected>().empty());
}

TEST_F(WishesTest, AStrangerIsOfferedALinkAndTheWishFulfilledWhenItIsUp) {
  EXPECT_EQ(wishes.connect(peer_of(4), false), Error::none);
  const auto opened = side.all<OpenConnection>();
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_TRUE(side.all<Connected>().empty());
  side.prove(opened[0].link, 4);
  EXPECT_EQ(side.all<Connected>().size(), 1u);
  EXPECT_EQ(wishes.connect(peer_of(4), false), Error::none);
  EXPECT_EQ(side.all<Connected>().size(), 2u);
}

TEST_F(WishesTest, TheSameWishTwiceIsOneAttempt) {
  wishes.connect(peer_of(4), false);
  wishes.connect(peer_of(4), true);
  wishes.connect(peer_of(4), false);
  const auto opened = side.all<OpenConnection>();
  ASSERT_EQ(opened.size(), 1u);
  side.prove(opened[0].link, 4);
  EXPECT_EQ(side.sent<SessionAsk>(opened[0].link).size(), 1u);
  EXPECT_EQ(side.all<Connected>().size(), 1u);
}

TEST_F(WishesTest, ASessionThatWasAgreedOnMeanwhileIsToldOfOnce) {
  wishes.connect(peer_of(4), true);
  const LinkId link = side.all<OpenConnection>().at(0).link;
  side.links.find(link)->consented = true;
  side.prove(link, 4);
  EXPECT_EQ(side.all<SessionOpened>().size(), 1u);
  EXPECT_TRUE(side.links.find(link)->application);
}

TEST_F(WishesTest, AnAttemptThatFailsFailsTheWish) {
  wishes.connect(peer_of(4), true);
  pass(limits::connect_timeout_ms);
  const auto failed = side.all<ConnectFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].peer, peer_of(4));
  EXPECT_TRUE(failed[0].session);
  EXPECT_EQ(failed[0].reason, Error::timed_out);
}

TEST_F(WishesTest, WhatCannotEvenBeTriedFailsAtOnce) {
  room = false;
  EXPECT_EQ(wishes.connect(peer_of(4), false), Error::none);
  room = true;
  side.links.close(to_two, Error::closed);
  side.map.refresh();
  EXPECT_EQ(wishes.connect(peer_of(9), false), Error::none);  // alone: there is nobody to ask
  const auto failed = side.all<ConnectFailed>();
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_EQ(failed[0].reason, Error::full);
  EXPECT_EQ(failed[1].reason, Error::unreachable);
}

TEST_F(WishesTest, WhoIsNotInTheMapIsLookedForAndNobodyThereIsUnreachable) {
  EXPECT_EQ(wishes.connect(peer_of(9), true), Error::none);
  EXPECT_EQ(side.sent<Seek>(to_two).size(), 1u);
  EXPECT_TRUE(side.all<ConnectFailed>().empty());
  for (std::size_t i = 0; i < limits::seek_tries; ++i) {
    side.context.now += 20 * limits::seek_patience_ms;
    seeker.tick();
  }
  const auto failed = side.all<ConnectFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].peer, peer_of(9));
  EXPECT_EQ(failed[0].reason, Error::unreachable);
}

TEST_F(WishesTest, AnAttemptOfTheRingIsWaitedForAndItsFailureTriedAgain) {
  connector.open(peer_of(4), false, false);
  wishes.connect(peer_of(4), false);
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);
  pass(limits::connect_timeout_ms);
  EXPECT_TRUE(side.all<ConnectFailed>().empty());
  EXPECT_EQ(side.all<OpenConnection>().size(), 2u);
  pass(limits::connect_timeout_ms);
  EXPECT_EQ(side.all<ConnectFailed>().size(), 1u);
}

TEST_F(WishesTest, AnOfferOfTheirsIsWaitedForAndItsFailureTriedAgain) {
  ASSERT_NE(incoming(4, 100), 0u);
  wishes.connect(peer_of(4), false);
  EXPECT_TRUE(side.all<OpenConnection>().empty());
  pass(limits::connect_timeout_ms);
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);
  pass(limits::connect_timeout_ms);
  EXPECT_EQ(side.all<ConnectFailed>().size(), 1u);
}

TEST_F(WishesTest, AnOfferOfTheirsThatComesUpFulfils) {
  const LinkId link = incoming(4, 100);
  wishes.connect(peer_of(4), false);
  side.prove(link, 4);
  EXPECT_EQ(side.all<Connected>().size(), 1u);
}

TEST_F(WishesTest, MoreThanTheLimitAreBusy) {
  std::vector<std::uint8_t> many;
  for (std::uint8_t who = 100; who < 100 + limits::wishes_max; ++who) many.push_back(who);
  std::vector<std::uint8_t> neighbours = many;
  neighbours.push_back(1);
  neighbours.push_back(4);
  side.know(2, neighbours);
  for (const std::uint8_t who : many) side.know(who, {2});
  side.context.now += limits::map_refresh_max_ms;
  side.map.refresh();
  for (const std::uint8_t who : many) {
    EXPECT_EQ(wishes.connect(peer_of(who), false), Error::none);
  }
  EXPECT_EQ(wishes.connect(peer_of(4), false), Error::busy);
  EXPECT_EQ(wishes.connect(peer_of(100), true), Error::none);  // not one more
  pass(limits::connect_timeout_ms);
  // To one of them both a link and a session were wanted.
  EXPECT_EQ(side.all<ConnectFailed>().size(), limits::wishes_max + 1);
  EXPECT_EQ(wishes.connect(peer_of(4), false), Error::none);
}

TEST_F(WishesTest, OneThatIsTakenBackIsNotToldOf) {
  wishes.connect(peer_of(4), true);
  wishes.cancel_session(peer_of(4));
  pass(limits::connect_timeout_ms);
  EXPECT_TRUE(side.all<ConnectFailed>().empty());
}

TEST_F(WishesTest, WhoWantedALinkAsWellHearsOfIt) {
  wishes.connect(peer_of(4), false);
  wishes.connect(peer_of(4), true);
  wishes.cancel_session(peer_of(4));
  pass(limits::connect_timeout_ms);
  const auto failed = side.all<ConnectFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_FALSE(failed[0].session);
}

TEST_F(WishesTest, ASessionThatIsRelayedMeanwhileDoesNotHideThatTheLinkFailed) {
  wishes.connect(peer_of(4), true);
  wishes.connect(peer_of(4), false);
  wishes.attempt_late(peer_of(4), Key{});
  EXPECT_TRUE(relay.has(peer_of(4)));
  pass(limits::connect_timeout_ms);
  const auto failed = side.all<ConnectFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_FALSE(failed[0].session);
}

TEST_F(WishesTest, WhenWeLeaveEachFails) {
  wishes.connect(peer_of(4), true);
  wishes.leave();
  const auto failed = side.all<ConnectFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].reason, Error::left);
}

// ---- Relays -------------------------------------------------------------------------------------

TEST_F(WishesTest, ASessionWhoseLinkIsLateIsAskedForOverRelays) {
  wishes.connect(peer_of(4), true);
  wishes.attempt_late(peer_of(4), Key{});
  EXPECT_TRUE(relay.has(peer_of(4)));
  pass(limits::connect_timeout_ms);  // the attempt at a link ends; the question goes on
  EXPECT_TRUE(side.all<ConnectFailed>().empty());
  wishes.connect(peer_of(4), true);
  EXPECT_EQ(relay.size(), 1u);
  EXPECT_EQ(sessions.close(peer_of(4), Error::closed), Error::none);
  EXPECT_EQ(relay.size(), 0u);
}

TEST_F(WishesTest, AMereLinkThatIsLateIsWaitedFor) {
  wishes.connect(peer_of(4), false);
  wishes.attempt_late(peer_of(4), Key{});
  EXPECT_EQ(relay.size(), 0u);
  pass(limits::connect_timeout_ms);
  EXPECT_EQ(side.all<ConnectFailed>().size(), 1u);
}

TEST_F(WishesTest, WithoutRoomForALinkASessionIsRelayed) {
  room = false;
  wishes.connect(peer_of(4), true);
  EXPECT_TRUE(relay.has(peer_of(4)));
  EXPECT_TRUE(side.all<ConnectFailed>().empty());
}

TEST_F(WishesTest, AConnectionThatFailsIsMadeUpForByRelays) {
  wishes.connect(peer_of(4), true);
  side.links.lost(side.all<OpenConnection>().back().link);
  EXPECT_TRUE(relay.has(peer_of(4)));
}

TEST_F(WishesTest, ALinkThatComesUpMeanwhileIsAskedOverToo) {
  wishes.connect(peer_of(4), true);
  const LinkId link = side.all<OpenConnection>().back().link;
  wishes.attempt_late(peer_of(4), Key{});
  side.links.find(link)->consented = true;
  side.prove(link, 4);
  EXPECT_TRUE(side.all<SessionOpened>().empty());
  EXPECT_EQ(side.sent<SessionAsk>(link).size(), 1u);
  sessions.receive(peer_of(4), SessionAccept{}, false);
  ASSERT_EQ(side.all<SessionOpened>().size(), 1u);
  EXPECT_FALSE(side.all<SessionOpened>()[0].relayed);
  EXPECT_EQ(relay.size(), 0u);
}

TEST_F(WishesTest, MoreStreamsThanTheLimitAreBusy) {
  Key key{};
  for (std::uint8_t who = 100; relay.size() < limits::relay_streams_max; ++who)
    relay.open(peer_of(who), key);
  room = false;
  std::vector<Error> refused;
  sessions.hooks.refused = [&](const PeerId&, Error reason) { refused.push_back(reason); };
  wishes.connect(peer_of(4), true);
  EXPECT_EQ(refused, std::vector{Error::busy});
}

}  // namespace
}  // namespace membrane::test
