#include "seek.h"

#include <gtest/gtest.h>

#include <set>

#include "side.h"
#include "states.h"
#include "topics.h"
#include "wire.h"

namespace membrane::test {
namespace {

Position place(std::uint8_t who) { return peer_of(who).position(); }

/// We are 100 in a network without a whole map, with links to 90 and 120; places on the ring are
/// the peers' numbers.
struct SeekTest : testing::Test {
  SeekTest() {
    side.map.adopt_scope(false);
    broadcast.hooks.accepted = [this](Store, const Item&, bool) { seeker.record_accepted(); };
    below = neighbour(90);
    above = neighbour(120);
    say_own_record();
    side.forget();
  }

  LinkId neighbour(std::uint8_t who) {
    side.know(who, {100});
    return side.link_up(who).id;
  }
  void say_own_record() {
    Statement statement{StatementKind::record, peer_of(100), 1, encode_record({}), {}};
    side.map.set_own_record(statement, {}, encode_statement(statement));
  }
  Error find(std::uint8_t who) {
    return seeker.find(peer_of(who), [this](Error error, unsigned hops) {
      ends.push_back(error);
      took = hops;
    });
  }
  Error find_at(std::uint8_t at) {
    return seeker.find(place(at), [this](Error error, unsigned hops) {
      ends.push_back(error);
      took = hops;
    });
  }
  Error explore(std::uint8_t at) {
    return seeker.explore(place(at), [this](Error error, unsigned) { ends.push_back(error); });
  }
  /// The questions that went out, on any link, in order.
  std::vector<std::pair<LinkId, Seek>> asked() {
    std::vector<std::pair<LinkId, Seek>> out;
    for (const Send& send : side.all<Send>()) {
      const auto message = decode_message(send.data);
      if (const auto* seek = std::get_if<Seek>(&**message)) out.emplace_back(send.link, *seek);
    }
    return out;
  }
  std::uint64_t last_trail() { return asked().back().second.course.trail; }

  /// docs/protocol.md "Seek and Seek-Answer": what somebody who was sought signs.
  static Signature proof(std::uint8_t by, std::uint64_t trail, std::uint8_t asker = 100) {
    return fake_sign(peer_of(by), Writer()
                                      .text("membrane here 1")
                                      .text("test")
                                      .u64(place(asker))
                                      .id(peer_of(by))
                                      .u64(trail)
                                      .take());
  }
  static Bytes record_of(std::uint8_t who, std::uint64_t sequence = 5) {
    Record record;
    record.lifetime_s = 60;
    Statement statement{StatementKind::record, peer_of(who), sequence, encode_record(record), {}};
    statement.signature = fake_sign(peer_of(who), statement_to_sign("test", statement));
    return encode_statement(statement);
  }
  void receive(LinkId link, SeekAnswer answer) {
    seeker.receive(*side.links.find(link), std::move(answer));
    side.work();
  }
  void receive(LinkId link, Seek seek) {
    seeker.receive(*side.links.find(link), std::move(seek));
    side.work();
  }
  void pass(TimeMs duration_ms) {
    side.context.now += duration_ms;
    seeker.tick();
  }
  Seek seek_of(std::uint8_t from, std::uint8_t to, bool nearest, std::uint8_t hops_left = 40) {
    return {place(to), place(from), nearest, {.hops_left = hops_left, .trail = 7}};
  }

