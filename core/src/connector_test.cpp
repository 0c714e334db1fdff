#include "connector.h"

#include <gtest/gtest.h>

#include <set>

#include "sdp.h"
#include "side.h"

namespace membrane::test {
namespace {

/// We are 5, with a link to 2. Behind it live 4, whose id is lower than ours, and 8, whose is
/// higher; 9 is unknown.
struct ConnectorTest : testing::Test {
  ConnectorTest() {
    envelopes.hooks = {
        .signal = [this](
                      const PeerId& from, Signal&& signal,
                      std::uint64_t trail) { connector.receive(from, std::move(signal), trail); },
        .failed = [this](const PeerId& target,
                         std::uint64_t trail) { connector.envelope_failed(target, trail); },
    };
    connector.hooks = {
        .failed =
            [this](const PeerId& peer, bool application, Error reason) {
              failed.push_back({peer, application, reason});
            },
        .late = [this](const PeerId& peer, const Key&) { late_ones.push_back(peer); },
        .agreed = [this](const PeerId& peer) { agreed.push_back(peer); },
        .offer_failed = [this](const PeerId& peer) { offers_failed.push_back(peer); },
        .has_room = [this](const PeerId&, bool) { return room; },
        .seek_member =
            [this](Position place, Callback<void(bool)> done) {
              sought.push_back({place, std::move(done)});
            },
        .contact_failed = [this](LinkId link, bool) { contacts_failed.push_back(link); },
    };
    side.links.hooks.abandoned = [this](const Link& link, Error reason) {
      connector.link_abandoned(link, reason);
    };
    side.links.hooks.up = [this](Link& link) { connector.link_up(link); };
    to_two = side.link_up(2).id;
    side.know(2, {4, 5, 8});
    side.know(4, {2});
    side.know(8, {2});
    side.forget();
  }

  LinkId opened_link() { return side.all<OpenConnection>().back().link; }
  /// Offers a connection to `who`, described and under way.
  LinkId offer_to(std::uint8_t who, bool application = true, bool session = false) {
    EXPECT_EQ(connector.open(peer_of(who), application, session), Error::none);
    const LinkId link = opened_link();
    connector.local_description(link, sdp_of());
    side.work();
    return link;
  }
  /// The signals that left for others, in order.
  std::vector<Signal> signals() {
    std::vector<Signal> out;
    for (const Envelope& envelope : side.sent<Envelope>(to_two))
      out.push_back(side.opened(envelope));
    return out;
  }
  Signal offer_from(std::uint8_t, std::uint64_t attempt, bool session = false) {
    Signal signal;
    signal.attempt = attempt;
    signal.session = session;
    signal.application = true;
    signal.sdp = sdp_of(9);
    return signal;
  }
  Signal reply(Signal::Kind kind, std::uint64_t attempt) {
    Signal signal;
    signal.kind = kind;
    signal.attempt = attempt;
    if (kind == Signal::Kind::answer) signal.sdp = sdp_of(9);
    return signal;
  }
  void receive(std::uint8_t from, Signal signal) {
    connector.receive(peer_of(from), std::move(signal), 0);
    side.work();
  }
  void pass(TimeMs duration_ms) {
    side.context.now += duration_ms;
    connector.tick();
    side.work();
  }

  struct Failure {
    PeerId peer;
    bool application;
    Error reason;
  };

