#include "session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wire.h"

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;

Config config(std::uint8_t who) {
  Config out;
  out.id.bytes.fill(who);
  return out;
}

/// One side of a link that is up.
struct Side {
  Side(std::uint8_t who, std::uint8_t other_who)
      : context(config(who), start), other(config(other_who).id) {
    links.hooks.up = [](Link&) {};
    links.hooks.fresh = [] { return false; };
    links.hooks.down = [this](const Link& link, Error reason) {
      sessions.link_down(*link.peer, reason);
    };
    links.hooks.message = [this](Link& link, Message&& message) {
      sessions.receive(*link.peer, message, false);
    };
    links.hooks.application = [this](Link& link, ByteView data) {
      sessions.receive_application(*link.peer, data, false);
    };
    sessions.hooks.refused = [this](const PeerId&, Error reason) { refused.push_back(reason); };
  }

  /// A link whose other side has proved itself; how is the links' own test's matter.
  void link_up() {
    Link& link = links.create(true, other);
    link.local_fingerprint = link.remote_fingerprint = Bytes(32);
    links.opened(link.id);
    const Hello hello{1, 0, "", other, {}, false};
    links.received(link.id, Channel::control, encode_message(hello));
    links.received(link.id, Channel::control, encode_message(Proof{}));
    for (const Output& output : std::exchange(context.outputs, {})) {
      if (const auto* sign = std::get_if<Sign>(&output))
        context.jobs.finish(Jobs::Kind::sign, sign->job, true, Signature{});
      if (const auto* verify = std::get_if<Verify>(&output))
        context.jobs.finish(Jobs::Kind::verify, verify->job, true, {});
    }
    context.outputs.clear();
  }

  Link& link() { return *links.to(other); }
  Error write(std::uint64_t message, std::uint8_t flags, std::uint64_t total, std::size_t size) {
    return sessions.write(other, message, flags, total, Bytes(size));
  }
  /// A piece as a hostile peer may write it.
  void receive_piece(std::uint64_t message, std::uint8_t flags, std::uint64_t total,
                     std::size_t size) {
    Writer out;
    out.integer(message).u8(flags);
    if ((flags & SessionPiece::first) != 0) out.integer(total);
    sessions.receive_application(other, out.raw(Bytes(size)).take(), false);
  }

  template <typename T>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(),
                      [](const Output& event) { return std::holds_alternative<T>(event); }));
  }
  template <typename T>
  const T& last() const {
    return std::get<T>(events.back());
  }

  Context context;
  PeerId other;
  Links links{context};
  Map map{context};
  Router router{context, links, map};
  Envelopes envelopes{context, links, router};
  Relay relay{context, links, map, envelopes};
  Sessions sessions{context, links, relay};
  std::vector<Error> refused;
  std::vector<Output> events;
};

struct Pair {
  Pair() {
    one.link_up();
    two.link_up();
  }

  void carry() {
    while (!one.context.outputs.empty() || !two.context.outputs.empty()) {
      auto from_one = std::exchange(one.context.outputs, {});
      auto from_two = std::exchange(two.context.outputs, {});
      carry(std::move(from_one), one, two);
      carry(std::move(from_two), two, one);
    }
  }
  void open() {
    one.sessions.ask(one.other);
    carry();
    two.sessions.answer(two.last<Asked>().request, true);
    carry();
  }

  Side one{1, 2};
  Side two{2, 1};

 private:
  static void carry(std::vector<Output>&& outputs, Side& from, Side& to) {
    for (Output& output : outputs) {
      if (const auto* send = std::get_if<Send>(&output))
        to.links.received(to.link().id, send->channel, send->data);
      else
        from.events.push_back(std::move(output));
    }
  }
};

TEST(Sessions, QuestionsArePaced) {
  Pair pair;
  const auto ask = [&] {
    pair.one.links.received(pair.one.link().id, Channel::control, encode_message(SessionAsk{}));
    pair.carry();
    if (!std::holds_alternative<Asked>(pair.one.events.back())) return false;
    pair.one.sessions.answer(pair.one.last<Asked>().request, false);
    pair.carry();
    pair.one.events.emplace_back(SessionWritable{});
    return true;
  };
  for (std::uint64_t i = 0; i < limits::questions_burst; ++i) EXPECT_TRUE(ask());
  EXPECT_FALSE(ask());
  pair.one.context.now += 1'000;
  EXPECT_TRUE(ask());
  EXPECT_FALSE(ask());
}

