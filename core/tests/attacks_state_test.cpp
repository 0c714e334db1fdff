#include "attacks.h"
#include "wire.h"

/// Attacks on states: what somebody else said, what was said before, and too much of it.
namespace membrane::test {
namespace {

using Index = Network::Index;

struct AttackOnStates : Attack {
  static Bytes state_body(std::string_view key, std::string_view value, std::uint64_t s = 60) {
    const ByteView bytes = bytes_of(value);
    return encode_state_body({"room", std::string(key), s, {bytes.begin(), bytes.end()}});
  }
  Bytes state_of(const PeerId& origin, std::uint64_t sequence, Bytes body) const {
    return signed_statement(StatementKind::state, origin, sequence, std::move(body), origin);
  }
  void set(Index from, std::string_view key, std::string_view value) {
    network.feed(from, [&](Node& node, TimeMs now) {
      EXPECT_EQ(node.set_state(now, "room", key, bytes_of(value), 60), Error::none);
    });
  }
  std::string value(Index at, Index origin, std::string_view key) {
    for (const StateValue& state : network.node(at).states("room")) {
      if (state.origin == network.id(origin) && state.key == key)
        return std::string(text_of(state.value));
    }
    return "nothing";
  }
  std::size_t count_of(Index at, const PeerId& origin) {
    std::size_t count = 0;
    for (const StateValue& state : network.node(at).states("room")) count += state.origin == origin;
    return count;
  }
  void expect_all_have(Index origin, std::string_view key, const std::string& expected) {
    for (Index at = 0; at < network.size(); ++at) {
      if (at == liar) continue;
      EXPECT_EQ(value(at, origin, key), expected) << at;
    }
  }
};

TEST_F(AttackOnStates, AForgedValueIsTakenByNobody) {
  gather();
  const PeerId self = network.id(liar);
  const PeerId victim = network.id(0);
  set(0, "title", "true");
  network.run_for(1'000);
  const Bytes forged = signed_statement(StatementKind::state, victim, network.now() + 1,
                                        state_body("title", "false"), self);
  inject_to_all(spread_by_liar(forged));
  inject_to_all(Push{forged});
  network.run_for(5'000);
  for (const Index index : neighbours_of(liar))
    EXPECT_GE(network.rejected(index, Error::bad_signature), 1u);
  expect_all_have(0, "title", "true");
  expect_unmoved();
}

TEST_F(AttackOnStates, AnOlderValueDoesNotComeBack) {
  gather();
  std::vector<Bytes> overheard;
  network.tamper_frame = [&](Index from, Index, Channel channel, Bytes& data) {
    if (from == 0) {
      if (auto spread = message_in<Spread>(channel, data)) {
        const auto statement = decode_statement(spread->statement);
        if (statement && statement->kind == StatementKind::state)
          overheard.push_back(spread->statement);
      }
    }
    return true;
  };
  set(0, "title", "one");
  network.run_for(1'000);
  set(0, "title", "two");
  set(0, "other", "x");
  network.run_for(1'000);
  set(0, "other", "");
  network.run_for(1'000);
  ASSERT_FALSE(overheard.empty());
  network.forget_seen();
  for (const Bytes& statement : std::vector<Bytes>(overheard)) {
    inject_to_all(spread_by_liar(statement));
    inject_to_all(Push{statement});
  }
  network.run_for(5'000);
  expect_all_have(0, "title", "two");
  expect_all_have(0, "other", "nothing");
  for (Index at = 0; at < network.size(); ++at) EXPECT_TRUE(network.seen<StateValue>(at).empty());
  expect_unmoved();
}

/// Whoever leaves is not kept alive by somebody who says its last value again and again.
TEST_F(AttackOnStates, AValueOfWhoHasLeftEndsWhateverIsSaidOfItsAge) {
  gather();
  const Index victim = liar == 2 ? 3 : 2;
  Bytes overheard;
  network.tamper_frame = [&](Index from, Index, Channel channel, Bytes& data) {
    if (const auto spread = message_in<Spread>(channel, data); from == victim && spread) {
      const auto statement = decode_statement(spread->statement);
      if (statement && statement->kind == StatementKind::state) overheard = spread->statement;
    }
    return true;
  };
  set(victim, "title", "here");
  const TimeMs since = network.now();
  network.run_for(1'000);
  network.leave(victim);
  ASSERT_FALSE(overheard.empty());
  const auto anybody_has_it = [&] {
    for (Index at = 0; at < network.size(); ++at) {
      if (at != victim && value(at, victim, "title") != "nothing") return true;
    }
    return false;
  };
  const TimeMs longest = 60'000 + limits::stranger_slack_ms;
  while (network.now() < since + longest + 61'000) {
    inject_to_all(Push{overheard});
    inject_to_all(spread_by_liar(overheard));
    network.run_for(5'000);
  }
  EXPECT_FALSE(anybody_has_it());
  expect_unmoved({victim});
}

TEST_F(AttackOnStates, AnAgeThatIsALieShortensALifeOnlyUntilTheNextHonestNeighbour) {
  gather();
  const Index late = network.size();
  std::size_t lies = 0;
  network.tamper_frame = [&](Index, Index to, Channel channel, Bytes& data) {
    // All that the newcomer is handed at first is said to be nearly over.
    if (to == late && lies < 3) {
      if (auto push = message_in<Push>(channel, data)) {
        const auto statement = decode_statement(push->statement);
        if (statement && statement->kind == StatementKind::state) {
          push->age_ms = 60'000 - 1;
          data = encode_message(*push);
          ++lies;
        }
      }
    }
    return true;
  };
  set(0, "title", "true");
  network.run_for(1'000);
  network.add("late");
  network.run_for(25'000);
  EXPECT_EQ(lies, 3u);
  EXPECT_EQ(value(late, 0, "title"), "true");
}

TEST_F(AttackOnStates, EndlessKeysOfOneOriginAreCutOff) {
  gather();
  const PeerId self = network.id(liar);
  const std::string large(limits::state_value_size_max, 'x');
  set(0, "title", "true");
  for (int round = 0; round < 10; ++round) {
    for (std::uint64_t i = 0; i < 50; ++i) {
      const std::uint64_t number = network.now() + i;
      inject_to_all(
          spread_by_liar(state_of(self, number, state_body(std::to_string(number), large))));
    }
    network.run_for(1'000);
  }
  for (Index at = 0; at < network.size(); ++at) {
    if (at == liar) continue;
    EXPECT_LE(count_of(at, self), 2 * limits::state_keys_max) << at;
    EXPECT_GE(count_of(at, self), limits::state_keys_max) << at;
  }
  EXPECT_GE(network.rejected(neighbours_of(liar).front(), Error::busy), 150u);
  expect_all_have(0, "title", "true");
  expect_unmoved();
}

/// As many invented origins as it takes: they fill what is free and nothing else.
TEST_F(AttackOnStates, InventedOriginsTakeNoRoomFromMembers) {
  gather(4);
  for (Index from = 0; from < network.size(); ++from) {
    if (from != liar) set(from, "title", "true");
  }
  network.run_for(1'000);
  const std::string large(limits::state_value_size_max, 'x');
  const Index victim = neighbours_of(liar).front();
  std::uint32_t number = 0;
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 100; ++i) {
      const PeerId ghost = invented(++number);
      network.inject(
          liar, victim,
          encode_message(Push{state_of(ghost, network.now(), state_body("k", large, 3'600))}));
    }
    network.run_for(100);
  }
  const std::size_t full = network.counter(victim, "states kept");
  EXPECT_GE(full, 1'900u);
  EXPECT_LE(full, limits::state_bytes_max / limits::state_value_size_max + 6);
  set(0, "more", "true");
  network.run_for(40'000);  // values are renewed meanwhile
  for (Index from = 0; from < network.size(); ++from) {
    if (from != liar) expect_all_have(from, "title", "true");
  }
  expect_all_have(0, "more", "true");
  expect_unmoved();
}

TEST_F(AttackOnStates, ASequenceFromTheFutureOutlivesNothing) {
  gather();
  const PeerId self = network.id(liar);
  const PeerId ghost = invented(1);
  const Bytes of_ghost = state_of(ghost, varint_max, state_body("k", "ghost"));
  inject_to_all(spread_by_liar(of_ghost));
  network.run_for(1'000);
  for (Index at = 0; at < network.size(); ++at) EXPECT_EQ(count_of(at, ghost), 0u) << at;
  // A member's clock is its own affair, as long as it is one.
  const Bytes of_liar = state_of(self, varint_max, state_body("k", "liar"));
  inject_to_all(spread_by_liar(of_liar));
  network.run_for(1'000);
  EXPECT_EQ(count_of(0, self), 1u);
  network.leave(liar);
  network.run_for(130'000);  // its value is over, and nobody holds its record any more
  const Index helper = neighbours_of(0).front();
  const Index late = network.add("late");
  network.run_for(5'000);
  network.inject(helper, 0, encode_message(Push{of_liar}));
  network.run_for(1'000);
  EXPECT_EQ(count_of(0, self), 0u);
  EXPECT_EQ(count_of(late, self), 0u);
}

TEST_F(AttackOnStates, WhatIsTooLargeOrTooShortLivedIsDropped) {
  gather();
  const PeerId self = network.id(liar);
  const auto neighbours = neighbours_of(liar);
  const std::string large(limits::state_value_size_max + 1, 'x');
  const std::vector<Bytes> bodies{state_body("k", large), state_body("k", "x", 29),
                                  state_body(std::string(65, 'k'), "x"), Bytes{1, 2, 3}};
  std::uint64_t number = network.now();
  for (const Bytes& body : bodies) inject_to_all(Push{state_of(self, ++number, body)});
  network.run_for(1'000);
  for (const Index index : neighbours) {
    EXPECT_EQ(network.rejected(index, Error::malformed), bodies.size());
    EXPECT_EQ(count_of(index, self), 0u);
  }
  expect_unmoved();
}

}  // namespace
}  // namespace membrane::test