  Side side{5};
  Envelopes envelopes{side.context, side.links, side.router};
  Connector connector{side.context, side.links, side.map, envelopes};
  LinkId to_two = 0;
  bool room = true;
  std::vector<Failure> failed;
  std::vector<PeerId> offers_failed;
  std::vector<PeerId> late_ones;
  std::vector<PeerId> agreed;
  std::vector<LinkId> contacts_failed;
  struct Sought {
    Position place;
    Callback<void(bool)> done;
  };
  std::vector<Sought> sought;
};

// ---- Offering -----------------------------------------------------------------------------------

TEST_F(ConnectorTest, AnOfferLeavesWithTheDescriptionAndCandidatesFollow) {
  const LinkId link = offer_to(8, true, true);
  ASSERT_EQ(signals().size(), 1u);
  const Signal offer = signals()[0];
  EXPECT_EQ(offer.kind, Signal::Kind::offer);
  EXPECT_TRUE(offer.session && offer.application);
  EXPECT_EQ(offer.sdp, sdp_of());
  connector.local_candidate(link, "one");
  // These gather while the first is being signed and sealed, and leave together.
  connector.local_candidate(link, "two");
  connector.local_candidate(link, "three");
  ASSERT_EQ(signals().size(), 3u);
  EXPECT_EQ(signals()[1].candidates, std::vector<std::string>{"one"});
  EXPECT_EQ(signals()[2].candidates, (std::vector<std::string>{"two", "three"}));
  EXPECT_EQ(signals()[2].attempt, offer.attempt);
}

TEST_F(ConnectorTest, OpenSaysWhyNot) {
  EXPECT_EQ(connector.open(peer_of(9), true, false), Error::unreachable);
  EXPECT_EQ(connector.open(peer_of(8), true, false), Error::none);
  EXPECT_EQ(connector.open(peer_of(8), true, false), Error::busy);
  room = false;
  EXPECT_EQ(connector.open(peer_of(4), true, false), Error::full);
  EXPECT_EQ(connector.outgoing(true), 1u);
  EXPECT_EQ(connector.outgoing(false), 0u);
}

TEST_F(ConnectorTest, AnOfferThatIsNotAnsweredIsSentAgainOverANewTrailAndThenGivenUp) {
  offer_to(8);
  const TimeMs end = side.context.now + limits::connect_timeout_ms;
  std::vector<TimeMs> sent_at;
  while (connector.next_timeout() < end) {
    sent_at.push_back(connector.next_timeout() - side.context.now);
    pass(sent_at.back());
  }
  ASSERT_EQ(sent_at.size(), 4u);
  EXPECT_EQ(sent_at[0], limits::offer_resend_ms);
  for (std::size_t i = 1; i < sent_at.size(); ++i)
    EXPECT_EQ(sent_at[i], sent_at[i - 1] + sent_at[i - 1] / 2);
  std::set<std::uint64_t> trails;
  for (const Envelope& envelope : side.sent<Envelope>(to_two)) {
    trails.insert(envelope.course.trail);
    EXPECT_EQ(side.opened(envelope).attempt, signals()[0].attempt);
  }
  EXPECT_EQ(trails.size(), 5u);
  pass(end - side.context.now - 1);
  EXPECT_TRUE(failed.empty());
  pass(1);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].reason, Error::timed_out);
  EXPECT_EQ(signals().size(), 5u);
  EXPECT_EQ(connector.size(), 0u);
  EXPECT_EQ(side.all<CloseConnection>().size(), 1u);
}

TEST_F(ConnectorTest, AFailedEnvelopeBringsTheNextTryForward) {
  offer_to(8);
  const std::uint64_t trail = side.sent<Envelope>(to_two).at(0).course.trail;
  connector.envelope_failed(peer_of(8), trail + 1);
  connector.envelope_failed(peer_of(4), trail);
  EXPECT_EQ(connector.next_timeout(), side.context.now + limits::offer_resend_ms);
  connector.envelope_failed(peer_of(8), trail);
  EXPECT_LT(connector.next_timeout(), side.context.now + limits::offer_resend_ms);
  pass(connector.next_timeout() - side.context.now);
  EXPECT_EQ(signals().size(), 2u);
  EXPECT_TRUE(failed.empty());
}

TEST_F(ConnectorTest, AnOfferThatCameBackFromAllSidesIsGivenUp) {
  offer_to(8);
  std::size_t tries = 0;
  for (; failed.empty() && tries < 20; ++tries) {
    connector.envelope_failed(peer_of(8), side.sent<Envelope>(to_two).back().course.trail);
    if (failed.empty()) pass(connector.next_timeout() - side.context.now);
  }
  EXPECT_GE(tries, 3u);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].reason, Error::unreachable);
}

TEST_F(ConnectorTest, CandidatesFollowTheTrailOfTheirOffer) {
  const LinkId link = offer_to(8);
  connector.local_candidate(link, "one");
  const auto sent = side.sent<Envelope>(to_two);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[1].course.trail, sent[0].course.trail);
  EXPECT_FALSE(sent[1].course.back);
}

TEST_F(ConnectorTest, AnAnswerGoesBackAlongTheTrailOfItsOffer) {
  const Signal offer = offer_from(9, 100);  // in no map
  envelopes.receive(
      *side.links.find(to_two),
      {peer_of(5), peer_of(9), {.hops_left = 3, .trail = 66}, side.sealed_by(9, offer, 9)});
  side.work();
  connector.local_description(side.all<AcceptOffer>().at(0).link, sdp_of());
  const auto sent = side.sent<Envelope>(to_two);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].course.trail, 66u);
  EXPECT_TRUE(sent[0].course.back);
}

