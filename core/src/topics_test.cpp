#include "topics.h"

#include <gtest/gtest.h>

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;
/// How long before an origin's record its messages count, when the record is all we know of it.
constexpr std::uint64_t slack_ms = 30'000;

PeerId peer(std::uint8_t who) {
  PeerId out;
  out.bytes.fill(who);
  return out;
}

Config config() {
  Config out;
  out.id = peer(1);
  return out;
}

/// Our topics, and a peer in the map whose record has the sequence `start`.
struct World {
  World() {
    topics.hooks = {
        .spread = [this](const Statement&, ByteView) { ++spread; },
        .record_is_out = [this] { return record_is_out; },
    };
    map.hooks.changed = [] {};
    map.hooks.scope_changed = [] {};
    hear_record(2);
    map.set_own_links({peer(2).position()});
    map.refresh();
    context.outputs.clear();
  }

  /// From here on these are in the map.
  void meet(std::uint8_t first, std::uint8_t last) {
    for (std::uint8_t who = first; who <= last; ++who) {
      hear_record(who);
      linked.push_back(peer(who).position());
    }
    map.set_own_links(linked);
    map.refresh();
    context.outputs.clear();
  }

  void hear_record(std::uint8_t who) {
    const Record record{"", {}, limits::record_lifetime_s, {}};
    const Statement statement{StatementKind::record, peer(who), start, encode_record(record), {}};
    EXPECT_EQ(map.accept(statement, encode_statement(statement)), Error::none);
  }

  /// What Broadcast does with a message that comes in.
  Error hear(std::uint8_t who, std::uint64_t sequence, std::size_t payload_size = 1) {
    const auto status = topics.status(peer(who), sequence);
    if (status == StatementStore::Status::known) return Error::duplicate;
    if (status == StatementStore::Status::stale) return Error::stale;
    const Statement statement{StatementKind::message,
                              peer(who),
                              sequence,
                              encode_topic_body("topic", Bytes(payload_size)),
                              {}};
    return topics.accept(statement, encode_statement(statement));
  }

  Error publish_and_sign() {
    const Error error = topics.publish("topic", bytes_of("payload"));
    if (error != Error::none) return error;
    const JobId job = std::get<Sign>(context.outputs.back()).job;
    context.outputs.pop_back();
    return context.jobs.finish(Jobs::Kind::sign, job, true, Signature{});
  }

  std::size_t delivered() const { return context.outputs.size(); }

  Context context{config(), start};
  Map map{context};
  Topics topics{context, map};
  int spread = 0;
  std::vector<Position> linked{peer(2).position()};
  bool record_is_out = true;
};

TEST(Topics, DeliverEachMessageOnce) {
  World world;
  EXPECT_EQ(world.hear(2, start + 1), Error::none);
  EXPECT_EQ(world.hear(2, start + 1), Error::duplicate);
  EXPECT_EQ(world.hear(2, start + 3), Error::none);
  EXPECT_EQ(world.hear(2, start + 2), Error::none);  // order does not matter
  ASSERT_EQ(world.delivered(), 3u);
  const auto& message = std::get<TopicMessage>(world.context.outputs[0]);
  EXPECT_EQ(message.topic, "topic");
  EXPECT_EQ(message.origin, peer(2));
  EXPECT_EQ(message.sequence, start + 1);
  EXPECT_EQ(world.topics.items({0, ~Position{0}}).size(), 3u);
}

TEST(Topics, WhatIsOlderThanTheRecordIsNotPlayedBack) {
  World world;
  EXPECT_EQ(world.hear(2, start - slack_ms), Error::stale);
  EXPECT_FALSE(world.topics.lacks({peer(2).position(), start - slack_ms}));
  EXPECT_TRUE(world.topics.lacks({peer(2).position(), start - slack_ms + 1}));
  EXPECT_EQ(world.hear(2, start - slack_ms + 1), Error::none);
}

TEST(Topics, AStrangerIsNotListenedTo) {
  World world;
  EXPECT_EQ(world.hear(9, start + 1), Error::unknown_peer);
  world.hear_record(9);  // a record that leads nowhere does not change that
  world.map.refresh();
  EXPECT_EQ(world.hear(9, start + 1), Error::unknown_peer);
  EXPECT_EQ(world.delivered(), 0u);
}

TEST(Topics, NewcomersAreToldTheFloors) {
  World world;
  world.topics.raise_floors({{peer(2).position(), start + 10}, {world.context.self, start + 10}});
  EXPECT_EQ(world.hear(2, start + 10), Error::stale);
  EXPECT_EQ(world.hear(2, start + 11), Error::none);
  const Item highest{peer(2).position(), start + 11};
  EXPECT_EQ(world.topics.floors(), std::vector{highest});  // none was raised over us
  world.topics.raise_floors({{peer(2).position(), 5}});    // never down
  EXPECT_EQ(world.hear(2, start + 9), Error::stale);
}

