#include "states.h"

#include <gtest/gtest.h>

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;
constexpr TimeMs lifetime_ms = 60'000;
constexpr Arc whole_ring{0, ~Position{0}};

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

/// Our states, and peer 2 in the map, whose record has the sequence `start`.
struct World {
  World() {
    states.hooks.spread = [this](const Statement& statement, ByteView) {
      spread.push_back(*decode_state_body(statement.body));
    };
    map.hooks.changed = [] {};
    meet(2, 2);
    context.outputs.clear();
  }

  void hear_record(std::uint8_t who, std::uint64_t sequence) {
    const Record record{"", {}, limits::record_lifetime_s, {}};
    const Statement said{StatementKind::record, peer(who), sequence, encode_record(record), {}};
    EXPECT_EQ(map.accept(said, encode_statement(said)), Error::none);
  }

  /// From here on these are in the map.
  void meet(std::uint8_t first, std::uint8_t last) {
    for (std::uint8_t who = first; who <= last; ++who) {
      hear_record(who, start);
      linked.push_back(peer(who).position());
    }
    map.set_own_links(linked);
    map.refresh();
    context.outputs.clear();
  }

  /// What Broadcast does with a statement that comes in.
  Error hear_body(std::uint8_t who, std::uint64_t sequence, const StateBody& body,
                  std::uint64_t age_ms = 0) {
    if (states.status(peer(who), sequence) == StatementStore::Status::known)
      return Error::duplicate;
    Statement said{StatementKind::state, peer(who), sequence, encode_state_body(body), {}};
    said.age_ms = age_ms;
    return states.accept(said, encode_statement(said));
  }
  Error hear(std::uint8_t who, std::uint64_t sequence, const std::string& key,
             const std::string& value, std::uint64_t age_ms = 0) {
    const ByteView bytes = bytes_of(value);
    return hear_body(who, sequence,
                     {"topic", key, lifetime_ms / 1'000, {bytes.begin(), bytes.end()}}, age_ms);
  }

  Error set(const std::string& key, const std::string& value,
            std::uint64_t lifetime_s = lifetime_ms / 1'000) {
    return states.set("topic", key, bytes_of(value), lifetime_s);
  }
  /// Answers the signatures that were asked for.
  void sign(bool ok = true) {
    for (const Output& output : std::exchange(context.outputs, {})) {
      if (const auto* job = std::get_if<Sign>(&output))
        context.jobs.finish(Jobs::Kind::sign, job->job, ok, Signature{});
      else
        context.outputs.push_back(output);
    }
  }

  void pass(TimeMs duration) {
    context.now += duration;
    states.tick();
  }

  /// What the application was told since it was asked last, as "origin key=value".
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const Output& output : std::exchange(context.outputs, {})) {
      if (const auto* state = std::get_if<StateValue>(&output)) out.push_back(text(*state));
    }
    return out;
  }
  static std::string text(const StateValue& state) {
    EXPECT_EQ(state.present, !state.value.empty());
    EXPECT_EQ(state.topic, "topic");
    return std::to_string(state.origin.bytes[0]) + " " + state.key + "=" +
           std::string(text_of(state.value));
  }
  std::vector<std::string> values() const {
    std::vector<std::string> out;
    for (const StateValue& state : states.values("topic")) out.push_back(text(state));
    return out;
  }
  std::size_t offered() const { return states.items(whole_ring).size(); }

  using Texts = std::vector<std::string>;

  Context context{config(), start};
  Map map{context};
  States states{context, map};
  std::vector<StateBody> spread;
  std::vector<Position> linked;
};

using Texts = World::Texts;

// ---- The newest counts --------------------------------------------------------------------------

TEST(States, TheNewestOfEachOriginAndKeyCounts) {
  World world;
  EXPECT_EQ(world.hear(2, start + 2, "a", "two"), Error::none);
  EXPECT_EQ(world.hear(2, start + 1, "a", "one"), Error::stale);
  EXPECT_EQ(world.hear(2, start + 2, "a", "two"), Error::duplicate);
  EXPECT_EQ(world.hear(2, start + 3, "b", "other key"), Error::none);
  EXPECT_EQ(world.hear(2, start + 4, "a", "four"), Error::none);
  EXPECT_EQ(world.told(), (Texts{"2 a=two", "2 b=other key", "2 a=four"}));
  EXPECT_EQ(world.values(), (Texts{"2 b=other key", "2 a=four"}));
  EXPECT_TRUE(world.states.values("another").empty());
  EXPECT_EQ(world.states.size(), 2u);
}