TEST_F(ConnectorTest, ADescriptionThatCannotBeReadEndsTheAttempt) {
  connector.open(peer_of(8), true, false);
  connector.local_description(opened_link(), "nonsense");
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].reason, Error::malformed);
}

TEST_F(ConnectorTest, AnAnswerIsAppliedOnceWithItsCandidates) {
  const LinkId link = offer_to(8, true, true);
  Signal answer = reply(Signal::Kind::answer, signals()[0].attempt);
  answer.session = true;
  answer.candidates = {"a", "b"};
  receive(8, answer);
  ASSERT_EQ(side.all<ApplyAnswer>().size(), 1u);
  EXPECT_EQ(side.all<ApplyAnswer>()[0].sdp, sdp_of(9));
  EXPECT_EQ(side.all<AddCandidate>().size(), 2u);
  EXPECT_TRUE(side.links.find(link)->consented);
  receive(8, answer);
  receive(4, answer);  // nobody asked 4
  EXPECT_EQ(side.all<ApplyAnswer>().size(), 1u);
  EXPECT_EQ(side.rejected(Error::unknown_request), 2u);
}

TEST_F(ConnectorTest, AnAnswerOfGarbageEndsTheAttempt) {
  offer_to(8);
  Signal answer = reply(Signal::Kind::answer, signals()[0].attempt);
  answer.sdp = "nonsense";
  receive(8, answer);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].reason, Error::malformed);
}

TEST_F(ConnectorTest, ARefusalEndsTheAttemptWithItsReason) {
  offer_to(8);
  Signal refusal = reply(Signal::Kind::refuse, signals()[0].attempt);
  refusal.reason = Error::busy;
  receive(4, refusal);
  EXPECT_TRUE(failed.empty());
  receive(8, refusal);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].reason, Error::busy);
}

TEST_F(ConnectorTest, CandidatesAreBoundedBothWays) {
  const LinkId link = offer_to(8);
  for (std::size_t i = 0; i < limits::candidates_max + 5; ++i)
    connector.local_candidate(link, "candidate");
  connector.local_candidate(link, std::string(limits::candidate_size_max + 1, 'c'));
  EXPECT_EQ(side.rejected(Error::full), 6u);
  Signal theirs = reply(Signal::Kind::candidates, signals()[0].attempt);
  theirs.candidates.assign(limits::candidates_max, "theirs");
  receive(8, theirs);
  receive(8, theirs);
  EXPECT_EQ(side.all<AddCandidate>().size(), limits::candidates_max);
}

// ---- Answering ----------------------------------------------------------------------------------

TEST_F(ConnectorTest, AnOfferIsAnsweredToItsSealingKey) {
  receive(8, offer_from(8, 100));
  ASSERT_EQ(side.all<AcceptOffer>().size(), 1u);
  const LinkId link = side.all<AcceptOffer>()[0].link;
  connector.local_description(link, sdp_of());
  connector.local_candidate(link, "mine");
  const auto sent = signals();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].kind, Signal::Kind::answer);
  EXPECT_EQ(sent[0].attempt, 100u);
  EXPECT_EQ(sent[1].candidates, std::vector<std::string>{"mine"});
}

TEST_F(ConnectorTest, TheSameOfferAgainGetsTheSameAnswerAgain) {
  receive(8, offer_from(8, 100));
  connector.local_description(side.all<AcceptOffer>()[0].link, sdp_of());
  receive(8, offer_from(8, 100));
  EXPECT_EQ(side.all<AcceptOffer>().size(), 1u);
  ASSERT_EQ(signals().size(), 2u);
  EXPECT_EQ(signals()[1].kind, Signal::Kind::answer);
  EXPECT_EQ(side.rejected(Error::duplicate), 1u);
}

TEST_F(ConnectorTest, AnOlderOfferIsNoNewsEvenWhenTheLaterOneIsOver) {
  receive(8, offer_from(8, 100));
  pass(limits::connect_timeout_ms);
  EXPECT_EQ(offers_failed, std::vector{peer_of(8)});
  receive(8, offer_from(8, 99));
  receive(8, offer_from(8, 100));
  EXPECT_EQ(side.all<AcceptOffer>().size(), 1u);
  receive(8, offer_from(8, 101));
  EXPECT_EQ(side.all<AcceptOffer>().size(), 2u);
}