TEST(Topics, AFloorCannotSilenceAnOriginForGood) {
  World world;
  world.topics.raise_floors({{peer(2).position(), varint_max}});
  EXPECT_EQ(world.hear(2, start + slack_ms), Error::stale);
  EXPECT_EQ(world.hear(2, start + slack_ms + 1), Error::none);
}

TEST(Topics, AnOriginOverItsRateIsDropped) {
  World world;
  std::uint64_t sequence = start;
  for (std::uint64_t i = 0; i < 2 * limits::messages_burst; ++i)
    ASSERT_EQ(world.hear(2, ++sequence), Error::none);
  EXPECT_EQ(world.hear(2, ++sequence), Error::busy);
  EXPECT_TRUE(world.topics.lacks({peer(2).position(), sequence}));  // it may come again
  world.context.now += 1'000 / (2 * limits::messages_per_s);
  EXPECT_EQ(world.hear(2, sequence), Error::none);
}

TEST(Topics, WeKeepOurOwnRate) {
  World world;
  for (std::uint64_t i = 0; i < limits::messages_burst; ++i)
    ASSERT_EQ(world.publish_and_sign(), Error::none);
  EXPECT_EQ(world.publish_and_sign(), Error::busy);
  world.context.now += 1'000 / limits::messages_per_s;
  EXPECT_EQ(world.publish_and_sign(), Error::none);
  EXPECT_EQ(world.delivered(), limits::messages_burst + 1);
  EXPECT_EQ(world.spread, static_cast<int>(limits::messages_burst) + 1);
}

TEST(Topics, WhatWePublishWaitsForOurRecord) {
  World world;
  world.record_is_out = false;
  EXPECT_EQ(world.publish_and_sign(), Error::none);
  EXPECT_EQ(world.topics.waiting(), 1u);
  EXPECT_EQ(world.delivered(), 0u);
  world.topics.flush();
  world.topics.flush();
  EXPECT_EQ(world.spread, 1);
  EXPECT_EQ(world.delivered(), 1u);
}

TEST(Topics, AFailedSignatureIsCounted) {
  World world;
  ASSERT_EQ(world.topics.publish("topic", {}), Error::none);
  const JobId job = std::get<Sign>(world.context.outputs.back()).job;
  world.context.jobs.finish(Jobs::Kind::sign, job, false, {});
  EXPECT_EQ(world.spread, 0);
  EXPECT_EQ(world.context.rejected[static_cast<std::size_t>(Error::bad_signature)], 1u);
}

