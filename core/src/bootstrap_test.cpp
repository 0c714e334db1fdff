#include "bootstrap.h"

#include <gtest/gtest.h>

#include "side.h"

namespace membrane::test {
namespace {

using Kind = ContactSend::Kind;

/// A newcomer; the test is the server.
struct BootstrapTest : testing::Test {
  BootstrapTest() {
    connector.hooks = {
        .failed = [](const PeerId&, bool, Error) {},
        .offer_failed = [](const PeerId&) {},
        .has_room = [](const PeerId&, bool) { return true; },
        .contact_failed = [this](LinkId link, Error) { bootstrap.attempt_failed(link); },
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

  Side side;
  Envelopes envelopes{side.context, side.links, side.router};
  Connector connector{side.context, side.links, side.map, envelopes};
  Bootstrap bootstrap{side.context, side.links, connector};
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

TEST_F(BootstrapTest, AFailedOfferIsFollowedByANewConnection) {
  bootstrap.contact_opened();
  describe();
  bootstrap.failed(last_offer());
  EXPECT_EQ(connector.size(), 0u);
  EXPECT_LE(wait(), limits::contact_retry_min_ms);
  EXPECT_EQ(side.all<OpenConnection>().size(), 2u);
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
  EXPECT_EQ(bootstrap.next_timeout(), never);
  EXPECT_EQ(sent(Kind::ready).size(), 1u);
  bootstrap.contact_closed();
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
  EXPECT_EQ(bootstrap.next_timeout(), never);
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

}  // namespace
}  // namespace membrane::test