TEST_F(ConnectorTest, CandidatesThatOvertakeTheirOfferWait) {
  Signal early = reply(Signal::Kind::candidates, 100);
  early.candidates = {"early"};
  receive(8, early);
  receive(8, offer_from(8, 100));
  ASSERT_EQ(side.all<AddCandidate>().size(), 1u);
  EXPECT_EQ(side.all<AddCandidate>()[0].candidate, "early");
}

TEST_F(ConnectorTest, CandidatesWithoutAnOfferAreForgotten) {
  Signal early = reply(Signal::Kind::candidates, 100);
  early.candidates = {"early"};
  for (int i = 0; i < 100; ++i) receive(8, early);
  EXPECT_GT(side.rejected(Error::full), 0u);
  pass(5'000);
  EXPECT_EQ(connector.next_timeout(), never);
  receive(8, offer_from(8, 100));
  EXPECT_TRUE(side.all<AddCandidate>().empty());
}

TEST_F(ConnectorTest, AnOfferOfGarbageAndOneWithoutRoomAreRefused) {
  Signal garbage = offer_from(8, 100);
  garbage.sdp = "nonsense";
  receive(8, garbage);
  room = false;
  receive(8, offer_from(8, 101));
  const auto sent = signals();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].reason, Error::malformed);
  EXPECT_EQ(sent[1].reason, Error::full);
  EXPECT_EQ(sent[1].attempt, 101u);
  EXPECT_EQ(connector.size(), 0u);
}

TEST_F(ConnectorTest, MoreIncomingAttemptsThanTheLimitAreBusy) {
  for (std::uint8_t who = 100; who < 100 + limits::incoming_attempts_max; ++who)
    receive(who, offer_from(who, 100));
  EXPECT_EQ(connector.size(), limits::incoming_attempts_max);
  receive(8, offer_from(8, 100));
  EXPECT_EQ(connector.size(), limits::incoming_attempts_max);
  EXPECT_EQ(signals().back().reason, Error::busy);
}

/// Each costs the host a connection, and a tab has few.
TEST_F(ConnectorTest, OffersOfOthersArePaced) {
  std::uint64_t attempt = 100;
  const auto offer_and_give_up = [&] {
    receive(8, offer_from(8, ++attempt));
    const auto taken = side.all<AcceptOffer>();
    for (const AcceptOffer& accept : taken) side.links.close(accept.link, Error::closed);
    side.forget();
    return taken.size();
  };
  for (std::uint64_t i = 0; i < limits::incoming_burst; ++i) EXPECT_EQ(offer_and_give_up(), 1u);
  receive(8, offer_from(8, ++attempt));
  EXPECT_EQ(signals().back().reason, Error::busy);
  EXPECT_EQ(connector.size(), 0u);
  side.forget();
  pass(limits::incoming_interval_ms);
  EXPECT_EQ(offer_and_give_up(), 1u);
  EXPECT_EQ(offer_and_give_up(), 0u);
}

/// Whoever floods with offers cannot keep the application busy with questions either.
TEST_F(ConnectorTest, QuestionsAboutOffersArePacedToo) {
  for (std::uint64_t i = 0; i < 2 * limits::incoming_burst; ++i) {
    receive(8, offer_from(8, 100 + i, true));
    const auto asked = side.all<Asked>();
    EXPECT_EQ(asked.size(), i < limits::incoming_burst ? 1u : 0u) << i;
    for (const Asked& question : asked) connector.answer(question.request, false);
    side.work();
    side.forget();
  }
}

// ---- The application's word ---------------------------------------------------------------------

TEST_F(ConnectorTest, ASessionIsAskedForAndAnsweredOnce) {
  receive(8, offer_from(8, 100, true));
  ASSERT_EQ(side.all<Asked>().size(), 1u);
  EXPECT_TRUE(side.all<Asked>()[0].session);
  EXPECT_EQ(connector.size(), 0u);
  const RequestId request = side.all<Asked>()[0].request;
  Signal late = reply(Signal::Kind::candidates, 100);
  late.candidates = {"found while we think"};
  receive(8, late);
  EXPECT_EQ(connector.answer(request, true), Error::none);
  EXPECT_EQ(connector.answer(request, true), Error::unknown_request);
  ASSERT_EQ(side.all<AcceptOffer>().size(), 1u);
  EXPECT_TRUE(side.links.find(side.all<AcceptOffer>()[0].link)->consented);
  EXPECT_EQ(side.all<AddCandidate>().size(), 1u);
}

