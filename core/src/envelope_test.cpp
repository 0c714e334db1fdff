#include "envelope.h"

#include <gtest/gtest.h>

#include "side.h"

namespace membrane::test {
namespace {

/// We are 1, with links to 2 and 3; 4 lies behind 2, and 9 is unknown.
struct EnvelopesTest : testing::Test {
  EnvelopesTest() {
    envelopes.hooks = {
        .signal = [this](const PeerId& from,
                         Signal&& signal) { signals.emplace_back(from, std::move(signal)); },
        .failed = [this](const PeerId& target,
                         Error reason) { failed.emplace_back(target, reason); },
    };
    to_two = side.link_up(2).id;
    to_three = side.link_up(3).id;
    side.know(2, {1, 4});
    side.know(3, {1});
    side.know(4, {2});
    side.forget();
  }

  Envelope envelope(std::uint8_t from, std::uint8_t to, std::uint8_t hops_left = 10) {
    return {peer_of(to), peer_of(from), hops_left, Bytes{1, 2, 3}};
  }
  void receive(LinkId link, Envelope what) {
    envelopes.receive(*side.links.find(link), std::move(what));
  }
  Signal offer() {
    Signal signal;
    signal.attempt = 5;
    signal.sdp = sdp_of();
    return signal;
  }

  Side side;
  Envelopes envelopes{side.context, side.links, side.router};
  LinkId to_two = 0;
  LinkId to_three = 0;
  std::vector<std::pair<PeerId, Signal>> signals;
  std::vector<std::pair<PeerId, Error>> failed;
};

TEST_F(EnvelopesTest, OursGoesSignedAndSealedAlongTheShortestRoute) {
  Key key{};
  key.fill(4);
  Error done = Error::count_;
  envelopes.send(peer_of(4), key, offer(), [&](Error error) { done = error; });
  const auto sent = side.sent<Envelope>(to_two);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(done, Error::none);
  EXPECT_EQ(sent[0].to, peer_of(4));
  EXPECT_EQ(sent[0].from, peer_of(1));
  EXPECT_EQ(sent[0].hops_left, limits::hops_max);
  EXPECT_EQ(side.opened(sent[0]).sdp, sdp_of());
}

TEST_F(EnvelopesTest, WithoutAWayItsSenderIsToldOnce) {
  std::vector<Error> done;
  envelopes.send(peer_of(9), {}, offer(), [&](Error error) { done.push_back(error); });
  side.work();
  EXPECT_EQ(done, std::vector{Error::unreachable});
}

TEST_F(EnvelopesTest, SomebodyElsesIsPassedOnWithOneHopLess) {
  receive(to_three, envelope(3, 4));
  const auto sent = side.sent<Envelope>(to_two);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].hops_left, 9);
  EXPECT_EQ(sent[0].sealed, (Bytes{1, 2, 3}));
}

TEST_F(EnvelopesTest, MoreHopsThanAnybodyMayAskForAreCutDown) {
  receive(to_three, envelope(3, 4, 255));
  EXPECT_EQ(side.sent<Envelope>(to_two).at(0).hops_left, limits::hops_max - 1);
}

TEST_F(EnvelopesTest, WithoutHopsItGoesBackAsTooFar) {
  for (const std::uint8_t hops : {std::uint8_t{0}, std::uint8_t{1}}) {
    receive(to_three, envelope(3, 4, hops));
  }
  EXPECT_TRUE(side.sent<Envelope>(to_two).empty());
  const auto back = side.sent<EnvelopeFailed>(to_three);
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].reason, Error::too_far);
  EXPECT_EQ(back[0].at, side.context.self);
  EXPECT_EQ(side.rejected(Error::too_far), 2u);
}

TEST_F(EnvelopesTest, WithoutARouteItGoesBackAsUnreachable) {
  receive(to_three, envelope(3, 9));
  const auto back = side.sent<EnvelopeFailed>(to_three);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].to, peer_of(3));
  EXPECT_EQ(back[0].target, peer_of(9));
  EXPECT_EQ(back[0].reason, Error::unreachable);
}

TEST_F(EnvelopesTest, NothingGoesBackWhereItCameFrom) {
  receive(to_two, envelope(2, 4));
  receive(to_two, envelope(2, 2));
  EXPECT_TRUE(side.sent<Envelope>(to_two).empty());
  EXPECT_EQ(side.sent<EnvelopeFailed>(to_two).size(), 2u);
}

