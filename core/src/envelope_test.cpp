#include "envelope.h"

#include <gtest/gtest.h>

#include "side.h"
#include "wire.h"

namespace membrane::test {
namespace {

constexpr Course course{.hops_left = 5, .trail = 78};

/// We are 1, with links to 2 and 3; 4 lies behind 2, and 9 is unknown.
struct EnvelopesTest : testing::Test {
  EnvelopesTest() {
    envelopes.hooks = {
        .signal =
            [this](const PeerId& from, Signal&& signal, std::uint64_t trail) {
              signals.emplace_back(from, std::move(signal));
              trails.push_back(trail);
            },
        .failed = [this](const PeerId& target,
                         std::uint64_t trail) { failed.emplace_back(target, trail); },
    };
    to_two = side.link_up(2).id;
    to_three = side.link_up(3).id;
    side.know(2, {1, 4});
    side.know(3, {1});
    side.know(4, {2});
    side.forget();
  }

  Envelope envelope(std::uint8_t from, std::uint8_t to, std::uint8_t hops_left = 10) {
    return {peer_of(to), peer_of(from), {.hops_left = hops_left, .trail = 77}, Bytes{1, 2, 3}};
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
  std::vector<std::uint64_t> trails;
  std::vector<std::pair<PeerId, std::uint64_t>> failed;
};

TEST_F(EnvelopesTest, OursGoesSignedAndSealedAlongTheShortestRoute) {
  Key key{};
  key.fill(4);
  Error done = Error::count_;
  std::uint64_t trail = 0;
  envelopes.send(peer_of(4), key, offer(), {}, [&](Error error, std::uint64_t taken) {
    done = error;
    trail = taken;
  });
  const auto sent = side.sent<Envelope>(to_two);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(done, Error::none);
  EXPECT_EQ(sent[0].to, peer_of(4));
  EXPECT_EQ(sent[0].from, peer_of(1));
  EXPECT_EQ(sent[0].course.hops_left, limits::hops_max);
  EXPECT_EQ(sent[0].course.trail, trail);
  EXPECT_FALSE(sent[0].course.back);
  EXPECT_EQ(side.opened(sent[0]).sdp, sdp_of());
}

TEST_F(EnvelopesTest, WithoutAWayItsSenderIsToldOnce) {
  side.links.close(to_two, Error::closed);
  side.links.close(to_three, Error::closed);
  std::vector<Error> done;
  envelopes.send(peer_of(0), {}, offer(), {},
                 [&](Error error, std::uint64_t) { done.push_back(error); });
  side.work();
  EXPECT_EQ(done, std::vector{Error::unreachable});
}

TEST_F(EnvelopesTest, SomebodyElsesIsPassedOnWithOneHopLess) {
  receive(to_three, envelope(3, 4));
  const auto sent = side.sent<Envelope>(to_two);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].course.hops_left, 9);
  EXPECT_EQ(sent[0].sealed, (Bytes{1, 2, 3}));
}

TEST_F(EnvelopesTest, MoreHopsThanAnybodyMayAskForAreCutDown) {
  receive(to_three, envelope(3, 4, 255));
  EXPECT_EQ(side.sent<Envelope>(to_two).at(0).course.hops_left, limits::hops_max - 1);
}

TEST_F(EnvelopesTest, WithoutHopsItIsDropped) {
  for (const std::uint8_t hops : {std::uint8_t{0}, std::uint8_t{1}}) {
    receive(to_three, envelope(3, 4, hops));
  }
  EXPECT_TRUE(side.all<Send>().empty());
  EXPECT_EQ(side.rejected(Error::too_far), 2u);
}

TEST_F(EnvelopesTest, WithoutAWayOnItIsReturned) {
  receive(to_three, envelope(3, 0));
  const auto back = side.sent<Envelope>(to_three);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_TRUE(back[0].course.returned);
  EXPECT_EQ(back[0].course.trail, 77u);
  EXPECT_EQ(back[0].course.hops_left, 9);
  EXPECT_EQ(back[0].to, peer_of(0));
  EXPECT_EQ(back[0].from, peer_of(3));
}

TEST_F(EnvelopesTest, OneForWhoeverSentItIsReturned) {
  receive(to_two, envelope(4, 2));
  ASSERT_EQ(side.sent<Envelope>(to_two).size(), 1u);
  EXPECT_TRUE(side.sent<Envelope>(to_two)[0].course.returned);
}

TEST_F(EnvelopesTest, AnAnswerGoesBackAlongTheTrailToSomebodyInNoMap) {
  receive(to_three, envelope(9, 4));
  Envelope answer = envelope(4, 9);
  answer.course.back = true;
  receive(to_two, answer);
  ASSERT_EQ(side.sent<Envelope>(to_three).size(), 1u);
  EXPECT_TRUE(side.sent<Envelope>(to_three)[0].course.back);
  // Under another name, or from elsewhere than where the question went, it is like any other.
  answer.course.trail = 1;
  receive(to_two, answer);
  EXPECT_FALSE(side.sent<Envelope>(to_three).at(1).course.back);
}

TEST_F(EnvelopesTest, OursThatComesBackTriesTheOtherWayOnceAndHasFailed) {
  const auto ignore = [](Error, std::uint64_t) {};
  envelopes.send(peer_of(9), {}, offer(), {}, ignore);
  ASSERT_EQ(side.sent<Envelope>(to_two).size(), 1u);
  Envelope returned = side.sent<Envelope>(to_two)[0];
  returned.course.returned = true;
  receive(to_two, returned);
  ASSERT_EQ(side.sent<Envelope>(to_three).size(), 1u);
  EXPECT_FALSE(side.sent<Envelope>(to_three)[0].course.returned);
  EXPECT_EQ(side.sent<Envelope>(to_three)[0].sealed, returned.sealed);
  EXPECT_TRUE(failed.empty());
  receive(to_three, returned);
  EXPECT_EQ(failed, (std::vector{std::pair{peer_of(9), returned.course.trail}}));
}

TEST_F(EnvelopesTest, NobodyReturnsWhatHeWasNotSent) {
  const auto ignore = [](Error, std::uint64_t) {};
  envelopes.send(peer_of(9), {}, offer(), {}, ignore);
  Envelope returned = side.sent<Envelope>(to_two).at(0);
  returned.course.returned = true;
  receive(to_three, returned);  // it went to 2
  returned.course.trail ^= 1;
  receive(to_two, returned);  // of another name
  EXPECT_TRUE(failed.empty());
  EXPECT_TRUE(side.sent<Envelope>(to_three).empty());
  EXPECT_EQ(side.rejected(Error::unknown_request), 2u);
}

TEST_F(EnvelopesTest, WhatIsHeardFromSomebodyIsAnsweredTheWayItCame) {
  receive(to_three, {peer_of(1), peer_of(9), course, side.sealed_by(9, offer(), 9)});
  side.work();
  ASSERT_EQ(trails, std::vector{course.trail});
  Error done = Error::count_;
  envelopes.send(peer_of(9), {}, offer(), {trails[0], true},
                 [&](Error error, std::uint64_t) { done = error; });
  const auto sent = side.sent<Envelope>(to_three);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(done, Error::none);
  EXPECT_TRUE(sent[0].course.back);
  EXPECT_EQ(sent[0].course.trail, course.trail);
}

TEST_F(EnvelopesTest, OneForUsIsOpenedVerifiedAndHandedOver) {
  receive(to_two, {peer_of(1), peer_of(4), course, side.sealed_by(4, offer(), 4)});
  side.work();
  ASSERT_EQ(signals.size(), 1u);
  EXPECT_EQ(signals[0].first, peer_of(4));
  EXPECT_EQ(signals[0].second.attempt, 5u);
}

TEST_F(EnvelopesTest, OneSignedBySomebodyElseIsDropped) {
  receive(to_two, {peer_of(1), peer_of(4), course, side.sealed_by(4, offer(), 2)});
  side.work();
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(side.rejected(Error::bad_signature), 1u);
}

TEST_F(EnvelopesTest, OneThatWasChangedOnTheWayIsDropped) {
  Bytes sealed = side.sealed_by(4, offer(), 4);
  sealed.back() ^= 1;
  receive(to_two, {peer_of(1), peer_of(4), course, sealed});
  // The same bytes under another sender's name do not open either.
  receive(to_two, {peer_of(1), peer_of(3), course, side.sealed_by(4, offer(), 4)});
  receive(to_two, {peer_of(1), peer_of(4), course, {}});
  side.work();
  EXPECT_TRUE(signals.empty());
  EXPECT_EQ(side.rejected(Error::bad_signature), 3u);
}

TEST_F(EnvelopesTest, OneThatHoldsNoSignalIsDropped) {
  const Bytes body{1, 2};
  const PeerId from = peer_of(4);
  const Signature signature =
      fake_sign(from, signal_to_sign("test", from, side.context.config.id, body));
  Writer writer;
  writer.raw(signature).raw(body);
  const Bytes plain = writer.take();
  for (const Bytes& content : {plain, Bytes(10)}) {
    receive(to_two, {peer_of(1), from, course,
                     fake_seal(side.context.config.sealing_key, signal_info("test"),
                               signal_aad(from, peer_of(1)), content)});
  }
  side.work();
  EXPECT_EQ(side.rejected(Error::malformed), 2u);
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