TEST_F(ConnectorTest, ANoIsARefusal) {
  receive(8, offer_from(8, 100, true));
  connector.answer(side.all<Asked>()[0].request, false);
  ASSERT_EQ(signals().size(), 1u);
  EXPECT_EQ(signals()[0].kind, Signal::Kind::refuse);
  EXPECT_EQ(signals()[0].reason, Error::refused);
  EXPECT_EQ(offers_failed.size(), 1u);
}

TEST_F(ConnectorTest, ANewerOfferTakesThePlaceOfTheOneThatIsThoughtAbout) {
  receive(8, offer_from(8, 100, true));
  receive(8, offer_from(8, 101, true));
  ASSERT_EQ(side.all<Asked>().size(), 1u);
  connector.answer(side.all<Asked>()[0].request, true);
  connector.local_description(side.all<AcceptOffer>().at(0).link, sdp_of());
  EXPECT_EQ(signals().at(0).attempt, 101u);
}

TEST_F(ConnectorTest, AnApplicationThatDoesNotAnswerHasRefused) {
  receive(8, offer_from(8, 100, true));
  EXPECT_EQ(connector.next_timeout(), side.context.now + limits::asked_timeout_ms);
  pass(limits::asked_timeout_ms);
  EXPECT_EQ(signals().at(0).kind, Signal::Kind::refuse);
  EXPECT_EQ(connector.next_timeout(), never);
}

TEST_F(ConnectorTest, MoreQuestionsThanTheLimitAreBusy) {
  for (std::uint8_t who = 100; who < 100 + limits::asked_max; ++who)
    receive(who, offer_from(who, 100, true));
  receive(8, offer_from(8, 100, true));
  EXPECT_EQ(side.all<Asked>().size(), limits::asked_max);
  EXPECT_EQ(signals().back().reason, Error::busy);
}

TEST_F(ConnectorTest, ToWantWhatOneIsAskedForIsToAgree) {
  receive(8, offer_from(8, 100, true));
  EXPECT_EQ(connector.open(peer_of(8), true, false), Error::none);  // a link is less than asked for
  EXPECT_EQ(side.all<AcceptOffer>().size(), 0u);
  pass(limits::connect_timeout_ms);
  EXPECT_EQ(connector.open(peer_of(8), true, true), Error::none);
  EXPECT_EQ(side.all<AcceptOffer>().size(), 1u);
}

// ---- Offers that cross --------------------------------------------------------------------------

TEST_F(ConnectorTest, OfTwoThatCrossTheLowerIdsCounts) {
  offer_to(8);
  receive(8, offer_from(8, 100));
  EXPECT_TRUE(side.all<AcceptOffer>().empty());  // 8 will answer ours
  EXPECT_EQ(side.rejected(Error::duplicate), 1u);
  const LinkId ours = offer_to(4);
  receive(4, offer_from(4, 100));
  EXPECT_EQ(side.all<AcceptOffer>().size(), 1u);
  EXPECT_EQ(side.links.find(ours), nullptr);
  EXPECT_TRUE(failed.empty());  // who wished for ours gets theirs
}

TEST_F(ConnectorTest, SessionsThatCrossAreAgreedOn) {
  offer_to(4, true, true);
  receive(4, offer_from(4, 100, true));
  EXPECT_TRUE(side.all<Asked>().empty());
  EXPECT_EQ(side.all<AcceptOffer>().size(), 1u);
}

TEST_F(ConnectorTest, AnOfferOverAYoungLinkHasCrossedItAndOverAnOldOneReplacesIt) {
  receive(2, offer_from(2, 100));
  EXPECT_EQ(side.rejected(Error::duplicate), 1u);
  EXPECT_NE(side.links.find(to_two), nullptr);
  side.context.now += 60'000;
  receive(2, offer_from(2, 101));
  EXPECT_EQ(side.links.find(to_two), nullptr);
  EXPECT_EQ(side.all<AcceptOffer>().size(), 1u);
}

TEST_F(ConnectorTest, ALinkThatComesUpEndsTheOtherAttemptsForItsPeer) {
  const LinkId ours = offer_to(8);
  Link& other = side.links.create(false, peer_of(8));
  side.prove(other.id, 8);
  EXPECT_EQ(side.links.find(ours), nullptr);
  EXPECT_EQ(connector.size(), 0u);
  EXPECT_TRUE(failed.empty());
}

