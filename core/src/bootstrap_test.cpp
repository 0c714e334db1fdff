#include "bootstrap.h"

#include <gtest/gtest.h>

#include <set>

#include "sdp.h"
#include "side.h"

namespace membrane::test {
namespace {

using Kind = ContactSend::Kind;

/// A newcomer; the test is the server.
struct BootstrapTest : testing::Test {
  BootstrapTest() {
    connector.hooks = {
        .failed = [](const PeerId&, bool, Error) {},
        .late = [](const PeerId&, const Key&) {},
        .agreed = [](const PeerId&) {},
        .offer_failed = [](const PeerId&) {},
        .has_room = [](const PeerId&, bool) { return true; },
        .contact_failed = [this](LinkId link,
                                 bool answered) { bootstrap.attempt_failed(link, answered); },
    };
    side.links.hooks.abandoned = [this](const Link& link, Error reason) {
      connector.link_abandoned(link, reason);
    };
    side.links.hooks.up = [this](Link& link) {
      connector.link_up(link);
      bootstrap.links_changed();
    };
    side.links.hooks.down = [this](const Link&, Error) { bootstrap.links_changed(); };
  }

  /// The connections that were asked for get their descriptions.
  void describe() {
    for (const OpenConnection& opened : side.all<OpenConnection>())
      connector.local_description(opened.link, sdp_of());
  }
  std::vector<ContactSend> sent(Kind kind) {
    std::vector<ContactSend> out;
    for (const ContactSend& one : side.all<ContactSend>()) {
      if (one.kind == kind) out.push_back(one);
    }
    return out;
  }
  RequestId last_offer() { return sent(Kind::offer).back().request; }
  std::size_t offers() {
    describe();
    return sent(Kind::offer).size();
  }
  /// Runs the clock to the next deadline.
  TimeMs wait() {
    const TimeMs due = std::min(bootstrap.next_timeout(), connector.next_timeout());
    EXPECT_NE(due, never);
    const TimeMs waited = due > side.context.now ? due - side.context.now : 0;
    side.context.now += waited;
    connector.tick();
    bootstrap.tick();
    return waited;
  }
  LinkId link() { return side.all<OpenConnection>().back().link; }
  /// Somebody answers the last offer.
  void answer() {
    describe();
    ASSERT_TRUE(connector.contact_answer(last_offer(), sdp_of(9)));
    bootstrap.answered();
  }

  Side side;
  Envelopes envelopes{side.context, side.links, side.router};
  Connector connector{side.context, side.links, side.map, envelopes};
  Bootstrap bootstrap{side.context, side.links, side.map, connector};
};

TEST_F(BootstrapTest, BeginsByJoiningAndOffersOnceTheServerIsThere) {
  EXPECT_EQ(bootstrap.state(), State::joining);
  EXPECT_TRUE(bootstrap.fresh());
  EXPECT_EQ(bootstrap.next_timeout(), never);
  bootstrap.contact_opened();
  EXPECT_EQ(offers(), 1u);
  EXPECT_TRUE(sent(Kind::ready).empty());
}

TEST_F(BootstrapTest, WhenNobodyIsThereItIsANetworkOfOneAndAsksAgainLessAndLess) {
  bootstrap.contact_opened();
  std::vector<TimeMs> waits;
  for (int round = 0; round < 12; ++round) {
    describe();
    bootstrap.unresolved(last_offer());
    EXPECT_EQ(bootstrap.state(), State::alone);
    const auto before = offers();
    TimeMs waited = 0;
    while (offers() == before) waited += wait();
    waits.push_back(waited);
  }
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);  // the same connection each time
  EXPECT_EQ(sent(Kind::ready).size(), 1u);
  EXPECT_LE(waits.front(), limits::contact_retry_min_ms);
  EXPECT_GE(waits.back(), limits::contact_retry_max_ms / 2);
  for (const TimeMs waited : waits) EXPECT_LE(waited, limits::contact_retry_max_ms);
}

TEST_F(BootstrapTest, AnAnswerForAnOfferThatIsOverChangesNothing) {
  bootstrap.contact_opened();
  describe();
  bootstrap.unresolved(last_offer() + 1);
  bootstrap.failed(last_offer() + 1);
  EXPECT_EQ(bootstrap.state(), State::joining);
  EXPECT_EQ(connector.size(), 1u);
}

TEST_F(BootstrapTest, AnOfferThatEverybodyRefusedIsMadeAgainWithTheSameConnection) {
  bootstrap.contact_opened();
  describe();
  side.context.now += limits::contact_silence_ms - 1;
  bootstrap.failed(last_offer());
  EXPECT_LE(wait(), limits::contact_retry_min_ms);
  EXPECT_EQ(offers(), 2u);
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);
}