TEST(States, TheSameValueAgainIsNoNews) {
  World world;
  world.hear(2, start + 1, "a", "one");
  world.told();
  EXPECT_EQ(world.hear(2, start + 2, "a", "one"), Error::none);
  EXPECT_EQ(world.told(), Texts{});
  EXPECT_TRUE(world.states.find({peer(2).position(), start + 1}).empty());
  EXPECT_FALSE(world.states.find({peer(2).position(), start + 2}).empty());
}

TEST(States, AnEmptyValueTakesItBackAndNothingOlderComesAfter) {
  World world;
  world.hear(2, start + 1, "a", "one");
  EXPECT_EQ(world.hear(2, start + 3, "a", ""), Error::none);
  EXPECT_EQ(world.told(), (Texts{"2 a=one", "2 a="}));
  EXPECT_EQ(world.values(), Texts{});
  EXPECT_EQ(world.offered(), 1u);  // others must hear of it
  EXPECT_EQ(world.hear(2, start + 2, "a", "late"), Error::stale);
  EXPECT_EQ(world.hear(2, start + 4, "never", ""), Error::none);
  EXPECT_EQ(world.told(), Texts{});
  world.pass(lifetime_ms + 1'000);
  EXPECT_EQ(world.states.size(), 0u);
}

// ---- Lifetimes ----------------------------------------------------------------------------------

TEST(States, AValueIsOverAfterItsLifetime) {
  World world;
  EXPECT_EQ(world.states.next_timeout(), never);
  world.hear(2, start + 1, "a", "one");
  EXPECT_EQ(world.states.next_timeout(), start + lifetime_ms);
  world.pass(lifetime_ms - 1);
  EXPECT_EQ(world.values(), Texts{"2 a=one"});
  world.pass(1);
  EXPECT_EQ(world.told(), (Texts{"2 a=one", "2 a="}));
  EXPECT_EQ(world.states.size(), 0u);
  EXPECT_EQ(world.states.next_timeout(), never);
}

TEST(States, TimeThatPassedElsewhereCounts) {
  World world;
  const Item item{peer(2).position(), start + 1};
  EXPECT_EQ(world.hear(2, start + 1, "a", "one", lifetime_ms), Error::stale);
  EXPECT_EQ(world.hear(2, start + 1, "a", "one", varint_max), Error::stale);
  EXPECT_EQ(world.hear(2, start + 1, "a", "one", lifetime_ms - 5'000), Error::none);
  world.pass(1'000);
  EXPECT_EQ(world.states.age_ms(item), lifetime_ms - 4'000);
  world.pass(4'000);
  EXPECT_EQ(world.values(), Texts{});
}

TEST(States, ALongLifetimeCountsAsTheLongest) {
  World world;
  EXPECT_EQ(world.hear_body(2, start + 1, {"topic", "a", varint_max, {1}}), Error::none);
  EXPECT_EQ(world.states.next_timeout(), start + limits::state_lifetime_max_s * 1'000);
}

TEST(States, AShorterValueDoesNotLetALongerOneBackIn) {
  World world;
  world.hear_body(2, start + 1, {"topic", "a", 600, {'x'}});
  world.hear(2, start + 2, "a", "short");
  world.pass(lifetime_ms);
  EXPECT_EQ(world.told(), (Texts{"2 a=x", "2 a=short", "2 a="}));
  EXPECT_EQ(world.offered(), 0u);
  EXPECT_TRUE(world.states.find({peer(2).position(), start + 2}).empty());
  EXPECT_EQ(world.hear_body(2, start + 1, {"topic", "a", 600, {'x'}}), Error::stale);
  EXPECT_EQ(world.hear(2, start + 2, "a", "short"), Error::duplicate);
  world.pass(600'000 - lifetime_ms);
  EXPECT_EQ(world.states.size(), 0u);
}

TEST(States, WhatIsOverByItsOriginsOwnClockIsNotTaken) {
  World world;
  world.hear_record(2, start + 2 * lifetime_ms);
  EXPECT_EQ(world.hear(2, start + lifetime_ms - 1, "a", "one"), Error::stale);
  EXPECT_EQ(world.hear(2, start + lifetime_ms, "a", "one"), Error::none);
  // Nor is it offered once a newer record shows that it is over.
  EXPECT_EQ(world.offered(), 1u);
  world.hear_record(2, start + 3 * lifetime_ms);
  EXPECT_EQ(world.offered(), 0u);
}

TEST(States, OursCountsForThoseWhoAreNotInTheMap) {
  World world;
  const std::uint64_t slack = limits::stranger_slack_ms;
  EXPECT_EQ(world.hear(9, start - slack - lifetime_ms - 1, "a", "one"), Error::stale);
  EXPECT_EQ(world.hear(9, start + slack + 1, "a", "one"), Error::stale);
  EXPECT_EQ(world.hear(9, start - slack - lifetime_ms, "a", "one"), Error::none);
  EXPECT_EQ(world.offered(), 1u);
  world.context.now += 1;
  EXPECT_EQ(world.offered(), 0u);
  EXPECT_EQ(world.hear(9, start + slack, "a", "two"), Error::none);
  // One in the map may have any clock.
  EXPECT_EQ(world.hear(2, varint_max, "a", "one"), Error::none);
}

// ---- Ours ---------------------------------------------------------------------------------------

TEST(States, WhatWeSetIsToldAtOnceAndSpreadWhenItIsSigned) {
  World world;
  EXPECT_EQ(world.set("a", "one"), Error::none);
  EXPECT_EQ(world.values(), Texts{"1 a=one"});
  EXPECT_EQ(world.offered(), 0u);
  world.sign();
  EXPECT_EQ(world.told(), Texts{"1 a=one"});
  EXPECT_EQ(world.offered(), 1u);
  ASSERT_EQ(world.spread.size(), 1u);
  EXPECT_EQ(world.spread[0].key, "a");
  EXPECT_EQ(text_of(world.spread[0].value), "one");
}

TEST(States, OnlyTheNewestIsSpreadWhenOneIsReplacedWhileItIsSigned) {
  World world;
  world.set("a", "one");
  world.set("a", "two");
  world.sign();
  ASSERT_EQ(world.spread.size(), 1u);
  EXPECT_EQ(text_of(world.spread[0].value), "two");
  EXPECT_EQ(world.states.size(), 1u);
}

TEST(States, WhatWeSetIsRenewedAtHalfOfItsLifetime) {
  World world;
  world.set("a", "one");
  world.sign();
  for (int round = 1; round <= 10; ++round) {
    EXPECT_EQ(world.states.next_timeout(), world.context.now + lifetime_ms / 2);
    world.pass(lifetime_ms / 2);
    world.sign();
    EXPECT_EQ(world.spread.size(), static_cast<std::size_t>(round) + 1);
    EXPECT_EQ(world.offered(), 1u);
  }
  EXPECT_EQ(world.told(), Texts{"1 a=one"});
  EXPECT_EQ(world.states.size(), 1u);
}

TEST(States, AFailedSignatureIsCountedAndTriedAgain) {
  World world;
  world.set("a", "one");
  world.sign(false);
  EXPECT_EQ(world.context.rejected[static_cast<std::size_t>(Error::bad_signature)], 1u);
  EXPECT_EQ(world.spread.size(), 0u);
  world.pass(lifetime_ms / 2);
  world.sign();
  EXPECT_EQ(world.spread.size(), 1u);
}

TEST(States, WhatWeTakeBackIsNotForgottenBeforeTheValueIs) {
  World world;
  world.set("a", "long", 600);
  world.set("a", "one");
  world.sign();
  EXPECT_EQ(world.set("a", ""), Error::none);
  world.sign();
  EXPECT_EQ(world.told(), (Texts{"1 a=long", "1 a=one", "1 a="}));
  EXPECT_EQ(world.spread.back().lifetime_s, 601u);
  EXPECT_TRUE(world.spread.back().value.empty());
  world.pass(600'000);
  EXPECT_EQ(world.offered(), 1u);
  EXPECT_EQ(world.spread.size(), 2u);  // not renewed
  world.pass(1'000);
  EXPECT_EQ(world.states.size(), 0u);
}

TEST(States, WhatMakesNoSenseIsRefused) {
  World world;
  const std::string long_key(limits::state_key_size_max + 1, 'k');
  EXPECT_EQ(world.states.set("", "a", {}, 60), Error::invalid_argument);
  EXPECT_EQ(world.states.set("\xff", "a", {}, 60), Error::invalid_argument);
  EXPECT_EQ(world.set(long_key, "x"), Error::invalid_argument);
  EXPECT_EQ(world.set("\xff", "x"), Error::invalid_argument);
  EXPECT_EQ(world.set("a", "x", limits::state_lifetime_min_s - 1), Error::invalid_argument);
  EXPECT_EQ(world.set("a", "x", limits::state_lifetime_max_s + 1), Error::invalid_argument);
  EXPECT_EQ(world.set("a", std::string(limits::state_value_size_max + 1, 'x')), Error::oversized);
  EXPECT_EQ(world.set(long_key.substr(1), std::string(limits::state_value_size_max, 'x'),
                      limits::state_lifetime_max_s),
            Error::none);
  EXPECT_EQ(world.states.size(), 1u);
}

TEST(States, WeKeepOurKeysAndOurRate) {
  World world;
  for (std::size_t i = 0; i < limits::state_keys_max; ++i)
    ASSERT_EQ(world.set(std::to_string(i), "x"), Error::none);
  EXPECT_EQ(world.set("one more", "x"), Error::busy);
  EXPECT_EQ(world.set("0", ""), Error::none);
  EXPECT_EQ(world.set("one more", "x"), Error::busy);  // what is taken back counts until it is over
  for (std::size_t i = limits::state_keys_max + 1; i < limits::states_burst; ++i)
    ASSERT_EQ(world.set("1", std::to_string(i)), Error::none);
  EXPECT_EQ(world.set("1", "y"), Error::busy);
  world.context.now += 1'000 / limits::states_per_s;
  EXPECT_EQ(world.set("1", "y"), Error::none);
}

TEST(States, RenewalsKeepTheRateAndCatchUp) {
  World world;
  for (std::size_t i = 0; i < limits::state_keys_max; ++i)
    world.set(std::to_string(i), "x", limits::state_lifetime_min_s);
  for (std::size_t i = limits::state_keys_max; i < limits::states_burst; ++i)
    world.set("0", std::to_string(i), limits::state_lifetime_min_s);
  world.sign();
  const std::size_t before = world.spread.size();
  world.context.now = start + limits::state_lifetime_min_s * 500;
  while (world.set("0", "again", limits::state_lifetime_min_s) == Error::none) continue;
  for (int second = 0; second < 10; ++second) {
    world.pass(1'000);
    world.sign();
  }
  EXPECT_GE(world.spread.size(), before + limits::state_keys_max);
  EXPECT_EQ(world.values().size(), limits::state_keys_max);
}

TEST(States, OurLastLifeIsHeardAndNotRenewed) {
  World world;
  EXPECT_EQ(world.hear(1, start - 1'000, "a", "before"), Error::none);
  EXPECT_EQ(world.told(), Texts{"1 a=before"});
  world.pass(lifetime_ms);
  world.sign();
  EXPECT_EQ(world.spread.size(), 0u);
  EXPECT_EQ(world.told(), Texts{"1 a="});
}

TEST(States, WhatWeSetInThisLifeIsSaidAboveTheLast) {
  World world;
  world.set("a", "now");
  world.sign();
  EXPECT_EQ(world.hear(1, start + 5'000, "a", "before"), Error::stale);
  world.pass(1'000);
  world.sign();
  ASSERT_EQ(world.spread.size(), 2u);
  EXPECT_EQ(text_of(world.spread[1].value), "now");
  EXPECT_GT(world.context.sequence, start + 5'000);
  EXPECT_EQ(world.values(), Texts{"1 a=now"});
}

// ---- Bounds -------------------------------------------------------------------------------------

TEST(States, AnOriginOverItsRateIsDropped) {
  World world;
  std::uint64_t sequence = start;
  std::size_t taken = 0;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    // One key: that it is replaced does not wash its rate away.
    taken += world.hear(2, ++sequence, "a", std::to_string(i)) == Error::none ? 1u : 0u;
  }
  EXPECT_EQ(taken, 2 * limits::states_burst + 1);
  EXPECT_EQ(world.hear(2, ++sequence, "a", "x"), Error::busy);
  world.context.now += 1'000 / (2 * limits::states_per_s);
  EXPECT_EQ(world.hear(2, sequence, "a", "x"), Error::none);
}

TEST(States, OfAnOriginWithTooManyKeysTheOldestGoes) {
  World world;
  const std::size_t most = 2 * limits::state_keys_max;
  for (std::size_t i = 1; i <= most; ++i)
    ASSERT_EQ(world.hear(2, start + i, std::to_string(i), "x"), Error::none);
  world.told();
  EXPECT_EQ(world.hear(2, start + most + 1, "1", "replaced"), Error::none);
  EXPECT_EQ(world.told(), Texts{"2 1=replaced"});
  EXPECT_EQ(world.hear(2, start + most + 2, "more", "x"), Error::none);
  EXPECT_EQ(world.told(), (Texts{"2 2=", "2 more=x"}));
  EXPECT_EQ(world.hear(2, start + 2, "2", "x"), Error::full);  // it would be the first to go
  EXPECT_EQ(world.states.size(), most);
}

/// Fills the table to the brim with the largest values of `count` peers.
void fill(World& world, std::uint8_t from, std::uint8_t count) {
  const std::string large(limits::state_value_size_max, 'x');
  for (std::uint8_t who = from; who < from + count; ++who) {
    for (std::size_t i = 1; i <= 2 * limits::state_keys_max; ++i)
      world.hear(who, start + i, std::to_string(i), large);
  }
  world.told();
}

TEST(States, WhenItIsFullWhoHoldsMostMakesRoom) {
  World world;
  world.meet(3, 59);
  world.hear(2, start + 1, "small", "x");
  fill(world, 3, 57);
  EXPECT_LE(world.states.size(),
            limits::state_bytes_max / (limits::state_value_size_max + limits::state_entry_size));
  const std::size_t full = world.states.size();
  EXPECT_GT(full, 1'900u);
  // One that holds little keeps it and finds room.
  Texts told;
  for (std::uint64_t i = 2; i < 20; ++i) {
    EXPECT_EQ(world.hear(2, start + i, std::to_string(i), "x"), Error::none);
    for (const std::string& text : world.told()) {
      if (!text.starts_with("2 ")) told.push_back(text);
    }
  }
  ASSERT_EQ(told.size(), 1u);
  EXPECT_GE(world.states.size(), full + 17);
  EXPECT_EQ(world.values()[0], "2 small=x");
}

TEST(States, StrangersMakeRoomForMembers) {
  World world;
  fill(world, 100, 57);
  const std::string large(limits::state_value_size_max, 'x');
  for (std::size_t i = 1; i <= 2 * limits::state_keys_max; ++i)
    ASSERT_EQ(world.hear(2, start + i, std::to_string(i), large), Error::none);
  EXPECT_EQ(world.values().front().substr(0, 2), "2 ");
  const auto all = world.values();
  EXPECT_EQ(std::count_if(all.begin(), all.end(),
                          [](const std::string& text) { return text.starts_with("2 "); }),
            static_cast<std::ptrdiff_t>(2 * limits::state_keys_max));
}

/// Whatever came in whichever order, those who are full keep the same.
TEST(States, OrderDoesNotMatter) {
  std::vector<std::vector<Item>> kept;
  for (const bool backwards : {false, true}) {
    World world;
    for (int i = 0; i < 60; ++i) {
      const auto who = static_cast<std::uint8_t>(backwards ? 159 - i : 100 + i);
      for (std::uint64_t k = 1; k <= 40; ++k)
        world.hear_body(who, start + k,
                        {"topic", std::to_string(k), 60, Bytes(limits::state_value_size_max)});
    }
    kept.push_back(world.states.items(whole_ring));
  }
  EXPECT_GT(kept[0].size(), 1'900u);
  std::vector<Item> both;
  std::set_intersection(kept[0].begin(), kept[0].end(), kept[1].begin(), kept[1].end(),
                        std::back_inserter(both));
  EXPECT_GE(both.size() + 60, kept[0].size());
}

TEST(States, AMalformedBodyIsNotTaken) {
  World world;
  const Statement said{StatementKind::state, peer(2), start + 1, Bytes(1), {}};
  EXPECT_EQ(world.states.accept(said, encode_statement(said)), Error::malformed);
  EXPECT_EQ(world.states.size(), 0u);
}

TEST(States, AnArcOverTheSeamIsListedInItsOrder) {
  World world;
  world.hear(200, start + 1, "a", "x");
  world.hear(2, start + 1, "a", "x");
  world.hear(2, start + 2, "b", "x");
  const auto items = world.states.items({peer(100).position(), peer(50).position()});
  const std::vector<Item> expected{{peer(200).position(), start + 1},
                                   {peer(2).position(), start + 1},
                                   {peer(2).position(), start + 2}};
  EXPECT_EQ(items, expected);
}

}  // namespace
}  // namespace membrane::test
