#include <gtest/gtest.h>

#include "relayed.h"
#include "signalling.h"
#include "wire.h"

/// Peers on the way of a relayed session, and peers that begin too many.
namespace membrane::test {
namespace {

using Index = Network::Index;

struct AttackOnRelayed : RelayedSession {
  /// On the way to b, and linked to it.
  Index liar = 0;

  void open_through_liar() {
    open();
    const std::vector<Index> way = route(a, b);
    ASSERT_GE(way.size(), 2u);
    liar = way[way.size() - 2];
  }
  /// A signal in the name of `from`, with the signature of `signer`.
  Envelope sealed(const PeerId& from, const Signal& signal, const PeerId& signer) const {
    const Config& to = network.config(b);
    const Bytes body = encode_signal(signal);
    const Signature signature = fake_sign(signer, signal_to_sign(to.network, from, to.id, body));
    Writer plain;
    plain.raw(signature).raw(body);
    Envelope envelope;
    envelope.to = to.id;
    envelope.from = from;
    envelope.course.hops_left = 8;
    envelope.sealed =
        fake_seal(to.sealing_key, signal_info(to.network), signal_aad(from, to.id), plain.view());
    return envelope;
  }
  static Signal signal(std::uint64_t number, std::uint64_t yours, std::uint64_t sequence,
                       ByteView frame) {
    Signal out;
    out.kind = Signal::Kind::relay;
    out.attempt = number;
    Writer said;
    out.relay = said.integer(yours).integer(0).integer(sequence).raw(frame).take();
    return out;
  }
  void inject(const Envelope& envelope) { network.inject(liar, b, encode_message(envelope)); }
  /// Everything that reaches b for it from now on.
  std::vector<Bytes> recorded;
  void record() {
    network.tamper_frame = [this](Index, Index to, Channel channel, Bytes& data) {
      if (to == b && is_envelope(channel, data)) recorded.push_back(data);
      return true;
    };
  }
  std::size_t pieces(Index index) const { return network.seen<SessionPiece>(index).size(); }
  bool say(std::uint64_t message) {
    return write(a, b, message, SessionPiece::first | SessionPiece::last, 1, Bytes{1}) ==
           Error::none;
  }
};

TEST_F(AttackOnRelayed, NobodyOnTheWaySpeaksForTheOtherSide) {
  open_through_liar();
  const Bytes piece{1, 7, SessionPiece::first | SessionPiece::last, 1, 'x'};
  inject(sealed(network.id(a), signal(1, 1, 2, piece), network.id(liar)));
  network.run_for(1'000);
  EXPECT_EQ(network.rejected(b, Error::bad_signature), 1u);
  EXPECT_EQ(pieces(b), 0u);
  EXPECT_TRUE(can_talk());
}

TEST_F(AttackOnRelayed, AThirdOnesStreamIsNotThisOne) {
  open_through_liar();
  const Bytes piece{1, 7, SessionPiece::first | SessionPiece::last, 1, 'x'};
  inject(sealed(network.id(liar), signal(1, 1, 2, piece), network.id(liar)));
  network.run_for(1'000);
  EXPECT_EQ(network.rejected(b, Error::no_session), 1u);
  EXPECT_EQ(pieces(b), 0u);
  EXPECT_TRUE(can_talk());
}

TEST_F(AttackOnRelayed, WhatIsPlayedBackAtOnceCountsOnce) {
  open_through_liar();
  record();
  ASSERT_TRUE(say(0));
  network.run_for(1'000);
  ASSERT_FALSE(recorded.empty());
  const std::uint64_t before = network.rejected(b, Error::duplicate);
  for (int i = 0; i < 20; ++i) network.inject(liar, b, recorded[0]);
  network.run_for(1'000);
  EXPECT_EQ(pieces(b), 1u);
  EXPECT_EQ(network.rejected(b, Error::duplicate), before + 20);
  EXPECT_TRUE(can_talk(1));
}

TEST_F(AttackOnRelayed, AnEarlierSessionIsNotPlayedBackIntoALaterOne) {
  record();
  open_through_liar();
  ASSERT_TRUE(say(0));
  network.run_for(1'000);
  network.feed(a, [&](Node& n, TimeMs now) { n.close_session(now, network.id(b)); });
  network.run_for(1'000);
  network.tamper_frame = nullptr;
  network.forget_seen();
  for (const Bytes& frame : recorded) network.inject(liar, b, frame);
  network.run_for(1'000);
  EXPECT_TRUE(network.seen<Asked>(b).empty());
  EXPECT_EQ(pieces(b), 0u);
  open();
  for (const Bytes& frame : recorded) network.inject(liar, b, frame);
  network.run_for(5'000);
  EXPECT_EQ(pieces(b), 0u);
  EXPECT_TRUE(network.seen<SessionClosed>(b).empty());
  EXPECT_TRUE(can_talk());
}

TEST_F(AttackOnRelayed, AFloodOfQuestionsLeavesRoomForOthers) {
  open_through_liar();
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    PeerId invented;
    invented.bytes.fill(static_cast<std::uint8_t>(i));
    invented.bytes[31] = static_cast<std::uint8_t>(i >> 8);
    Writer frame;
    frame.u8(0).raw(encode_message(SessionAsk{}));
    inject(sealed(invented, signal(i, 0, 1, frame.view()), invented));
  }
  network.run_for(1'000);
  EXPECT_GT(network.rejected(b, Error::busy), 0u);
  EXPECT_LE(network.counter(b, "relay streams"), limits::relay_streams_incoming_max + 1);
  network.run_for(limits::relay_silence_max_ms + limits::relay_keepalive_ms);
  EXPECT_LE(network.counter(b, "relay streams"), 1u);
  EXPECT_TRUE(can_talk());
}

TEST_F(AttackOnRelayed, FramesAboveTheLimitAreDropped) {
  open_through_liar();
  Bytes frame(limits::frame_size_max + 2);
  frame[0] = 1;
  inject(sealed(network.id(liar), signal(1, 0, 1, frame), network.id(liar)));
  network.run_for(1'000);
  EXPECT_EQ(network.counter(b, "relay streams"), 1u);
  EXPECT_TRUE(can_talk());
}

/// Whoever is the other side itself, and breaks the rules of pieces, loses the session.
TEST_F(AttackOnRelayed, APieceBeyondTheTotalEndsTheSession) {
  std::uint64_t ours = 0;
  std::uint64_t theirs = 0;
  network.tamper_frame = [&](Index, Index to, Channel channel, Bytes& data) {
    if (to != a || !is_envelope(channel, data)) return true;
    const auto message = decode_message(data);
    const Envelope& envelope = std::get<Envelope>(**message);
    const Config& self = network.config(a);
    const auto plain = fake_open(self.sealing_key, signal_info(self.network),
                                 signal_aad(envelope.from, self.id), envelope.sealed);
    if (!plain) return true;
    const auto heard = decode_signal(ByteView(*plain).subspan(64));
    if (!heard || heard->kind != Signal::Kind::relay) return true;
    theirs = heard->attempt;
    Reader in(heard->relay);
    ours = in.integer();
    return true;
  };
  open_through_liar();
  network.run_for(100);
  ASSERT_NE(theirs, 0u);
  const std::uint8_t whole = SessionPiece::first | SessionPiece::last;
  const Bytes piece{1, 0, whole, 1, 'x', 'y'};  // message 0, of one byte
  Signal said = signal(ours, theirs, 2, piece);
  said.sealing_key = network.config(a).sealing_key;
  inject(sealed(network.id(a), said, network.id(a)));
  network.run_for(2'000);
  ASSERT_EQ(network.seen<SessionClosed>(b).size(), 1u);
  EXPECT_EQ(network.seen<SessionClosed>(b)[0].reason, Error::malformed);
  EXPECT_EQ(network.seen<SessionClosed>(a).size(), 1u);
}

}  // namespace
}  // namespace membrane::test