TEST_F(BootstrapTest, AnOfferThatSomebodyMayHaveHalfAnsweredIsFollowedByANewConnection) {
  bootstrap.contact_opened();
  describe();
  side.context.now += limits::contact_silence_ms;
  bootstrap.failed(last_offer());
  EXPECT_EQ(connector.size(), 0u);
  EXPECT_LE(wait(), limits::contact_retry_min_ms);
  EXPECT_EQ(side.all<OpenConnection>().size(), 2u);
}

TEST_F(BootstrapTest, WhatTheServerSaysOfAnAnsweredOfferIsIgnored) {
  bootstrap.contact_opened();
  describe();
  const RequestId request = last_offer();
  connector.contact_answer(request, sdp_of(9));
  bootstrap.unresolved(request);
  bootstrap.failed(request);
  EXPECT_EQ(bootstrap.state(), State::joining);
  EXPECT_EQ(wait(), limits::connect_timeout_ms);  // the link's own outcome decides
  EXPECT_EQ(connector.size(), 0u);
  wait();
  EXPECT_EQ(offers(), 2u);
}

TEST_F(BootstrapTest, WhoIsAnsweredButGetsNoLinkAsksSomebodyElseAsWell) {
  bootstrap.contact_opened();
  answer();
  const LinkId first = link();
  EXPECT_EQ(wait(), limits::contact_patience_ms);
  EXPECT_EQ(offers(), 2u);
  const LinkId second = link();
  EXPECT_NE(first, second);
  EXPECT_EQ(connector.size(), 2u);  // both go on
  side.prove(first, 2);
  EXPECT_EQ(bootstrap.state(), State::joined);
  EXPECT_EQ(side.links.find(second), nullptr);
}

TEST_F(BootstrapTest, OfTwoThatAnsweredTheSecondMayBeFirst) {
  bootstrap.contact_opened();
  answer();
  wait();
  answer();
  side.prove(link(), 2);
  EXPECT_EQ(bootstrap.state(), State::joined);
  const TimeMs due = bootstrap.next_timeout();
  EXPECT_EQ(connector.size(), 1u);
  wait();  // for the first, in vain
  EXPECT_EQ(connector.size(), 0u);
  EXPECT_EQ(bootstrap.next_timeout(), due);
}

TEST_F(BootstrapTest, ThoseWhoAnswerWithoutALinkAreAskedLessAndLess) {
  bootstrap.contact_opened();
  std::vector<TimeMs> waits;
  for (int round = 0; round < 4; ++round) {
    answer();
    const auto before = offers();
    TimeMs waited = 0;
    while (offers() == before) waited += wait();
    waits.push_back(waited);
  }
  constexpr TimeMs patience = limits::contact_patience_ms;
  EXPECT_EQ(waits, (std::vector<TimeMs>{patience, patience, patience, 2 * patience}));
}

TEST_F(BootstrapTest, AConnectionThatFailsDoesNotPutOffTheNextOne) {
  bootstrap.contact_opened();
  for (int round = 0; round < 10; ++round) {
    answer();
    const auto before = offers();
    TimeMs waited = 0;
    while (offers() == before) waited += wait();
    EXPECT_LE(waited, limits::contact_retry_max_ms) << "round " << round;
  }
}