TEST_F(EnvelopesTest, ANewcomerIsAnsweredOnTheLinkItWasHeardOn) {
  receive(to_three, envelope(9, 4));  // 9 is in no map yet
  receive(to_two, envelope(4, 9));
  EXPECT_EQ(side.sent<Envelope>(to_three).size(), 1u);
  envelopes.link_down(to_three);
  receive(to_two, envelope(4, 9));
  EXPECT_EQ(side.sent<Envelope>(to_three).size(), 1u);
}

TEST_F(EnvelopesTest, OneForUsIsOpenedVerifiedAndHandedOver) {
  receive(to_two, {peer_of(1), peer_of(4), 5, side.sealed_by(4, offer(), 4)});
  side.work();
  ASSERT_EQ(signals.size(), 1u);
  EXPECT_EQ(signals[0].first, peer_of(4));
  EXPECT_EQ(signals[0].second.attempt, 5u);
}

TEST_F(EnvelopesTest, OneSignedBySomebodyElseIsDropped) {
  receive(to_two, {peer_of(1), peer_of(4), 5, side.sealed_by(4, offer(), 2)});
  side.work();
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(side.rejected(Error::bad_signature), 1u);
}

TEST_F(EnvelopesTest, OneThatWasChangedOnTheWayIsDropped) {
  Bytes sealed = side.sealed_by(4, offer(), 4);
  sealed.back() ^= 1;
  receive(to_two, {peer_of(1), peer_of(4), 5, sealed});
  // The same bytes under another sender's name do not open either.
  receive(to_two, {peer_of(1), peer_of(3), 5, side.sealed_by(4, offer(), 4)});
  receive(to_two, {peer_of(1), peer_of(4), 5, {}});
  side.work();
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(side.rejected(Error::bad_signature), 3u);
}

TEST_F(EnvelopesTest, OneThatHoldsNoSignalIsDropped) {
  const Bytes body{1, 2};
  const PeerId from = peer_of(4);
  const Signature signature =
      fake_sign(from, signal_to_sign("test", from, side.context.config.id, body));
  Bytes plain(signature.begin(), signature.end());
  plain.insert(plain.end(), body.begin(), body.end());
  for (const Bytes& content : {plain, Bytes(10)}) {
    receive(to_two, {peer_of(1), from, 5,
                     fake_seal(side.context.config.sealing_key, signal_info("test"),
                               signal_aad(from, peer_of(1)), content)});
  }
  side.work();
  EXPECT_EQ(side.rejected(Error::malformed), 2u);
}

TEST_F(EnvelopesTest, AFailureOfOursIsHandedOverAndAnothersPassedOn) {
  Link& from = *side.links.find(to_two);
  envelopes.receive(from, EnvelopeFailed{peer_of(1), peer_of(9), 0, 5, Error::too_far});
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0], (std::pair{peer_of(9), Error::too_far}));
  envelopes.receive(from, EnvelopeFailed{peer_of(3), peer_of(9), 0, 5, Error::too_far});
  ASSERT_EQ(side.sent<EnvelopeFailed>(to_three).size(), 1u);
  EXPECT_EQ(side.sent<EnvelopeFailed>(to_three)[0].hops_left, 4);
  envelopes.receive(from, EnvelopeFailed{peer_of(3), peer_of(9), 0, 1, Error::too_far});
  EXPECT_EQ(side.rejected(Error::too_far), 1u);
}

TEST_F(EnvelopesTest, OverItsRateANeighbourIsBusyAndTheOtherIsNot) {
  for (std::uint64_t i = 0; i < limits::envelopes_burst + 10; ++i) receive(to_two, envelope(4, 3));
  EXPECT_EQ(side.sent<Envelope>(to_three).size(), limits::envelopes_burst);
  EXPECT_EQ(side.rejected(Error::busy), 10u);
  receive(to_three, envelope(3, 4));
  EXPECT_EQ(side.sent<Envelope>(to_two).size(), 1u);
  side.context.now += 1'000;
  side.forget();
  receive(to_two, envelope(4, 3));
  EXPECT_EQ(side.sent<Envelope>(to_three).size(), 1u);
}

}  // namespace
}  // namespace membrane::test