TEST(Topics, ForgetAMessageAndRaiseTheFloorOverIt) {
  World world;
  EXPECT_EQ(world.topics.next_timeout(), never);
  world.hear(2, start + 5);
  EXPECT_GE(world.topics.next_timeout(), start + limits::message_kept_ms);
  EXPECT_LE(world.topics.next_timeout(), start + limits::message_kept_ms + 5'000);
  world.context.now = start + limits::message_kept_ms - 1;
  world.topics.tick();
  EXPECT_EQ(world.topics.size(), 1u);
  ++world.context.now;
  world.topics.tick();
  EXPECT_EQ(world.topics.size(), 0u);
  EXPECT_EQ(world.topics.next_timeout(), never);
  EXPECT_TRUE(world.topics.find({peer(2).position(), start + 5}).empty());
  EXPECT_EQ(world.hear(2, start + 5), Error::stale);
  EXPECT_EQ(world.hear(2, start + 4), Error::stale);
  EXPECT_EQ(world.hear(2, start + 6), Error::none);
}

/// More than fits is taken from whoever has most, its oldest first.
TEST(Topics, TheOldestPayloadsOfTheLargestGoFirstAndStaySeen) {
  World world;
  const std::size_t fitting = limits::stored_message_bytes_max / limits::topic_payload_size_max;
  world.meet(3, 3);
  ASSERT_EQ(world.hear(3, start + 1, limits::topic_payload_size_max), Error::none);
  for (std::size_t i = 1; i <= 2 * fitting; ++i)
    ASSERT_EQ(world.hear(2, start + i, limits::topic_payload_size_max), Error::none);
  const Position origin = peer(2).position();
  EXPECT_FALSE(world.topics.find({peer(3).position(), start + 1}).empty());
  EXPECT_TRUE(world.topics.find({origin, start + 1}).empty());
  EXPECT_FALSE(world.topics.find({origin, start + 2 * fitting}).empty());
  EXPECT_EQ(world.hear(2, start + 1), Error::duplicate);
  EXPECT_EQ(world.topics.size(), 2 * fitting + 1);
  std::size_t kept_bytes = 0;
  for (const Item& item : world.topics.items({0, ~Position{0}}))
    kept_bytes += world.topics.find(item).size();
  EXPECT_LE(kept_bytes, limits::stored_message_bytes_max);
  EXPECT_GT(kept_bytes, limits::stored_message_bytes_max / 8 * 6);
}

TEST(Topics, WhoSaysMostIsForgottenFirst) {
  World world;
  std::uint64_t sequence = start;
  world.meet(3, 14);
  ASSERT_EQ(world.hear(2, ++sequence), Error::none);
  std::size_t taken = 1;
  // Twelve that say as much as is tolerated, nearly a minute long.
  for (TimeMs passed = 0; passed < limits::message_kept_ms - 1'000; passed += 100) {
    for (std::uint8_t who = 3; who < 15; ++who) {
      for (int i = 0; i < 11; ++i) taken += world.hear(who, ++sequence) == Error::none ? 1u : 0u;
    }
    world.context.now += 100;
  }
  EXPECT_GT(taken, limits::seen_messages_max);
  EXPECT_LE(world.topics.size(), limits::seen_messages_max);
  EXPECT_GT(world.topics.size(), limits::seen_messages_max / 8 * 7);
  EXPECT_EQ(world.hear(2, start + 1), Error::duplicate);
  EXPECT_EQ(world.hear(3, start + 2), Error::stale);
}

// ---- Without a whole map ------------------------------------------------------------------------

TEST(TopicsOfStrangers, GoByTheClock) {
  World world;
  world.map.adopt_scope(false);
  const std::uint64_t slack = limits::stranger_slack_ms;
  EXPECT_EQ(world.hear(9, start - slack - 1), Error::stale);
  EXPECT_EQ(world.hear(9, start + slack + 1), Error::stale);
  EXPECT_FALSE(world.topics.lacks({peer(9).position(), start + slack + 1}));
  EXPECT_EQ(world.hear(9, start - slack), Error::none);
  EXPECT_EQ(world.hear(9, start + slack), Error::none);
  EXPECT_EQ(world.hear(9, start + slack), Error::duplicate);
  EXPECT_EQ(world.delivered(), 2u);
}

TEST(TopicsOfStrangers, AreDeliveredOnceHoweverLateTheyArePlayedBack) {
  World world;
  world.map.adopt_scope(false);
  const std::uint64_t slack = limits::stranger_slack_ms;
  std::uint64_t sequence = start + slack;
  for (const std::uint64_t said : {start - slack, start, sequence})
    ASSERT_EQ(world.hear(9, said), Error::none);
  for (TimeMs passed = 0; passed < 4 * slack; passed += 10'000) {
    world.context.now += 10'000;
    world.hear(8, ++sequence);  // the talk goes on, so that the past is tidied away
    world.topics.tick();
    for (const std::uint64_t said : {start - slack, start, start + slack})
      ASSERT_NE(world.hear(9, said), Error::none) << passed;
  }
}

TEST(TopicsOfStrangers, ThoseNotHeardOfForLongestMakeRoom) {
  World world;
  world.map.adopt_scope(false);
  const auto stranger = [](std::size_t number) {
    PeerId out = peer(99);
    out.bytes[0] = static_cast<std::uint8_t>(number >> 8);
    out.bytes[1] = static_cast<std::uint8_t>(number);
    return out;
  };
  const auto hear = [&](std::size_t number) {
    const PeerId id = stranger(number);
    if (world.topics.status(id, world.context.now) != StatementStore::Status::unknown)
      return Error::stale;
    const Statement said{
        StatementKind::message, id, world.context.now, encode_topic_body("topic", {}), {}};
    return world.topics.accept(said, encode_statement(said));
  };
  for (std::size_t i = 0; i < limits::origins_max + 2'000; ++i) {
    ASSERT_EQ(hear(i), Error::none) << i;
    ++world.context.now;
  }
  EXPECT_LE(world.topics.floors().size(), limits::origins_max);
  // Whose floor was forgotten is not heard again with what it said before.
  EXPECT_EQ(world.topics.status(stranger(0), start), StatementStore::Status::stale);
  EXPECT_EQ(world.topics.status(stranger(0), start - 1'000), StatementStore::Status::stale);
  EXPECT_EQ(hear(0), Error::none);
}

TEST(Topics, AMalformedBodyIsNotTaken) {
  World world;
  const Statement statement{StatementKind::message, peer(2), start + 1, Bytes(1), {}};
  EXPECT_EQ(world.topics.accept(statement, encode_statement(statement)), Error::malformed);
  EXPECT_EQ(world.topics.size(), 0u);
}

}  // namespace
}  // namespace membrane::test