// ---- Through the server -------------------------------------------------------------------------

TEST_F(ConnectorTest, AnOfferThroughTheServerCarriesItsCandidatesOneByOne) {
  const LinkId link = connector.open_contact();
  connector.local_candidate(link, "before the description");
  connector.local_description(link, sdp_of());
  connector.local_candidate(link, "after it");
  const auto sent = side.all<ContactSend>();
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[0].kind, ContactSend::Kind::offer);
  EXPECT_EQ(sent[1].text, "before the description");
  EXPECT_EQ(sent[2].kind, ContactSend::Kind::offer_candidate);
  EXPECT_EQ(connector.contact_link(sent[0].request), link);
  EXPECT_EQ(connector.contact_link(sent[0].request + 1), 0u);
}

TEST_F(ConnectorTest, ItsAnswerIsAppliedOnceAndSaidToBeDoneWhenTheLinkIsUp) {
  const LinkId link = connector.open_contact();
  connector.local_description(link, sdp_of());
  const RequestId request = side.all<ContactSend>()[0].request;
  connector.contact_answer(request + 1, sdp_of(9));
  connector.contact_answer(request, sdp_of(9));
  connector.contact_answer(request, sdp_of(9));
  connector.contact_answer_candidate(request, "theirs");
  EXPECT_TRUE(connector.is_answered(link));
  EXPECT_EQ(side.all<ApplyAnswer>().size(), 1u);
  EXPECT_EQ(side.all<AddCandidate>().size(), 1u);
  EXPECT_EQ(side.rejected(Error::unknown_request), 2u);
  side.prove(link, 9);
  EXPECT_EQ(side.all<ContactSend>().back().kind, ContactSend::Kind::done);
}

TEST_F(ConnectorTest, AnAnswerOfGarbageIsReportedAndSoIsOneThatLeadsNowhere) {
  const LinkId link = connector.open_contact();
  connector.local_description(link, sdp_of());
  const RequestId request = side.all<ContactSend>()[0].request;
  connector.contact_answer(request, "nonsense");
  EXPECT_EQ(side.all<ContactSend>().back().kind, ContactSend::Kind::report);
  EXPECT_FALSE(connector.is_answered(link));
  connector.contact_answer(request, sdp_of(9));
  side.forget();
  pass(limits::connect_timeout_ms);
  ASSERT_EQ(side.all<ContactSend>().size(), 1u);
  EXPECT_EQ(side.all<ContactSend>()[0].kind, ContactSend::Kind::report);
  EXPECT_EQ(contacts_failed, std::vector{link});
}

TEST_F(ConnectorTest, AParkedOfferHasNoDeadlineAndIsOfferedAgainUnderANewNumber) {
  const LinkId link = connector.open_contact();
  connector.local_description(link, sdp_of());
  connector.local_candidate(link, "candidate");
  const RequestId before = side.all<ContactSend>()[0].request;
  connector.park(link);
  EXPECT_EQ(connector.next_timeout(), never);
  pass(10 * limits::connect_timeout_ms);
  side.forget();
  connector.offer_again(link);
  const auto sent = side.all<ContactSend>();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_GT(sent[0].request, before);
  EXPECT_EQ(sent[1].text, "candidate");
  EXPECT_NE(connector.next_timeout(), never);
}

TEST_F(ConnectorTest, ARequestFromTheServerIsAnswered) {
  connector.contact_request(7, sdp_of(9));
  connector.contact_request_candidate(7, "theirs");
  connector.contact_request_candidate(8, "of nothing");
  ASSERT_EQ(side.all<AcceptOffer>().size(), 1u);
  EXPECT_EQ(side.all<AddCandidate>().size(), 1u);
  const LinkId link = side.all<AcceptOffer>()[0].link;
  connector.local_description(link, sdp_of());
  connector.local_candidate(link, "ours");
  const auto sent = side.all<ContactSend>();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].kind, ContactSend::Kind::answer);
  EXPECT_EQ(sent[0].request, 7u);
  EXPECT_EQ(sent[1].kind, ContactSend::Kind::answer_candidate);
}