TEST_F(BootstrapTest, AServerThatNeverAnswersIsAskedAgainAfterTheTimeout) {
  bootstrap.contact_opened();
  describe();
  EXPECT_EQ(wait(), limits::connect_timeout_ms);
  wait();
  EXPECT_EQ(offers(), 2u);
}

TEST_F(BootstrapTest, WithALinkItHasJoinedAndNeedsTheServerNoMore) {
  bootstrap.contact_opened();
  describe();
  connector.contact_answer(last_offer(), sdp_of(9));
  side.prove(link(), 2);
  EXPECT_EQ(bootstrap.state(), State::joined);
  EXPECT_FALSE(bootstrap.fresh());
  EXPECT_EQ(sent(Kind::ready).size(), 1u);
  bootstrap.contact_closed();
  EXPECT_EQ(bootstrap.next_timeout(), never);
  EXPECT_EQ(bootstrap.state(), State::joined);
  EXPECT_EQ(side.links.up().size(), 1u);
  bootstrap.contact_opened();
  EXPECT_EQ(sent(Kind::ready).size(), 2u);
  EXPECT_EQ(offers(), 1u);
}

TEST_F(BootstrapTest, ALinkFromElsewhereMakesTheOfferSuperfluous) {
  bootstrap.contact_opened();
  describe();
  const LinkId offered = link();
  side.link_up(2);
  EXPECT_EQ(side.links.find(offered), nullptr);
  EXPECT_EQ(bootstrap.state(), State::joined);
  EXPECT_GE(bootstrap.next_timeout(), side.context.now + limits::contact_look_min_ms / 2);
}

TEST_F(BootstrapTest, WhenTheLastLinkIsGoneItSeeksAgainButIsNotFreshAgain) {
  bootstrap.contact_opened();
  describe();
  const LinkId to_two = side.link_up(2).id;
  const auto before = offers();
  side.links.lost(to_two);
  EXPECT_EQ(bootstrap.state(), State::joining);
  EXPECT_FALSE(bootstrap.fresh());
  EXPECT_EQ(offers(), before + 1);
}

TEST_F(BootstrapTest, WhoLostAllLinksLooksForOthersSoonAfterItHasOneAgain) {
  bootstrap.contact_opened();
  describe();
  const LinkId to_two = side.link_up(2).id;
  EXPECT_GE(bootstrap.next_timeout(), side.context.now + limits::contact_look_min_ms / 2);
  side.links.lost(to_two);
  answer();
  side.prove(link(), 3);
  EXPECT_EQ(bootstrap.state(), State::joined);
  EXPECT_LE(bootstrap.next_timeout(), side.context.now + 2 * limits::contact_look_soon_min_ms);
}

TEST_F(BootstrapTest, AnOfferThatWasAnsweredOutlivesTheServerAndAnotherDoesNot) {
  bootstrap.contact_opened();
  describe();
  bootstrap.contact_closed();
  EXPECT_EQ(connector.size(), 0u);
  bootstrap.contact_opened();
  describe();
  connector.contact_answer(last_offer(), sdp_of(9));
  bootstrap.contact_closed();
  EXPECT_EQ(connector.size(), 1u);
  side.prove(link(), 2);
  EXPECT_EQ(bootstrap.state(), State::joined);
}

TEST_F(BootstrapTest, WithoutAServerItWaitsInSilence) {
  bootstrap.contact_opened();
  describe();
  bootstrap.contact_closed();
  side.forget();
  side.context.now += 100'000;
  bootstrap.tick();
  side.work();
  EXPECT_TRUE(side.out.empty());
}