  Side side{100};
  Topics topics{side.context, side.map};
  States states{side.context, side.map};
  Broadcast broadcast{side.context, side.links, side.map, topics, states};
  Seeker seeker{side.context, side.links, side.map, side.router, broadcast};
  LinkId below = 0;
  LinkId above = 0;
  std::vector<Error> ends;
  unsigned took = 0;
};

// ---- Finding somebody ---------------------------------------------------------------------------

TEST_F(SeekTest, WhoProvesToBeThereAndIsKnownIsFound) {
  EXPECT_EQ(find(130), Error::none);
  ASSERT_EQ(asked().size(), 1u);
  const auto [link, seek] = asked()[0];
  EXPECT_EQ(link, above);
  EXPECT_EQ(seek.to, place(130));
  EXPECT_EQ(seek.from, place(100));
  EXPECT_FALSE(seek.nearest);
  receive(above, {place(100), last_trail(), 4, proof(130, last_trail()), {record_of(130)}});
  EXPECT_EQ(ends, std::vector{Error::none});
  EXPECT_EQ(took, 4u);
  EXPECT_TRUE(side.map.has_record(peer_of(130)));
  EXPECT_EQ(seeker.size(), 0u);
  EXPECT_EQ(seeker.next_timeout(), never);
}

TEST_F(SeekTest, WhoHasProvedItIsFoundWhenItsRecordIsThere) {
  find(130);
  receive(above, {place(100), last_trail(), 4, proof(130, last_trail()), {}});
  EXPECT_TRUE(ends.empty());
  broadcast.take_record(*side.links.find(above), record_of(130));
  side.work();
  EXPECT_EQ(ends, std::vector{Error::none});
}

TEST_F(SeekTest, ALateAnswerToAnEarlierQuestionCounts) {
  find(130);
  const std::uint64_t first = last_trail();
  pass(limits::seek_patience_ms);
  ASSERT_NE(last_trail(), first);
  receive(above, {place(100), first, 4, proof(130, first), {record_of(130)}});
  EXPECT_EQ(ends, std::vector{Error::none});
}

TEST_F(SeekTest, OurselvesIsAnInvalidArgument) {
  EXPECT_EQ(find(100), Error::invalid_argument);
  EXPECT_EQ(seeker.size(), 0u);
}

TEST_F(SeekTest, MoreThanTheLimitAreBusyAndEachEndsOnce) {
  for (std::size_t i = 0; i < limits::seeks_max; ++i)
    EXPECT_EQ(find(static_cast<std::uint8_t>(150 + i)), Error::none);
  EXPECT_EQ(find(130), Error::busy);
  EXPECT_EQ(find_at(130), Error::busy);
  EXPECT_EQ(explore(130), Error::busy);
  for (std::size_t i = 0; i < limits::seek_tries; ++i) pass(60'000);
  EXPECT_EQ(ends, std::vector(limits::seeks_max, Error::unreachable));
  EXPECT_EQ(find(130), Error::none);
}

// ---- Asking again -------------------------------------------------------------------------------

TEST_F(SeekTest, ItIsAskedAgainOverOtherWaysWithMorePatienceEachTimeAndGivenUp) {
  neighbour(110);
  side.forget();
  const TimeMs start = side.context.now;
  find(130);
  TimeMs patience = limits::seek_patience_ms;
  TimeMs due = start;
  for (std::size_t tries = 1; tries <= limits::seek_tries; ++tries) {
    EXPECT_EQ(asked().size(), tries);
    EXPECT_TRUE(ends.empty());
    due += patience;
    patience += patience / 4;
    EXPECT_EQ(seeker.next_timeout(), due);
    pass(due - side.context.now);
  }
  EXPECT_EQ(ends, std::vector{Error::unreachable});
  std::set<std::uint64_t> trails;
  std::set<LinkId> links;
  for (const auto& [link, seek] : asked()) {
    trails.insert(seek.course.trail);
    links.insert(link);
  }
  EXPECT_EQ(trails.size(), limits::seek_tries);
  EXPECT_EQ(links.size(), 3u);  // even the one that leads away
}

TEST_F(SeekTest, AQuestionThatComesBackIsAskedAgainAtOnce) {
  find(130);
  Seek returned = asked()[0].second;
  returned.course.returned = true;
  receive(above, returned);
  ASSERT_EQ(asked().size(), 2u);  // the same question, by the other way
  EXPECT_EQ(asked()[1].second.course.trail, returned.course.trail);
  receive(below, returned);
  EXPECT_EQ(seeker.next_timeout(), side.context.now);
  pass(0);
  EXPECT_EQ(asked().size(), 3u);
  EXPECT_NE(last_trail(), returned.course.trail);
}

TEST_F(SeekTest, AQuestionThatSomebodyElseReturnsIsNot) {
  find(130);
  Seek returned = asked()[0].second;
  returned.course.returned = true;
  receive(below, returned);
  returned.course.trail ^= 1;
  receive(above, returned);
  EXPECT_EQ(seeker.next_timeout(), side.context.now + limits::seek_patience_ms);
  EXPECT_EQ(side.rejected(Error::unknown_request), 2u);
}

TEST_F(SeekTest, WithoutAWayItIsTriedUntilOneOpens) {
  side.links.close(above, Error::closed);
  side.links.close(below, Error::closed);
  side.tell_map();
  find(130);
  EXPECT_TRUE(asked().empty());
  neighbour(125);
  pass(limits::seek_patience_ms);
  EXPECT_EQ(asked().size(), 1u);
}

// ---- Liars --------------------------------------------------------------------------------------

TEST_F(SeekTest, AForgedProofFindsNobodyAndTheRightOneStillDoes) {
  find(130);
  const std::uint64_t trail = last_trail();
  receive(above, {place(100), trail, 1, proof(120, trail), {record_of(130)}});
  receive(above, {place(100), trail, 1, Signature{}, {record_of(130)}});
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(side.rejected(Error::bad_signature), 2u);
  receive(above, {place(100), trail, 4, proof(130, trail), {}});
  EXPECT_EQ(ends, std::vector{Error::none});
}

TEST_F(SeekTest, AnAnswerToAnotherQuestionProvesNothing) {
  find(130);
  const std::uint64_t trail = last_trail();
  receive(above, {place(100), trail, 1, proof(130, trail + 1), {record_of(130)}});  // an older one
  receive(above, {place(100), trail, 1, proof(130, trail, 90), {record_of(130)}});  // another's
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(side.rejected(Error::bad_signature), 2u);
  receive(above, {place(100), trail + 1, 1, proof(130, trail + 1), {record_of(130)}});
  EXPECT_EQ(side.rejected(Error::unknown_request), 1u);
  EXPECT_TRUE(ends.empty());
}

TEST_F(SeekTest, ARecordAloneProvesNothing) {
  find(130);
  receive(above, {place(100), last_trail(), 1, std::nullopt, {record_of(130)}});
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(side.rejected(Error::malformed), 1u);
}

TEST_F(SeekTest, OnlyRecordsAreTakenFromAnAnswer) {
  explore(130);
  Statement message{StatementKind::message, peer_of(130), 5, encode_topic_body("news", {}), {}};
  message.signature = fake_sign(peer_of(130), statement_to_sign("test", message));
  receive(above, {place(100), last_trail(), 1, std::nullopt, {encode_statement(message), {1}}});
  EXPECT_EQ(side.rejected(Error::malformed), 2u);
  EXPECT_EQ(topics.size(), 0u);
}

TEST_F(SeekTest, AQuestionThatCouldNotBeAskedHasNoAnswer) {
  side.links.suspect(*side.links.find(above));
  side.links.suspect(*side.links.find(below));
  find(130);
  ASSERT_TRUE(asked().empty());
  receive(below, {place(100), 0, 1, proof(130, 0), {record_of(130)}});
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(side.rejected(Error::unknown_request), 1u);
}

// ---- Who lives at a place -----------------------------------------------------------------------

TEST_F(SeekTest, WhoProvesToLiveAtAPlaceIsFound) {
  EXPECT_EQ(find_at(130), Error::none);
  ASSERT_EQ(asked().size(), 1u);
  EXPECT_EQ(asked()[0].second.to, place(130));
  EXPECT_FALSE(asked()[0].second.nearest);
  receive(above, {place(100), last_trail(), 4, proof(130, last_trail()), {record_of(130)}});
  EXPECT_EQ(ends, std::vector{Error::none});
  EXPECT_EQ(took, 4u);
  EXPECT_TRUE(side.map.has_record(peer_of(130)));
  EXPECT_EQ(seeker.size(), 0u);
}

TEST_F(SeekTest, NobodyElseCanProveToLiveThere) {
  find_at(130);
  const std::uint64_t trail = last_trail();
  receive(above, {place(100), trail, 1, proof(120, trail), {record_of(120)}});
  receive(above, {place(100), trail, 1, proof(130, trail), {}});  // by whom?
  receive(above, {place(100), trail, 1, proof(130, trail), {{1}}});
  receive(above, {place(100), trail, 1, std::nullopt, {record_of(130)}});
  EXPECT_EQ(side.rejected(Error::malformed), 5u);
  receive(above, {place(100), trail, 1, proof(120, trail), {record_of(130)}});
  EXPECT_EQ(side.rejected(Error::bad_signature), 1u);
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(seeker.size(), 1u);
}

TEST_F(SeekTest, WhoWasSoughtByPlaceIsFoundByTheProofAlone) {
  Bytes record = record_of(130);
  record.back() ^= 1;  // of no use, but it names who it is
  find_at(130);
  receive(above, {place(100), last_trail(), 4, proof(130, last_trail()), {record}});
  EXPECT_EQ(ends, std::vector{Error::none});
  EXPECT_FALSE(side.map.has_record(peer_of(130)));
}

TEST_F(SeekTest, WhereNobodyLivesNobodyIsFound) {
  find_at(130);
  for (std::size_t tries = 1; tries <= limits::seek_tries; ++tries) {
    EXPECT_EQ(asked().size(), tries);
    EXPECT_TRUE(ends.empty());
    pass(60'000);
  }
  EXPECT_EQ(ends, std::vector{Error::unreachable});
  EXPECT_EQ(seeker.size(), 0u);
  EXPECT_EQ(seeker.next_timeout(), never);
}

// ---- Who lives next to a place ------------------------------------------------------------------

TEST_F(SeekTest, ExploringBringsTheRecordsOfThoseNextToAPlace) {
  EXPECT_EQ(explore(130), Error::none);
  EXPECT_TRUE(asked().at(0).second.nearest);
  receive(above, {place(100), last_trail(), 2, std::nullopt, {record_of(131), record_of(128)}});
  EXPECT_EQ(ends, std::vector{Error::none});
  EXPECT_TRUE(side.map.has_record(peer_of(131)));
  EXPECT_TRUE(side.map.has_record(peer_of(128)));
}

TEST_F(SeekTest, AnExplorationWithoutAnAnswerEndsToo) {
  explore(130);
  for (std::size_t i = 0; i < limits::seek_tries; ++i) pass(60'000);
  EXPECT_EQ(ends, std::vector{Error::unreachable});
}

// ---- Answering ----------------------------------------------------------------------------------

TEST_F(SeekTest, WhoSeeksUsGetsAProofAndOurRecord) {
  receive(below, seek_of(80, 100, false));
  const auto answers = side.sent<SeekAnswer>(below);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].to, place(80));
  EXPECT_EQ(answers[0].trail, 7u);
  EXPECT_EQ(answers[0].hops, limits::hops_max - 40 + 1);
  EXPECT_EQ(answers[0].proof, proof(100, 7, 80));
  ASSERT_EQ(answers[0].records.size(), 1u);
  EXPECT_EQ(decode_statement(answers[0].records[0])->origin, peer_of(100));
}

TEST_F(SeekTest, HopsThatNobodyMayHaveAreNotBelieved) {
  receive(below, seek_of(80, 100, false, 255));
  EXPECT_EQ(side.sent<SeekAnswer>(below).at(0).hops, 1);
}

TEST_F(SeekTest, ADeadEndIsWhoeverLivesNextToThePlaceAndNamesThoseAround) {
  for (const int who : {95, 98, 104, 106, 108}) neighbour(static_cast<std::uint8_t>(who));
  side.forget();
  receive(below, seek_of(104, 101, true));  // 104 itself asks
  EXPECT_TRUE(asked().empty());
  const auto answers = side.sent<SeekAnswer>(below);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_FALSE(answers[0].proof);
  std::set<PeerId> named;
  for (const Bytes& record : answers[0].records) named.insert(decode_statement(record)->origin);
  EXPECT_EQ(decode_statement(answers[0].records[0])->origin, peer_of(100));
  EXPECT_EQ(named, (std::set{peer_of(100), peer_of(98), peer_of(95), peer_of(106), peer_of(108)}));
  EXPECT_LE(answers[0].records.size(), seek_records_max);
}

TEST_F(SeekTest, SomebodyElsesQuestionGoesOnAndItsAnswerBack) {
  receive(below, seek_of(80, 130, false));
  ASSERT_EQ(asked().size(), 1u);
  EXPECT_EQ(asked()[0].first, above);
  EXPECT_EQ(asked()[0].second.course.hops_left, 39);
  receive(above, {place(80), 7, 9, proof(130, 7, 80), {record_of(130)}});
  const auto back = side.sent<SeekAnswer>(below);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].hops, 9);
  EXPECT_EQ(back[0].proof, proof(130, 7, 80));
  EXPECT_FALSE(side.map.has_record(peer_of(130)));  // not our matter
}

TEST_F(SeekTest, AnAnswerThatNobodyPassedAQuestionForIsDropped) {
  receive(above, {place(80), 7, 9, std::nullopt, {}});
  receive(below, seek_of(80, 130, false));
  side.forget();
  receive(below, {place(80), 7, 9, std::nullopt, {}});  // the question did not go there
  EXPECT_TRUE(side.all<Send>().empty());
}

TEST_F(SeekTest, AQuestionForSomebodyWhoIsNotThereComesBack) {
  receive(above, seek_of(80, 101, false));
  const auto back = side.sent<Seek>(above);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_TRUE(back[0].course.returned);
}

TEST_F(SeekTest, OverItsRateANeighbourIsBusyAndTheOtherIsNot) {
  for (std::uint64_t i = 0; i < limits::envelopes_burst + 10; ++i) {
    Seek seek = seek_of(80, 130, false);
    seek.course.trail = i;
    receive(below, seek);
  }
  EXPECT_EQ(asked().size(), limits::envelopes_burst);
  EXPECT_EQ(side.rejected(Error::busy), 10u);
  receive(below, {place(80), 7, 9, std::nullopt, {}});  // answers count as well
  EXPECT_EQ(side.rejected(Error::busy), 11u);
  receive(above, seek_of(130, 80, false));
  EXPECT_EQ(asked().size(), limits::envelopes_burst + 1);
}

}  // namespace
}  // namespace membrane::test