TEST_F(ConnectorTest, WhoNamesAMemberOfOursIsInOurNetworkAndRefused) {
  const Position self = side.context.self;
  const Position member = peer_of(2).position();
  const Position stranger = peer_of(9).position();
  side.link_up(2);
  side.know(2, {1});
  side.know(9, {8});  // heard of, but not to be reached
  connector.contact_request(1, sdp_with_known(sdp_of(9), member));
  connector.contact_request(2, sdp_with_known(sdp_of(9), self));
  EXPECT_TRUE(side.all<AcceptOffer>().empty());
  EXPECT_EQ(side.rejected(Error::refused), 2u);
  ASSERT_EQ(side.all<ContactSend>().size(), 2u);
  EXPECT_EQ(side.all<ContactSend>()[0].kind, ContactSend::Kind::refuse);
  EXPECT_EQ(side.all<ContactSend>()[1].request, 2u);
  connector.contact_request(3, sdp_with_known(sdp_of(9), stranger));
  EXPECT_EQ(side.all<AcceptOffer>().size(), 1u);
  EXPECT_TRUE(sought.empty());  // a whole map knows
}

/// Where maps are not whole: we know our neighbours, and 9 may be a member or not.
struct DoubtTest : ConnectorTest {
  DoubtTest() {
    side.map.adopt_scope(false);
    side.tell_map();
    side.forget();
  }

  void request(RequestId ticket, std::uint8_t known = 9) {
    connector.contact_request(ticket, sdp_with_known(sdp_of(9), peer_of(known).position()));
  }
  std::size_t accepted() { return side.all<AcceptOffer>().size(); }
  std::vector<RequestId> refused() {
    std::vector<RequestId> out;
    for (const ContactSend& sent : side.all<ContactSend>()) {
      if (sent.kind == ContactSend::Kind::refuse) out.push_back(sent.request);
    }
    return out;
  }
};

TEST_F(DoubtTest, WhoNamesAStrangerIsRefusedWhenTheNetworkFindsIt) {
  request(7);
  ASSERT_EQ(sought.size(), 1u);
  EXPECT_EQ(sought[0].place, peer_of(9).position());
  EXPECT_EQ(accepted() + refused().size(), 0u);
  sought[0].done(true);
  EXPECT_EQ(refused(), std::vector<RequestId>{7});
  EXPECT_EQ(side.rejected(Error::refused), 1u);
  EXPECT_EQ(connector.next_timeout(), never);
  pass(limits::contact_doubt_ms);
  EXPECT_EQ(accepted(), 0u);
}

TEST_F(DoubtTest, WhoNamesAStrangerIsAcceptedWhenTheNetworkHasNobodyThere) {
  request(7);
  sought[0].done(false);
  EXPECT_EQ(accepted(), 1u);
  EXPECT_TRUE(refused().empty());
  sought[0].done(true);  // it is decided
  pass(limits::contact_doubt_ms);
  EXPECT_EQ(accepted(), 1u);
  EXPECT_TRUE(refused().empty());
}

TEST_F(DoubtTest, ASearchThatTakesTooLongIsNotWaitedFor) {
  request(7);
  EXPECT_EQ(connector.next_timeout(), side.context.now + limits::contact_doubt_ms);
  pass(limits::contact_doubt_ms - 1);
  EXPECT_EQ(accepted(), 0u);
  pass(1);
  EXPECT_EQ(accepted(), 1u);
  sought[0].done(true);
  EXPECT_EQ(accepted(), 1u);
  EXPECT_TRUE(refused().empty());
}

TEST_F(DoubtTest, AnAnswerAtOnceDecidesAtOnce) {
  connector.hooks.seek_member = [](Position, Callback<void(bool)> done) { done(true); };
  request(7);
  EXPECT_EQ(refused(), std::vector<RequestId>{7});
  EXPECT_EQ(connector.next_timeout(), never);
}

TEST_F(DoubtTest, CandidatesThatComeMeanwhileAreKeptForTheirOffer) {
  request(7);
  request(8);
  for (std::size_t i = 0; i < limits::candidates_max + 5; ++i)
    connector.contact_request_candidate(7, "of seven " + std::to_string(i));
  connector.contact_request_candidate(8, "of eight");
  EXPECT_TRUE(side.all<AddCandidate>().empty());
  sought[1].done(false);
  ASSERT_EQ(side.all<AddCandidate>().size(), 1u);
  EXPECT_EQ(side.all<AddCandidate>()[0].candidate, "of eight");
  EXPECT_EQ(side.all<AddCandidate>()[0].link, side.all<AcceptOffer>().at(0).link);
  sought[0].done(false);
  EXPECT_EQ(side.all<AddCandidate>().size(), 1 + limits::candidates_max);
  EXPECT_EQ(side.all<AddCandidate>()[1].candidate, "of seven 0");
  connector.contact_request_candidate(8, "after it");
  EXPECT_EQ(side.all<AddCandidate>().back().candidate, "after it");
}