TEST_F(BootstrapTest, OffersArePacedHoweverOftenTheyFail) {
  bootstrap.contact_opened();
  const TimeMs start = side.context.now;
  while (side.context.now < start + 120'000) {
    describe();
    bootstrap.failed(last_offer());
    wait();
  }
  EXPECT_LE(offers(), limits::contact_seek_burst + 1 + 120'000 / limits::contact_seek_interval_ms);
}

TEST_F(BootstrapTest, AServerThatComesAndGoesIsNotFloodedEither) {
  for (int i = 0; i < 100; ++i) {
    bootstrap.contact_opened();
    describe();
    bootstrap.contact_closed();
  }
  EXPECT_LE(offers(), limits::contact_seek_burst);
}

TEST_F(BootstrapTest, LeavingIsFinal) {
  bootstrap.contact_opened();
  describe();
  bootstrap.leave();
  EXPECT_EQ(bootstrap.state(), State::left);
  side.links.close_all(Error::goodbye);
  side.forget();
  bootstrap.contact_opened();
  bootstrap.links_changed();
  bootstrap.leave();
  side.context.now += 100'000;
  bootstrap.tick();
  side.work();
  EXPECT_TRUE(side.out.empty());
  EXPECT_EQ(bootstrap.state(), State::left);
  EXPECT_EQ(bootstrap.next_timeout(), never);
}

// ---- With links ---------------------------------------------------------------------------------

/// A member of a network, who has just joined it.
struct MemberTest : BootstrapTest {
  MemberTest() {
    side.map.hooks.changed = [this] { bootstrap.map_changed(); };
    bootstrap.contact_opened();
    describe();
    side.link_up(2);
    side.know(2, {1});
    side.forget();
  }
  /// The map grows to so many, in a row: 1 - 2 - 3 - …
  void grow(std::uint8_t size) {
    for (std::uint8_t who = 2; who < size; ++who)
      side.know(who, {static_cast<std::uint8_t>(who - 1), static_cast<std::uint8_t>(who + 1)});
    cut_behind(size);
  }
  /// This one is the last of the row. Routes of large maps are not looked for at once.
  void cut_behind(std::uint8_t last) {
    side.context.now += limits::map_refresh_max_ms;
    side.know(last, {static_cast<std::uint8_t>(last - 1)});
    ASSERT_EQ(side.map.size(), last);
  }
  /// Until the next offer; how long that took.
  TimeMs wait_for_offer() {
    const auto before = offers();
    TimeMs waited = 0;
    while (offers() == before) waited += wait();
    return waited;
  }
  void refuse() { bootstrap.failed(last_offer()); }
  /// Somebody answers, and the connection leads nowhere.
  void fail() {
    connector.contact_answer(last_offer(), sdp_of(9));
    wait();
    ASSERT_EQ(connector.size(), 0u);
  }
};

constexpr TimeMs pace_ms = limits::contact_look_min_ms;
constexpr TimeMs soon_ms = limits::contact_look_soon_min_ms;

TEST_F(MemberTest, AsksNowAndThenForOthersAndKeepsTheConnectionReady) {
  for (int round = 0; round < 50; ++round) {
    const TimeMs waited = wait_for_offer();
    EXPECT_GE(waited, pace_ms / 2);
    EXPECT_LT(waited, pace_ms * 3 / 2);
    refuse();
    EXPECT_EQ(connector.size(), 0u);  // nothing is under way
  }
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);
  EXPECT_EQ(bootstrap.state(), State::joined);
  EXPECT_TRUE(side.all<StateChanged>().empty());
}

TEST_F(MemberTest, NamesAMemberOtherThanItself) {
  grow(5);
  std::set<Position> named;
  for (int round = 0; round < 60; ++round) {
    wait_for_offer();
    const auto known = sdp_known(sent(Kind::offer).back().text);
    ASSERT_TRUE(known);
    named.insert(*known);
    refuse();
  }
  EXPECT_EQ(named, (std::set{peer_of(2).position(), peer_of(3).position(), peer_of(4).position(),
                             peer_of(5).position()}));
}

TEST_F(MemberTest, WhoLostAllLinksSeeksAnybodyWithTheConnectionThatIsReady) {
  wait_for_offer();
  refuse();
  side.links.lost(side.links.to(peer_of(2))->id);
  side.tell_map();
  EXPECT_EQ(bootstrap.state(), State::joining);
  EXPECT_EQ(offers(), 2u);
  EXPECT_FALSE(sdp_known(sent(Kind::offer).back().text));
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);
}