TEST(Sessions, OpenWhenTheOtherSideAgrees) {
  Pair pair;
  pair.one.sessions.ask(pair.one.other);
  pair.carry();
  EXPECT_FALSE(pair.one.sessions.is_open(pair.one.other));
  const Asked& asked = pair.two.last<Asked>();
  EXPECT_TRUE(asked.session && asked.peer == pair.two.other);
  EXPECT_EQ(pair.two.sessions.answer(asked.request, true), Error::none);
  pair.carry();
  EXPECT_TRUE(pair.one.sessions.is_open(pair.one.other));
  EXPECT_TRUE(pair.two.sessions.is_open(pair.two.other));
  EXPECT_EQ(pair.one.count<SessionOpened>() + pair.two.count<SessionOpened>(), 2u);
}

TEST(Sessions, DoNotOpenWhenItRefuses) {
  Pair pair;
  pair.one.sessions.ask(pair.one.other);
  pair.carry();
  const RequestId request = pair.two.last<Asked>().request;
  EXPECT_EQ(pair.two.sessions.answer(request, false), Error::none);
  EXPECT_EQ(pair.two.sessions.answer(request, true), Error::unknown_request);
  pair.carry();
  EXPECT_EQ(pair.one.refused, std::vector{Error::refused});
  EXPECT_EQ(pair.one.sessions.size() + pair.two.sessions.size(), 0u);
}

TEST(Sessions, BothAskingIsAgreement) {
  Pair pair;
  pair.one.sessions.ask(pair.one.other);
  pair.two.sessions.ask(pair.two.other);
  pair.carry();
  for (const Side* side : {&pair.one, &pair.two}) {
    EXPECT_EQ(side->count<SessionOpened>(), 1u);
    EXPECT_EQ(side->count<Asked>(), 0u);
  }
}

TEST(Sessions, AskingWhoeverAskedIsAgreement) {
  Pair pair;
  pair.one.sessions.ask(pair.one.other);
  pair.carry();
  pair.two.sessions.ask(pair.two.other);
  pair.carry();
  EXPECT_TRUE(pair.one.sessions.is_open(pair.one.other));
  EXPECT_TRUE(pair.two.sessions.is_open(pair.two.other));
}

TEST(Sessions, WhoAsksGivesUpFirstWhenNobodyAnswers) {
  Pair pair;
  pair.one.sessions.ask(pair.one.other);
  pair.carry();
  const TimeMs late = start + limits::asked_timeout_ms;
  const TimeMs too_late = start + limits::question_kept_ms;
  EXPECT_EQ(pair.one.sessions.next_timeout(), late);
  EXPECT_EQ(pair.two.sessions.next_timeout(), too_late);
  pair.one.context.now = late;
  pair.one.sessions.tick();
  EXPECT_EQ(pair.one.refused, std::vector{Error::timed_out});
  pair.two.context.now = too_late - 1;
  pair.two.sessions.tick();
  EXPECT_TRUE(pair.two.context.outputs.empty());
  pair.two.context.now = too_late;
  pair.two.sessions.tick();
  pair.carry();
  EXPECT_EQ(pair.one.refused.size(), 1u) << "the refusal comes to nobody who waits";
  EXPECT_EQ(pair.two.sessions.answer(pair.two.last<Asked>().request, true), Error::unknown_request);
}

TEST(Sessions, ConsentThatIsNotWantedAnyMoreIsEnded) {
  Pair pair;
  pair.one.sessions.ask(pair.one.other);
  pair.carry();
  EXPECT_EQ(pair.one.sessions.close(pair.one.other, Error::closed), Error::none);
  EXPECT_EQ(pair.one.sessions.close(pair.one.other, Error::closed), Error::no_session);
  pair.two.sessions.answer(pair.two.last<Asked>().request, true);
  pair.carry();
  EXPECT_EQ(pair.one.sessions.size() + pair.two.sessions.size(), 0u);
  EXPECT_EQ(pair.two.count<SessionClosed>(), 1u);
  EXPECT_EQ(pair.one.count<SessionOpened>(), 0u);
}

TEST(Sessions, CarryMessagesInPieces) {
  Pair pair;
  pair.open();
  EXPECT_EQ(pair.one.write(0, SessionPiece::first | SessionPiece::text, 5, 3), Error::none);
  EXPECT_EQ(pair.one.write(1, SessionPiece::first | SessionPiece::last, 0, 4), Error::none);
  EXPECT_EQ(pair.one.write(0, SessionPiece::last, 0, 2), Error::none);
  pair.carry();
  ASSERT_EQ(pair.two.count<SessionPiece>(), 3u);
  const auto& piece = pair.two.last<SessionPiece>();
  EXPECT_EQ(piece.message, 0u);
  EXPECT_EQ(piece.flags, SessionPiece::last);
  EXPECT_EQ(piece.data.size(), 2u);
}