TEST_F(DoubtTest, MoreThanTheLimitAreBusyUntilOneIsDecided) {
  for (RequestId ticket = 1; ticket <= limits::contact_doubts_max; ++ticket) request(ticket);
  EXPECT_TRUE(refused().empty());
  request(100);
  EXPECT_EQ(refused(), std::vector<RequestId>{100});
  EXPECT_EQ(side.rejected(Error::busy), 1u);
  EXPECT_EQ(sought.size(), limits::contact_doubts_max);
  sought[3].done(true);
  request(101);
  EXPECT_EQ(sought.size(), limits::contact_doubts_max + 1);
  pass(limits::contact_doubt_ms);
  EXPECT_EQ(accepted(), limits::contact_doubts_max);
  EXPECT_EQ(connector.size(), limits::contact_doubts_max);
}

TEST_F(DoubtTest, WithoutRoomAnAcceptedOneIsRefusedInTheEnd) {
  request(7);
  room = false;
  sought[0].done(false);
  EXPECT_EQ(refused(), std::vector<RequestId>{7});
  EXPECT_EQ(accepted(), 0u);
}

TEST_F(DoubtTest, AboutAMemberWhomWeSeeOrOneWhoNamesNobodyThereIsNone) {
  request(7, 2);  // our neighbour
  request(8, 4);  // its neighbour
  EXPECT_EQ(refused(), (std::vector<RequestId>{7, 8}));
  connector.contact_request(9, sdp_of(9));
  EXPECT_EQ(accepted(), 1u);
  EXPECT_TRUE(sought.empty());
}

TEST_F(ConnectorTest, ARequestOfGarbageATwiceUsedTicketAndOneWithoutRoomAreRefused) {
  connector.contact_request(7, "nonsense");
  connector.contact_request(8, sdp_of(9));
  connector.contact_request(8, sdp_of(9));
  room = false;
  connector.contact_request(9, sdp_of(9));
  std::vector<RequestId> refused;
  for (const ContactSend& sent : side.all<ContactSend>()) {
    EXPECT_EQ(sent.kind, ContactSend::Kind::refuse);
    refused.push_back(sent.request);
  }
  EXPECT_EQ(refused, (std::vector<RequestId>{7, 8, 9}));
  EXPECT_EQ(connector.size(), 1u);
}

// ---- Where the link does not come ---------------------------------------------------------------

TEST_F(ConnectorTest, AnAnsweredAttemptWithoutALinkIsLateAgainAndAgain) {
  offer_to(4);
  pass(limits::relay_after_ms);
  EXPECT_TRUE(late_ones.empty());  // nobody has answered
  receive(4, reply(Signal::Kind::answer, signals().front().attempt));
  pass(limits::relay_after_ms - 1);
  EXPECT_TRUE(late_ones.empty());
  pass(1);
  EXPECT_EQ(late_ones, std::vector{peer_of(4)});
  pass(limits::relay_after_ms);
  EXPECT_EQ(late_ones.size(), 2u);
  pass(limits::connect_timeout_ms);
  EXPECT_EQ(connector.next_timeout(), never);
}

TEST_F(ConnectorTest, AnOfferThatWeAnsweredIsLateAsWell) {
  receive(8, offer_from(8, 100));
  pass(limits::relay_after_ms);
  EXPECT_EQ(late_ones, std::vector{peer_of(8)});
}

TEST_F(ConnectorTest, ASessionIsAgreedOnByOfferAndAnswer) {
  offer_to(4, true, true);
  Signal answer = reply(Signal::Kind::answer, signals().front().attempt);
  answer.session = true;
  receive(4, answer);
  EXPECT_EQ(agreed, std::vector{peer_of(4)});
  receive(8, offer_from(8, 100, true));
  EXPECT_EQ(agreed.size(), 1u);  // our application has not answered yet
  connector.answer(side.all<Asked>().back().request, true);
  EXPECT_EQ(agreed.back(), peer_of(8));
}

}  // namespace
}  // namespace membrane::test