TEST_F(MemberTest, AnAnswerMakesAMemberAskNobodyElse) {
  wait_for_offer();
  answer();
  EXPECT_EQ(bootstrap.next_timeout(), never);
  EXPECT_EQ(wait(), limits::connect_timeout_ms);  // its outcome decides
  EXPECT_NE(bootstrap.next_timeout(), never);
}

TEST_F(MemberTest, AnotherLinkDoesNotDisturbTheSearch) {
  wait_for_offer();
  const LinkId offered = link();
  side.link_up(3);
  EXPECT_NE(side.links.find(offered), nullptr);
  connector.contact_answer(last_offer(), sdp_of(9));
  side.prove(offered, 9);
  EXPECT_EQ(side.links.up().size(), 3u);
  EXPECT_GE(wait_for_offer(), pace_ms / 2);
  EXPECT_EQ(side.all<OpenConnection>().size(), 2u);  // the first one is in use
}

TEST_F(MemberTest, NobodyElseAtTheServerChangesNothing) {
  wait_for_offer();
  bootstrap.unresolved(last_offer());
  EXPECT_EQ(bootstrap.state(), State::joined);
  EXPECT_GE(wait_for_offer(), pace_ms / 2);
}

TEST_F(MemberTest, TheLargerTheNetworkTheLessEachMemberAsks) {
  grow(100);
  const TimeMs slower_ms = 100 * limits::contact_look_per_peer_ms;
  for (int round = 0; round < 20; ++round) {
    const TimeMs waited = wait_for_offer();
    EXPECT_GE(waited, slower_ms / 2);
    EXPECT_LT(waited, slower_ms * 3 / 2);
    refuse();
  }
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);
}

TEST_F(MemberTest, AConnectionThatWouldWaitTooLongIsNotKept) {
  static_assert(200 * limits::contact_look_per_peer_ms > limits::contact_ready_max_ms);
  grow(200);
  wait_for_offer();
  const RequestId request = last_offer();
  side.forget();
  bootstrap.failed(request);
  EXPECT_EQ(side.all<CloseConnection>().size(), 1u);
  EXPECT_EQ(side.links.negotiating(), 0u);
  wait_for_offer();
  EXPECT_EQ(side.all<OpenConnection>().size(), 1u);
}

TEST_F(MemberTest, AfterTheServerWasAwayItAsksSoonAndThenByHalvesLess) {
  bootstrap.contact_closed();
  EXPECT_EQ(bootstrap.next_timeout(), never);
  bootstrap.contact_opened();
  TimeMs pace = soon_ms;
  EXPECT_LT(wait_for_offer(), 2 * pace);
  for (int round = 0; round < 7; ++round) {
    refuse();
    pace = std::min(2 * pace, pace_ms);
    const TimeMs waited = wait_for_offer();
    EXPECT_GE(waited, pace / 2);
    EXPECT_LT(waited, pace * 3 / 2);
  }
}

TEST_F(MemberTest, AfterTheNetworkHasShrunkItAsksSoon) {
  grow(100);
  cut_behind(4);
  EXPECT_LT(wait_for_offer(), 2 * soon_ms);
}

TEST_F(MemberTest, AfterASmallLossItDoesNot) {
  grow(100);
  const TimeMs due = bootstrap.next_timeout();
  cut_behind(70);
  EXPECT_EQ(bootstrap.next_timeout(), due);
}

TEST_F(MemberTest, ThoseWhoAnswerAndCannotBeReachedAreTriedEverMoreRarely) {
  wait_for_offer();
  TimeMs pace = pace_ms;
  for (int round = 0; round < 8; ++round) {
    fail();
    pace = std::min(2 * pace, limits::contact_look_failed_max_ms);
    const TimeMs waited = wait_for_offer();
    EXPECT_GE(waited, pace / 2);
    EXPECT_LT(waited, pace * 3 / 2);
  }
  refuse();
  EXPECT_LT(wait_for_offer(), pace_ms * 3 / 2);
}

