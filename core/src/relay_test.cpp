#include "relay.h"

#include <gtest/gtest.h>

#include "side.h"
#include "wire.h"

namespace membrane::test {
namespace {

/// One of two peers, 1 and 2, both linked to 3 alone.
struct Party {
  Party(std::uint8_t who, std::uint8_t other_who) : side(who), other(peer_of(other_who)) {
    key.fill(other_who);
    relay.hooks = {
        .message = [this](const PeerId&,
                          Message&& message) { messages.push_back(std::move(message)); },
        .application = [this](const PeerId&,
                              ByteView data) { heard.emplace_back(data.begin(), data.end()); },
        .closed = [this](const PeerId&, Error reason) { closed.push_back(reason); },
    };
    envelopes.hooks.signal = [this](const PeerId& from, Signal&& signal, std::uint64_t trail) {
      signals.push_back(signal);
      relay.receive(from, std::move(signal), trail);
    };
    envelopes.hooks.failed = [this](const PeerId& target, std::uint64_t trail) {
      relay.envelope_failed(target, trail);
    };
    to_three = side.link_up(3).id;
    side.know(3, {who, other_who});
    side.know(other_who, {3});
    side.forget();
  }

  void ask() {
    EXPECT_EQ(relay.open(other, key), Error::none);
    relay.send(other, Channel::control, encode_message(SessionAsk{}));
  }
  void say(std::string_view text) { relay.send(other, Channel::application, bytes_of(text)); }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const Bytes& bytes : heard) out.emplace_back(text_of(bytes));
    return out;
  }
  /// A signal as the other side signs it, or `signer` in its name.
  void receive(const Signal& signal, std::uint8_t signer) {
    const auto from = other.bytes[0];
    Envelope envelope;
    envelope.to = side.context.config.id;
    envelope.from = other;
    envelope.course.hops_left = 8;
    envelope.sealed = side.sealed_by(from, signal, signer);
    envelopes.receive(*side.links.find(to_three), std::move(envelope));
    side.work();
  }
  std::vector<Envelope> take_envelopes() {
    auto out = side.sent<Envelope>(to_three);
    side.forget();
    return out;
  }

  Side side;
  PeerId other;
  Key key{};
  Envelopes envelopes{side.context, side.links, side.router};
  Relay relay{side.context, side.links, side.map, envelopes};
  LinkId to_three = 0;
  std::vector<Message> messages;
  std::vector<Bytes> heard;
  std::vector<Error> closed;
  std::vector<Signal> signals;
};

struct RelayTest : testing::Test {
  /// Everything arrives, and what is said because of it.
  void carry() {
    for (bool more = true; more;) {
      auto from_one = one.take_envelopes();
      auto from_two = two.take_envelopes();
      more = !from_one.empty() || !from_two.empty();
      for (Envelope& envelope : from_one)
        two.envelopes.receive(*two.side.links.find(two.to_three), std::move(envelope));
      for (Envelope& envelope : from_two)
        one.envelopes.receive(*one.side.links.find(one.to_three), std::move(envelope));
      one.side.work();
      two.side.work();
    }
  }
  void pass(TimeMs duration_ms, TimeMs step_ms = 100) {
    for (TimeMs passed = 0; passed < duration_ms; passed += step_ms) {
      for (Party* party : {&one, &two}) {
        party->side.context.now += step_ms;
        party->relay.tick();
      }
      carry();
    }
  }
  void begin() {
    one.ask();
    carry();
    two.relay.send(two.other, Channel::control, encode_message(SessionAccept{}));
    pass(200);
    ASSERT_EQ(one.messages.size(), 1u);
    ASSERT_EQ(two.messages.size(), 1u);
  }

  Party one{1, 2};
  Party two{2, 1};
};

