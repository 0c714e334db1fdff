#include "links.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "network.h"
#include "wire.h"

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;

Config config(std::uint8_t who) {
  Config out;
  out.id.bytes.fill(who);
  out.network = "net";
  out.seed.fill(who);
  return out;
}

/// One side of the links, with what it told the parts above it.
struct Side {
  explicit Side(std::uint8_t who) : context(config(who), start) {
    links.hooks = {
        .up = [this](Link& link) { up.push_back(link.id); },
        .down = [this](const Link&, Error reason) { down.push_back(reason); },
        .abandoned = [this](const Link&, Error reason) { abandoned.push_back(reason); },
        .message = [this](Link&, Message&& message) { messages.push_back(std::move(message)); },
        .application = [this](Link&, ByteView data) { application.emplace_back(data.size()); },
        .fresh = [] { return false; },
        .suspected = [this](const Link& link) { suspected.push_back(link.id); },
    };
  }

  Link& create(bool offerer, const std::optional<PeerId>& peer = {}) {
    Link& link = links.create(offerer, peer);
    link.local_fingerprint = Bytes(32, context.config.id.bytes[0]);
    return link;
  }
  void receive(const Bytes& frame, Channel channel = Channel::control) {
    links.received(1, channel, frame);
  }
  std::uint64_t rejected(Error reason) const {
    return context.rejected[static_cast<std::size_t>(reason)];
  }

  Context context;
  Links links{context};
  std::vector<LinkId> up;
  std::vector<Error> down;
  std::vector<Error> abandoned;
  std::vector<LinkId> suspected;
  std::vector<Message> messages;
  std::vector<std::size_t> application;
};

/// Two sides; their links carry the same number on both.
struct Pair {
  void connect(bool one_offers = true) {
    open(one_offers);
    carry();
  }

  void open(bool one_offers) {
    Link& a = one.create(one_offers);
    Link& b = two.create(!one_offers);
    a.remote_fingerprint = b.local_fingerprint;
    b.remote_fingerprint = a.local_fingerprint;
    one.links.opened(a.id);
    two.links.opened(b.id);
  }

  /// Until nothing is under way. Frames are lost while `passes` is false.
  void carry() {
    while (!one.context.outputs.empty() || !two.context.outputs.empty()) {
      carry(one, two);
      carry(two, one);
    }
  }

  void wait(TimeMs duration_ms) {
    one.context.now += duration_ms;
    two.context.now += duration_ms;
  }

  /// Waits until the first side wants to be looked after, which may be earlier than it need be.
  void look() {
    wait(one.links.next_timeout() - one.context.now);
    one.links.tick();
  }

  Side one{1};
  Side two{2};
  bool passes = true;
  bool signature_holds = true;
  bool two_is_backward = false;  ///< what it has to do at once it does in the wrong order
  std::size_t frames = 0;

 private:
  void carry(Side& from, Side& to) {
    auto outputs = std::exchange(from.context.outputs, {});
    const bool verifies = !outputs.empty() && std::holds_alternative<Verify>(outputs.front());
    if (two_is_backward && &from == &two && verifies) std::reverse(outputs.begin(), outputs.end());
    for (Output& output : outputs) {
      if (const auto* send = std::get_if<Send>(&output)) {
        ++frames;
        if (passes) to.links.received(send->link, send->channel, send->data);
      } else if (const auto* sign = std::get_if<Sign>(&output)) {
        const Signature signature = fake_sign(from.context.config.id, sign->data);
        from.context.jobs.finish(Jobs::Kind::sign, sign->job, true, signature);
      } else if (const auto* verify = std::get_if<Verify>(&output)) {
        const bool ok =
            signature_holds && fake_verify(verify->key, verify->data, verify->signature);
        from.context.jobs.finish(Jobs::Kind::verify, verify->job, ok, {});
      }
    }
  }
};

TEST(Links, TheHandshakeProvesBothSides) {
  Pair pair;
  pair.connect();
  EXPECT_EQ(pair.one.up, std::vector<LinkId>{1});
  EXPECT_EQ(pair.two.up, std::vector<LinkId>{1});
  ASSERT_NE(pair.one.links.to(config(2).id), nullptr);
  EXPECT_EQ(pair.one.links.to(config(2).id)->phase, Link::Phase::up);
  EXPECT_NE(pair.two.links.to(config(1).id), nullptr);
}

TEST(Links, AProofThatDoesNotHoldEndsTheLink) {
  Pair pair;
  pair.signature_holds = false;
  pair.connect();
  EXPECT_TRUE(pair.one.up.empty() && pair.two.up.empty());
  EXPECT_EQ(pair.one.abandoned, std::vector{Error::proof_failed});
  EXPECT_EQ(pair.one.rejected(Error::proof_failed), 1u);
}