TEST(Sessions, WriteRefusesPiecesThatDoNotFollow) {
  Pair pair;
  EXPECT_EQ(pair.one.write(0, SessionPiece::first, 0, 1), Error::no_session);
  pair.open();
  EXPECT_EQ(pair.one.write(0, 0, 0, 1), Error::invalid_argument);
  EXPECT_EQ(pair.one.write(1, SessionPiece::first, 0, 1), Error::invalid_argument);
  EXPECT_EQ(pair.one.write(0, SessionPiece::first, 0, limits::session_piece_size_max + 1),
            Error::oversized);
  EXPECT_EQ(pair.one.write(0, SessionPiece::first, 0, 1), Error::none);
  EXPECT_EQ(pair.one.write(0, SessionPiece::first, 0, 1), Error::invalid_argument);
  for (std::uint64_t message = 1; message < limits::session_messages_max; ++message)
    ASSERT_EQ(pair.one.write(message, SessionPiece::first, 0, 1), Error::none);
  EXPECT_EQ(pair.one.write(999, SessionPiece::first, 0, 1), Error::busy);
  EXPECT_EQ(pair.one.write(2, SessionPiece::cancelled, 0, 0), Error::none);
  EXPECT_EQ(pair.one.write(999, SessionPiece::first, 0, 1), Error::none);
  pair.carry();
  EXPECT_EQ(pair.two.sessions.size(), 1u);
}

struct BadPiece {
  std::uint8_t flags;
  std::uint64_t total;
  std::size_t size;
};

class SessionsBadPiece : public testing::TestWithParam<BadPiece> {};