TEST_F(RelayTest, CarriesMessagesAndPiecesBothWays) {
  begin();
  EXPECT_TRUE(std::holds_alternative<SessionAsk>(two.messages[0]));
  EXPECT_TRUE(std::holds_alternative<SessionAccept>(one.messages[0]));
  for (const char* text : {"a", "b", "c"}) one.say(text);
  two.say("d");
  carry();
  EXPECT_EQ(two.texts(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(one.texts(), std::vector<std::string>{"d"});
}

TEST_F(RelayTest, WhoAskEachOtherShareOneStream) {
  one.ask();
  two.ask();
  carry();
  one.say("a");
  two.say("b");
  carry();
  EXPECT_EQ(one.messages.size() + two.messages.size(), 2u);
  EXPECT_EQ(two.texts(), std::vector<std::string>{"a"});
  EXPECT_EQ(one.texts(), std::vector<std::string>{"b"});
  EXPECT_EQ(one.relay.size() + two.relay.size(), 2u);
}

TEST_F(RelayTest, AnIdleStreamIsKeptAliveAndASilentOneEnds) {
  begin();
  pass(3 * limits::relay_silence_max_ms);
  EXPECT_TRUE(one.relay.has(one.other) && two.relay.has(two.other));
  EXPECT_TRUE(one.closed.empty());
  for (TimeMs passed = 0; passed < limits::relay_silence_max_ms + 100; passed += 100) {
    one.side.context.now += 100;
    one.relay.tick();
  }
  EXPECT_EQ(one.closed, std::vector{Error::silent});
  EXPECT_EQ(one.relay.size(), 0u);
}

TEST_F(RelayTest, WhatAStreamThatIsGoneSaysIsAnsweredWithItsEnd) {
  begin();
  two.relay.leave();  // as if it had forgotten everything
  two.closed.clear();
  one.say("are you there?");
  carry();
  EXPECT_EQ(one.closed, std::vector{Error::no_session});
  EXPECT_EQ(two.relay.size(), 0u);
  EXPECT_TRUE(two.heard.empty());
}

TEST_F(RelayTest, DroppingTellsTheOtherSide) {
  begin();
  one.relay.drop(one.other, Error::refused);
  carry();
  EXPECT_TRUE(one.closed.empty());
  EXPECT_EQ(two.closed, std::vector{Error::refused});
}

TEST_F(RelayTest, FinishingDeliversWhatWasSaid) {
  begin();
  one.say("the last word");
  one.take_envelopes();  // lost
  one.relay.finish(one.other);
  EXPECT_FALSE(one.relay.has(one.other));
  EXPECT_EQ(one.relay.size(), 1u);
  pass(2 * limits::relay_resend_min_ms);
  EXPECT_EQ(two.texts(), std::vector<std::string>{"the last word"});
  EXPECT_EQ(one.relay.size(), 0u);
  EXPECT_TRUE(one.closed.empty());
}

TEST_F(RelayTest, WhoComesBackBeginsAnew) {
  begin();
  Party back(1, 2);
  back.side.context.now = one.side.context.now + 1;
  back.ask();
  for (Envelope& envelope : back.take_envelopes())
    two.envelopes.receive(*two.side.links.find(two.to_three), std::move(envelope));
  two.side.work();
  EXPECT_EQ(two.closed, std::vector{Error::replaced});
  EXPECT_EQ(two.messages.size(), 2u);
  EXPECT_EQ(two.relay.size(), 1u);
}

TEST_F(RelayTest, AFullWindowSaysWhenItHasRoomAgain) {
  begin();
  EXPECT_TRUE(one.relay.has_room(one.other));
  while (one.relay.has_room(one.other)) one.say("x");
  EXPECT_TRUE(one.side.all<SessionWritable>().empty());
  for (Envelope& envelope : one.side.sent<Envelope>(one.to_three))
    two.envelopes.receive(*two.side.links.find(two.to_three), std::move(envelope));
  one.side.forget();
  two.side.work();
  two.side.context.now += limits::relay_acknowledge_ms;
  two.relay.tick();
  for (Envelope& envelope : two.take_envelopes())
    one.envelopes.receive(*one.side.links.find(one.to_three), std::move(envelope));
  EXPECT_EQ(one.side.all<SessionWritable>().size(), 1u);
  EXPECT_TRUE(one.relay.has_room(one.other));
}

TEST_F(RelayTest, WhoeverIsGoneFromTheMapHasLittleTimeUnlessHeard) {
  begin();
  const auto change_map = [this](bool mapped) {
    if (mapped)
      one.side.know(3, {1, 2});
    else
      one.side.know(3, {1});
    one.relay.map_changed();
  };
  change_map(false);
  pass(2 * limits::relay_unmapped_ms);
  EXPECT_TRUE(one.relay.has(one.other));
  change_map(true);
  change_map(false);
  one.side.context.now += limits::relay_unmapped_ms;
  one.relay.tick();
  EXPECT_EQ(one.closed, std::vector{Error::silent});
}

TEST_F(RelayTest, SleepIsNotSilence) {
  begin();
  for (Party* party : {&one, &two}) {
    party->side.context.now += 10 * limits::relay_silence_max_ms;
    party->relay.probe_all();
  }
  pass(limits::relay_silence_max_ms);
  EXPECT_TRUE(one.relay.has(one.other) && two.relay.has(two.other));
  one.side.context.now += 10 * limits::relay_silence_max_ms;
  one.relay.probe_all();
  one.side.context.now += limits::relay_keepalive_ms + limits::probe_ms;  // and nobody is there
  one.relay.tick();
  EXPECT_EQ(one.closed, std::vector{Error::silent});
}

// ---- Attacks ------------------------------------------------------------------------------------

TEST_F(RelayTest, NobodySpeaksInAnothersName) {
  begin();
  Signal forged = two.signals.back();  // as one would say it
  Writer out;
  out.integer(two.signals.back().attempt).integer(0).integer(2).u8(1).text("forged");
  forged.relay = out.take();
  two.receive(forged, 3);
  EXPECT_EQ(two.side.rejected(Error::bad_signature), 1u);
  EXPECT_TRUE(two.heard.empty());
}

TEST_F(RelayTest, AnEarlierStreamIsNotReplayedIntoALaterOne) {
  begin();
  one.say("pay 100");
  carry();
  const std::vector<Signal> recorded = two.signals;
  one.relay.drop(one.other, Error::closed);
  carry();
  two.heard.clear();
  two.messages.clear();
  one.messages.clear();
  for (Party* party : {&one, &two}) party->side.context.now += 10;
  // Into no stream, and into a new one.
  for (const Signal& signal : recorded) two.receive(signal, 1);
  EXPECT_EQ(two.relay.size(), 0u);
  two.take_envelopes();
  begin();
  for (const Signal& signal : recorded) two.receive(signal, 1);
  two.take_envelopes();
  pass(500);
  EXPECT_TRUE(two.heard.empty());
  EXPECT_EQ(two.messages.size(), 1u);
  one.say("still here");
  carry();
  EXPECT_EQ(two.texts(), std::vector<std::string>{"still here"});
}

TEST_F(RelayTest, MalformedSignalsAreDropped) {
  begin();
  Signal signal = two.signals.back();
  const auto say = [&](auto&& write) {
    Writer out;
    write(out);
    signal.relay = out.take();
    two.receive(signal, 1);
  };
  const std::uint64_t before = two.side.rejected(Error::malformed);
  const std::uint64_t ours = [&] {
    Reader in(one.signals.front().relay);  // what two said first
    return one.signals.front().attempt;
  }();
  say([](Writer&) {});                                                              // no numbers
  say([&](Writer& out) { out.integer(ours).integer(99).integer(0); });              // never sent
  say([&](Writer& out) { out.integer(ours).integer(0).integer(2); });               // nothing in it
  say([&](Writer& out) { out.integer(ours).integer(0).integer(2).u8(0).u8(99); });  // no message
  say([&](Writer& out) {
    out.integer(ours).integer(0).integer(3).raw(Bytes(limits::frame_size_max + 2));
  });
  EXPECT_EQ(two.side.rejected(Error::malformed), before + 5);
  EXPECT_TRUE(two.heard.empty());
  EXPECT_EQ(two.messages.size(), 1u);
}

/// Every number is taken once, none beyond the window; the table and what it holds stay bounded.
TEST_F(RelayTest, AFloodStaysWithinTheWindow) {
  begin();
  Signal signal = two.signals.back();
  const std::uint64_t ours = one.signals.front().attempt;
  for (std::uint64_t sequence = 3; sequence < 200; ++sequence) {
    Writer out;
    out.integer(ours).integer(0).integer(sequence).u8(1).u8(7);
    signal.relay = out.take();
    two.receive(signal, 1);
  }
  EXPECT_EQ(two.side.rejected(Error::full), 199 - (1 + limits::relay_window));
  EXPECT_TRUE(two.heard.empty());  // number 2 has not come
}

TEST_F(RelayTest, ACrowdThatAsksIsTurnedAwayAtTheLimit) {
  Side& side = two.side;
  for (std::uint8_t who = 100; who < 100 + limits::relay_streams_max + 8; ++who) {
    Signal ask;
    ask.kind = Signal::Kind::relay;
    ask.attempt = who;
    ask.sealing_key.fill(who);
    Writer out;
    out.integer(0).integer(0).integer(1).u8(0).raw(encode_message(SessionAsk{}));
    ask.relay = out.take();
    two.relay.receive(peer_of(who), std::move(ask), 0);
  }
  side.work();
  EXPECT_EQ(two.relay.size(), limits::relay_streams_incoming_max);
  EXPECT_EQ(side.rejected(Error::busy),
            limits::relay_streams_max + 8 - limits::relay_streams_incoming_max);
  // There is room for our own.
  EXPECT_EQ(two.relay.open(two.other, two.key), Error::none);
}

TEST_F(RelayTest, StrangeSignalsAreNotAnsweredWithoutEnd) {
  for (std::uint64_t number = 1; number <= 1'000; ++number) {
    Signal stray;
    stray.kind = Signal::Kind::relay;
    stray.attempt = number;
    stray.sealing_key.fill(1);
    Writer out;
    out.integer(77).integer(0).integer(1).u8(1).u8(1);
    stray.relay = out.take();
    two.relay.receive(two.other, std::move(stray), 0);
  }
  EXPECT_EQ(two.take_envelopes().size(), limits::relay_refusals_burst);
  EXPECT_EQ(two.side.rejected(Error::no_session), 1'000u);
  EXPECT_EQ(two.relay.size(), 0u);
}

TEST_F(RelayTest, NobodyAsksOverRelaysWhoHasALink) {
  two.side.link_up(1);
  one.ask();
  carry();
  EXPECT_TRUE(two.messages.empty());
  EXPECT_EQ(two.relay.size(), 0u);
  // The link goes; the next try counts.
  two.side.links.lost(two.side.links.to(peer_of(1))->id);
  two.side.tell_map();
  pass(2 * limits::relay_resend_min_ms);
  EXPECT_EQ(two.messages.size(), 1u);
}

}  // namespace
}  // namespace membrane::test