TEST(Links, ANotCompletedHandshakeTimesOut) {
  Pair pair;
  pair.passes = false;
  pair.connect();
  EXPECT_EQ(pair.one.links.next_timeout(), start + limits::handshake_timeout_ms);
  pair.wait(limits::handshake_timeout_ms);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.abandoned, std::vector{Error::timed_out});
  EXPECT_EQ(pair.one.links.next_timeout(), never);
}

TEST(Links, ALinkWithoutFingerprintsIsNotProved) {
  Side side(1);
  side.links.opened(side.create(true).id);
  EXPECT_EQ(side.abandoned, std::vector{Error::not_ready});
}

TEST(Links, NobodyIsListenedToBeforeItsProof) {
  Pair pair;
  pair.passes = false;
  pair.connect();
  pair.one.receive(encode_message(SessionAsk{}));
  EXPECT_EQ(pair.one.abandoned, std::vector{Error::not_ready});
  EXPECT_TRUE(pair.one.messages.empty());
}

TEST(Links, ALongMessageTravelsInFragments) {
  Pair pair;
  pair.connect();
  pair.frames = 0;
  const Bytes statement(40'000, 7);
  pair.one.links.send(*pair.one.links.find(1), Push{statement});
  pair.carry();
  EXPECT_EQ(pair.frames, 3u);
  ASSERT_EQ(pair.two.messages.size(), 1u);
  EXPECT_EQ(std::get<Push>(pair.two.messages[0]).statement, statement);
}

TEST(Links, FragmentsHaveALimitTogether) {
  Pair pair;
  pair.connect();
  const Bytes part = Writer().integer(fragment_type).u8(0).raw(Bytes(16'000)).take();
  for (std::size_t sum = 16'000; sum <= limits::control_message_size_max; sum += 16'000)
    pair.one.receive(part);
  EXPECT_TRUE(pair.one.down.empty());
  pair.one.receive(part);
  EXPECT_EQ(pair.one.down, std::vector{Error::oversized});
}

TEST(Links, AnEmptyFragmentIsMalformed) {
  Pair pair;
  pair.connect();
  pair.one.receive(Writer().integer(fragment_type).u8(0).take());
  EXPECT_EQ(pair.one.down, std::vector{Error::malformed});
}

TEST(Links, AnOversizedFrameEndsTheLink) {
  Pair pair;
  pair.connect();
  pair.one.receive(Bytes(limits::frame_size_max), Channel::application);
  EXPECT_EQ(pair.one.application, std::vector{limits::frame_size_max});
  pair.one.receive(Bytes(limits::frame_size_max + 1), Channel::application);
  EXPECT_EQ(pair.one.down, std::vector{Error::oversized});
  pair.carry();
  EXPECT_EQ(pair.two.down, std::vector{Error::goodbye});
}

TEST(Links, AMessageOfALaterVersionIsSkipped) {
  Pair pair;
  pair.connect();
  pair.one.receive(Writer().integer(16'000).raw(Bytes(10)).take());
  EXPECT_TRUE(pair.one.down.empty() && pair.one.messages.empty());
}

TEST(Links, SilenceIsAnsweredWithAPing) {
  Pair pair;
  pair.connect();
  pair.look();
  EXPECT_EQ(pair.one.links.next_timeout(), start + limits::ping_after_ms);
  pair.wait(start + limits::ping_after_ms - 1 - pair.one.context.now);
  pair.one.links.tick();
  EXPECT_TRUE(pair.one.context.outputs.empty());
  pair.wait(1);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.context.outputs.size(), 1u);
  pair.wait(50);
  pair.carry();
  EXPECT_EQ(pair.one.links.find(1)->round_trip.mean_ms(), (7 * 1 + 50) / 8);
  const TimeMs heard = pair.one.context.now;
  pair.look();
  EXPECT_EQ(pair.one.links.next_timeout(), heard + limits::ping_after_ms);
}

TEST(Links, WhoeverStaysSilentIsGivenUp) {
  Pair pair;
  pair.connect();
  pair.passes = false;
  pair.wait(limits::ping_after_ms);
  pair.one.links.tick();
  pair.wait(limits::patience_min_ms);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.links.next_timeout(), start + limits::silence_max_ms);
  pair.wait(limits::silence_max_ms - limits::ping_after_ms - limits::patience_min_ms - 1);
  pair.one.links.tick();
  EXPECT_TRUE(pair.one.down.empty());
  pair.wait(1);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.down, std::vector{Error::silent});
  EXPECT_TRUE(pair.one.links.up().empty());
}

TEST(Links, AProbeThatIsAnsweredKeepsTheLink) {
  Pair pair;
  pair.connect();
  pair.wait(100'000);  // both slept
  pair.one.links.probe_all();
  pair.carry();
  pair.one.links.tick();
  EXPECT_TRUE(pair.one.down.empty());
  EXPECT_EQ(pair.one.links.find(1)->probe_until, 0u);
}

TEST(Links, AProbeThatIsNotAnsweredEndsIt) {
  Pair pair;
  pair.connect();
  pair.passes = false;
  pair.one.links.probe_all();
  pair.carry();
  pair.wait(limits::patience_min_ms);
  pair.one.links.tick();
  EXPECT_TRUE(pair.one.links.find(1)->is_suspect());
  EXPECT_EQ(pair.one.links.next_timeout(), start + limits::probe_ms);
  pair.wait(limits::probe_ms - limits::patience_min_ms);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.down, std::vector{Error::silent});
}

TEST(Links, AProbeThatIsRepeatedIsAnsweredNoLater) {
  Pair pair;
  pair.connect();
  pair.passes = false;
  pair.one.links.probe_all();
  pair.wait(limits::probe_ms - 1);
  pair.one.links.probe_all();
  pair.wait(1);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.down, std::vector{Error::silent});
}

TEST(Links, AProbeThatWasSleptThroughIsMadeAnew) {
  Pair pair;
  pair.connect();
  pair.one.links.probe_all();
  pair.wait(100'000);
  pair.one.links.probe_all();
  pair.one.links.tick();
  EXPECT_TRUE(pair.one.down.empty());
}

TEST(Links, TheRoundTripIsKnownFromTheStart) {
  Pair pair;
  pair.connect();
  EXPECT_TRUE(pair.one.links.find(1)->round_trip.is_known());
  EXPECT_TRUE(pair.two.links.find(1)->round_trip.is_known());
}

TEST(Links, APingThatIsNotAnsweredMakesTheLinkSuspect) {
  Pair pair;
  pair.connect();
  pair.passes = false;
  pair.wait(limits::ping_after_ms);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.links.next_timeout(), pair.one.context.now + limits::patience_min_ms);
  pair.wait(limits::patience_min_ms - 1);
  pair.one.links.tick();
  EXPECT_FALSE(pair.one.links.find(1)->is_suspect());
  pair.wait(1);
  pair.one.links.tick();
  EXPECT_TRUE(pair.one.links.find(1)->is_suspect());
  EXPECT_EQ(pair.one.suspected, std::vector<LinkId>{1});
  EXPECT_TRUE(pair.one.down.empty());
}

TEST(Links, ASuspectIsPingedAtOnceAndOnce) {
  Pair pair;
  pair.connect();
  Link& link = *pair.one.links.find(1);
  pair.one.links.suspect(link);
  pair.one.links.suspect(link);
  EXPECT_EQ(pair.one.context.outputs.size(), 1u);
  EXPECT_EQ(pair.one.suspected, std::vector<LinkId>{1});
  pair.carry();
  EXPECT_FALSE(link.is_suspect());  // it answered
}

TEST(Links, AnythingReceivedClearsASuspicion) {
  for (const Channel channel : {Channel::control, Channel::application}) {
    Pair pair;
    pair.connect();
    Link& link = *pair.one.links.find(1);
    pair.one.links.suspect(link);
    pair.one.receive(encode_message(SessionAsk{}), channel);
    EXPECT_FALSE(link.is_suspect());
    // The ping is still not answered: silence from here on makes it suspect again.
    EXPECT_EQ(pair.one.links.next_timeout(), start + limits::patience_min_ms);
  }
}

/// Suspicion changes nothing about when a link is given up.
TEST(Links, ASuspectThatStaysSilentIsGivenUpInTime) {
  Pair pair;
  pair.connect();
  pair.passes = false;
  pair.one.links.suspect(*pair.one.links.find(1));
  pair.carry();
  pair.look();
  EXPECT_EQ(pair.one.links.next_timeout(), start + limits::silence_max_ms);
  pair.wait(start + limits::silence_max_ms - pair.one.context.now);
  pair.one.links.tick();
  EXPECT_EQ(pair.one.down, std::vector{Error::silent});
}

/// Both sides must keep the same one, whichever came first.
TEST(Links, OfTwoLinksTheOneThatTheLowerIdOfferedStays) {
  for (const bool one_offers_first : {true, false}) {
    Pair pair;
    pair.connect(one_offers_first);
    pair.connect(!one_offers_first);
    const LinkId kept = one_offers_first ? 1 : 2;
    for (Side* side : {&pair.one, &pair.two}) {
      ASSERT_EQ(side->links.up().size(), 1u);
      EXPECT_EQ(side->links.up().begin()->second, kept);
      EXPECT_EQ(side->links.negotiating(), 0u);
    }
  }
}

TEST(Links, OfTwoLinksWithOneOffererTheYoungerStays) {
  Pair pair;
  pair.connect();
  pair.connect();
  EXPECT_EQ(pair.one.links.up().begin()->second, 2u);
  EXPECT_EQ(pair.two.links.up().begin()->second, 2u);
  EXPECT_EQ(pair.one.links.find(1), nullptr);
}

/// Whichever comes up first at whichever end: otherwise each end would close the other's.
TEST(Links, OfTwoLinksThatComeUpInOppositeOrdersTheYoungerStays) {
  for (const bool one_offers : {true, false}) {
    Pair pair;
    pair.two_is_backward = true;
    pair.open(one_offers);
    pair.open(one_offers);
    pair.carry();
    for (Side* side : {&pair.one, &pair.two}) {
      ASSERT_EQ(side->links.up().size(), 1u);
      EXPECT_EQ(side->links.up().begin()->second, 2u);
      EXPECT_EQ(side->links.find(1), nullptr);
    }
  }
}

/// What we may send is within what others tolerate.
TEST(Links, FramesArePacedGoingOut) {
  Pair pair;
  pair.connect();
  const Link& link = *pair.one.links.find(1);
  for (std::uint64_t i = 0; i < 2 * limits::frames_burst; ++i)
    pair.one.links.send(link, SessionAsk{});
  EXPECT_LE(pair.one.context.outputs.size(), limits::frames_burst);
  EXPECT_GE(pair.one.context.outputs.size(), limits::frames_burst - 10);
  EXPECT_GE(pair.one.rejected(Error::busy), limits::frames_burst);
  pair.carry();
  EXPECT_TRUE(pair.two.down.empty());
  pair.wait(1'000);
  for (int i = 0; i < 2'000; ++i) pair.one.links.send(link, SessionAsk{});
  EXPECT_EQ(pair.one.context.outputs.size(), limits::frames_per_s);
  // It can always say goodbye.
  pair.one.links.close(1, Error::goodbye);
  pair.carry();
  EXPECT_EQ(pair.two.down, std::vector{Error::goodbye});
}

TEST(Links, ALongMessageIsSentWholeOrNotAtAll) {
  Pair pair;
  pair.connect();
  const Link& link = *pair.one.links.find(1);
  while (pair.one.rejected(Error::busy) == 0) pair.one.links.send(link, Push{Bytes(100'000)});
  pair.carry();
  EXPECT_EQ(pair.two.messages.size(), limits::frames_burst / 7);
  EXPECT_TRUE(pair.two.links.find(1)->fragments.empty());
}

TEST(Links, WhoeverSendsFasterThanAnybodyMayIsBanned) {
  Pair pair;
  pair.connect();
  const Bytes frame = encode_message(SessionAsk{});
  for (std::uint64_t i = 0; i <= limits::frames_tolerated_burst; ++i) pair.one.receive(frame);
  EXPECT_EQ(pair.one.down, std::vector{Error::busy});
  EXPECT_TRUE(pair.one.links.conduct().is_banned(config(2).id.position()));
  pair.carry();
  pair.connect();
  EXPECT_EQ(pair.one.abandoned, std::vector{Error::refused});
  EXPECT_TRUE(pair.one.links.up().empty() && pair.two.links.up().empty());
}

TEST(Links, BlameEndsTheLinkWhenItWasOnceTooOften) {
  Pair pair;
  pair.connect();
  const Position peer = config(2).id.position();
  for (int i = 0; i < 10; ++i) pair.one.links.blame(peer, Error::bad_signature);
  EXPECT_TRUE(pair.one.down.empty());
  pair.one.links.blame(peer, Error::bad_signature);
  EXPECT_EQ(pair.one.down, std::vector{Error::bad_signature});
  pair.one.links.blame(peer, Error::bad_signature);  // there is no link any more
}

TEST(Links, CloseTellsTheOtherSide) {
  Pair pair;
  pair.connect();
  pair.one.links.close(1, Error::trimmed);
  EXPECT_EQ(pair.one.down, std::vector{Error::trimmed});
  pair.carry();
  EXPECT_EQ(pair.two.down, std::vector{Error::trimmed}) << "so that it does not dial at once";
  pair.one.links.close(1, Error::trimmed);  // it is gone: nothing happens
  EXPECT_EQ(pair.one.down.size(), 1u);
}

}  // namespace
}  // namespace membrane::test