TEST_P(SessionsBadPiece, EndsTheSession) {
  Pair pair;
  pair.open();
  pair.one.receive_piece(0, GetParam().flags, GetParam().total, GetParam().size);
  pair.carry();
  EXPECT_EQ(pair.one.last<SessionClosed>().reason, Error::malformed);
  EXPECT_EQ(pair.two.count<SessionClosed>(), 1u);
  EXPECT_EQ(pair.one.count<SessionPiece>(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SessionsBadPiece,
    testing::Values(BadPiece{SessionPiece::first, 5, 6},  // more than the total
                    BadPiece{SessionPiece::first | SessionPiece::last, 5, 4},  // less
                    BadPiece{SessionPiece::first, 0, limits::session_piece_size_max + 1}));

TEST(Sessions, WhatIsLeftOfTheSessionBeforeIsDropped) {
  Pair pair;
  pair.open();
  // Of messages 0 and 1, which had begun before this session did; 2 begins, and never ends.
  pair.one.receive_piece(0, 0, 0, 1);
  pair.one.receive_piece(1, SessionPiece::last, 0, 1);
  pair.carry();
  EXPECT_EQ(pair.one.count<SessionPiece>(), 0u);
  pair.one.receive_piece(2, SessionPiece::first, 9, 1);
  pair.one.receive_piece(3, SessionPiece::first | SessionPiece::last, 1, 1);
  EXPECT_EQ(pair.one.context.rejected[static_cast<std::size_t>(Error::no_session)], 4u);
  // From here on it is this session's.
  pair.one.receive_piece(0, SessionPiece::first | SessionPiece::last, 1, 1);
  pair.one.receive_piece(2, SessionPiece::first | SessionPiece::last, 1, 1);
  pair.carry();
  EXPECT_EQ(pair.one.count<SessionPiece>(), 2u);
  EXPECT_TRUE(pair.one.sessions.is_open(pair.one.other));
}

TEST(Sessions, TooManyMessagesAtOnceEndTheSession) {
  Pair pair;
  pair.open();
  for (std::uint64_t message = 0; message < limits::session_messages_max; ++message)
    pair.one.receive_piece(message, SessionPiece::first, 0, 1);
  EXPECT_TRUE(pair.one.sessions.is_open(pair.one.other));
  pair.one.receive_piece(999, SessionPiece::first, 0, 1);
  pair.carry();
  EXPECT_EQ(pair.one.last<SessionClosed>().reason, Error::full);
}

TEST(Sessions, CloseTellsBothSides) {
  Pair pair;
  pair.open();
  EXPECT_EQ(pair.one.sessions.close(pair.one.other, Error::closed), Error::none);
  pair.carry();
  EXPECT_EQ(pair.one.last<SessionClosed>().reason, Error::closed);
  EXPECT_EQ(pair.two.last<SessionClosed>().reason, Error::closed);
  EXPECT_EQ(pair.two.sessions.close(pair.two.other, Error::closed), Error::no_session);
}

TEST(Sessions, EndWithTheirLink) {
  Pair pair;
  pair.open();
  pair.one.links.lost(pair.one.link().id);
  EXPECT_EQ(std::get<SessionClosed>(pair.one.context.outputs.back()).reason, Error::closed);
  EXPECT_EQ(pair.one.sessions.size(), 0u);
}

/// The two channels do not wait for each other.
TEST(Sessions, APieceThatOvertakesItsConsentCountsAsConsent) {
  Pair pair;
  pair.one.receive_piece(0, SessionPiece::first | SessionPiece::last, 1, 1);
  EXPECT_TRUE(pair.one.context.outputs.empty());  // it was not asked for
  pair.one.sessions.ask(pair.one.other);
  pair.one.context.outputs.clear();
  // One that goes on with something, or is not the first, is left over from a session before.
  pair.one.receive_piece(0, SessionPiece::last, 0, 1);
  pair.one.receive_piece(1, SessionPiece::first | SessionPiece::last, 1, 1);
  EXPECT_TRUE(pair.one.context.outputs.empty());
  pair.one.receive_piece(0, SessionPiece::first | SessionPiece::last, 1, 1);
  ASSERT_EQ(pair.one.context.outputs.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<SessionOpened>(pair.one.context.outputs[0]));
  EXPECT_TRUE(std::holds_alternative<SessionPiece>(pair.one.context.outputs[1]));
  pair.one.sessions.receive(pair.one.other, SessionAccept{}, false);
  EXPECT_EQ(pair.one.context.outputs.size(), 2u);
}

/// The same: here the end has overtaken two of three pieces.
struct OvertakenSession : testing::Test {
  OvertakenSession() {
    pair.open();
    for (std::uint64_t message = 0; message < 3; ++message)
      EXPECT_EQ(pair.two.write(message, whole, 1, 1), Error::none);
    pair.two.sessions.close(pair.two.other, Error::closed);
    std::vector<Output> on_their_way = std::exchange(pair.two.context.outputs, {});
    pair.one.receive_piece(0, whole, 1, 1);
    for (const Output& output : on_their_way) {
      const auto* send = std::get_if<Send>(&output);
      if (send && send->channel == Channel::control)
        pair.one.links.received(pair.one.link().id, send->channel, send->data);
    }
    pair.carry();
  }

  static constexpr std::uint8_t whole = SessionPiece::first | SessionPiece::last;
  Pair pair;
};

TEST_F(OvertakenSession, EndsWhenAllThatWasWrittenBeforeHasCome) {
  EXPECT_TRUE(pair.one.sessions.is_open(pair.one.other));
  pair.one.receive_piece(1, whole, 1, 1);
  EXPECT_EQ(pair.one.write(0, whole, 1, 1), Error::no_session);  // nobody listens any more
  pair.one.receive_piece(2, whole, 1, 1);
  pair.carry();
  EXPECT_EQ(pair.one.count<SessionPiece>(), 3u);
  EXPECT_EQ(pair.one.last<SessionClosed>().reason, Error::closed);
}

TEST_F(OvertakenSession, EndsIncompleteWhenTheRestDoesNotCome) {
  pair.one.context.now += limits::session_end_ms - 1;
  pair.one.sessions.tick();
  EXPECT_EQ(pair.one.sessions.next_timeout(), pair.one.context.now + 1);
  pair.one.context.now += 1;
  pair.one.sessions.tick();
  pair.carry();
  EXPECT_EQ(pair.one.last<SessionClosed>().reason, Error::timed_out);
  EXPECT_EQ(pair.one.sessions.next_timeout(), never);
}

TEST_F(OvertakenSession, AQuestionForTheNextOneWaits) {
  pair.two.sessions.ask(pair.two.other);
  pair.carry();
  EXPECT_EQ(pair.one.count<Asked>(), 0u);
  pair.one.receive_piece(1, whole, 1, 1);
  pair.one.receive_piece(2, whole, 1, 1);
  pair.carry();
  ASSERT_EQ(pair.one.count<Asked>(), 1u);
  EXPECT_FALSE(pair.one.sessions.is_open(pair.one.other));
  pair.one.sessions.answer(pair.one.last<Asked>().request, true);
  pair.carry();
  EXPECT_TRUE(pair.two.sessions.is_open(pair.two.other));
}

TEST_F(OvertakenSession, WhoCannotWaitMayCloseItOrAskForTheNextOne) {
  pair.one.sessions.ask(pair.one.other);
  pair.carry();
  EXPECT_EQ(pair.one.count<SessionClosed>(), 1u);
  EXPECT_EQ(pair.two.count<Asked>(), 2u);
  pair.one.receive_piece(1, whole, 1, 1);  // of the one before
  EXPECT_EQ(pair.one.count<SessionOpened>(), 1u);
}

}  // namespace
}  // namespace membrane::test