/// Somebody who makes others come and go in our map does not make us flood the server.
TEST_F(MemberTest, HoweverOftenTheNetworkShrinksTheOffersArePaced) {
  grow(10);
  const TimeMs start = side.context.now;
  const auto before = offers();
  while (side.context.now < start + 120'000) {
    cut_behind(2);
    if (bootstrap.next_timeout() < side.context.now + 2'000) {
      wait_for_offer();
      refuse();
    }
    side.know(2, {1, 3});
    side.context.now += limits::map_refresh_max_ms;
    side.map.refresh();
  }
  const auto made = offers() - before;
  const TimeMs lasted = side.context.now - start;
  EXPECT_GT(made, 3u);
  EXPECT_LE(made, limits::contact_seek_burst + 1 + lasted / limits::contact_seek_interval_ms);
}

// ---- Without a whole map ------------------------------------------------------------------------

/// A member of a network of some 255, with links to the next six.
struct NeighbourTest : MemberTest {
  NeighbourTest() {
    side.map.adopt_scope(false);
    for (std::uint8_t who = 2; who <= 7; ++who) {
      if (who > 2) side.link_up(who);
      side.know(who, {static_cast<std::uint8_t>(who - 2), static_cast<std::uint8_t>(who - 1),
                      static_cast<std::uint8_t>(who + 1), static_cast<std::uint8_t>(who + 2)});
    }
    side.tell_map();
  }
  /// So often that its pace is the usual one.
  void look_around() {
    for (int round = 0; round < 6; ++round) {
      wait_for_offer();
      refuse();
    }
  }
  void lose(std::uint8_t who) { side.links.lost(side.links.to(peer_of(who))->id); }
};

/// As the network is judged: too large by an eighth.
constexpr TimeMs slow_ms = 287 * limits::contact_look_per_peer_ms;

TEST_F(NeighbourTest, LooksForOthersAsRarelyAsItsNetworkSeemsLarge) {
  look_around();
  for (int round = 0; round < 10; ++round) {
    const TimeMs waited = wait_for_offer();
    EXPECT_GE(waited, slow_ms / 2);
    EXPECT_LT(waited, slow_ms * 3 / 2);
    const auto known = sdp_known(sent(Kind::offer).back().text);
    ASSERT_TRUE(known);
    EXPECT_NE(side.links.to(*known), nullptr);
    refuse();
  }
}

TEST_F(NeighbourTest, WhoLosesMoreThanAThirdOfItsLinksLooksSoon) {
  look_around();
  const TimeMs due = bootstrap.next_timeout();
  lose(2);
  lose(3);
  EXPECT_EQ(bootstrap.next_timeout(), due);
  lose(4);
  const TimeMs soon = bootstrap.next_timeout();
  EXPECT_LT(soon, side.context.now + 2 * slow_ms / limits::contact_look_haste);
  lose(5);
  EXPECT_EQ(bootstrap.next_timeout(), soon);  // one of three
  lose(6);
  EXPECT_NE(bootstrap.next_timeout(), soon);
}

TEST_F(NeighbourTest, LinksThatComeAndGoAreNoLoss) {
  const TimeMs due = bootstrap.next_timeout();
  for (int round = 0; round < 10; ++round) {
    lose(7);
    side.link_up(7);
  }
  EXPECT_EQ(bootstrap.next_timeout(), due);
}

TEST_F(MemberTest, WithAWholeMapTheLossOfLinksIsNotTheNetworks) {
  for (std::uint8_t who = 3; who <= 7; ++who) side.link_up(who);
  const TimeMs due = bootstrap.next_timeout();
  for (std::uint8_t who = 3; who <= 7; ++who) side.links.lost(side.links.to(peer_of(who))->id);
  EXPECT_EQ(bootstrap.next_timeout(), due);
}

}  // namespace
}  // namespace membrane::test
