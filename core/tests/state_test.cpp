#include <gtest/gtest.h>

#include <map>
#include <set>

#include "membrane/limits.h"
#include "network.h"

/// States in whole networks: who has which value, and for how long.
namespace membrane::test {
namespace {

using Index = Network::Index;
using Values = std::map<std::string, std::string>;

constexpr std::uint64_t lifetime_s = 60;
constexpr TimeMs lifetime_ms = lifetime_s * 1'000;

struct StateOf : testing::TestWithParam<std::uint64_t> {
  Network network{{.seed = GetParam()}};

  void gather(std::size_t count = 12) {
    network.add_many(count);
    ASSERT_TRUE(network.run_until([this] { return network.maps_agree(); }, 30'000));
    network.run_for(5'000);
    network.forget_seen();
  }
  void set(Index from, std::string_view key, std::string_view value, std::uint64_t s = lifetime_s) {
    network.feed(from, [&](Node& node, TimeMs now) {
      EXPECT_EQ(node.set_state(now, "room", key, bytes_of(value), s), Error::none);
    });
  }
  /// What this peer holds, by "key of origin".
  Values values(Index at) {
    Values out;
    for (const StateValue& state : network.node(at).states("room"))
      out[state.key + " of " + state.origin.text()] = text_of(state.value);
    return out;
  }
  std::string name(std::string_view key, Index origin) const {
    return std::string(key) + " of " + network.id(origin).text();
  }
  bool all_have(const Values& expected) {
    for (Index at = 0; at < network.size(); ++at) {
      if (network.node(at).state() != State::left && !gone.contains(at) && values(at) != expected)
        return false;
    }
    return true;
  }
  bool soon_all_have(const Values& expected, TimeMs limit_ms = 5'000) {
    return network.run_until([&] { return all_have(expected); }, limit_ms);
  }
  std::size_t duplicates() const {
    std::size_t count = 0;
    for (Index at = 0; at < network.size(); ++at) count += network.rejected(at, Error::duplicate);
    return count;
  }
  std::size_t times_told(Index at) const { return network.seen<StateValue>(at).size(); }

  std::set<Index> gone;
};

TEST_P(StateOf, WhatIsSetIsToldToEachOnce) {
  gather();
  const std::size_t before = duplicates();
  set(3, "title", "one");
  EXPECT_TRUE(soon_all_have({{name("title", 3), "one"}}, 1'000));
  set(3, "title", "two");
  set(4, "title", "mine");
  EXPECT_TRUE(soon_all_have({{name("title", 3), "two"}, {name("title", 4), "mine"}}, 1'000));
  set(3, "title", "");
  EXPECT_TRUE(soon_all_have({{name("title", 4), "mine"}}, 1'000));
  network.run_for(30'000);
  for (Index at = 0; at < network.size(); ++at) EXPECT_EQ(times_told(at), 4u) << at;
  EXPECT_EQ(duplicates(), before);
}

TEST_P(StateOf, WhoComesLaterHasTheCurrentValues) {
  gather();
  set(3, "title", "old");
  set(3, "gone", "x");
  set(5, "title", "other");
  network.run_for(1'000);
  set(3, "title", "new");
  set(3, "gone", "");
  network.run_for(20'000);
  const Index late = network.add("late");
  ASSERT_TRUE(network.run_until([&] { return !network.seen<LinkUp>(late).empty(); }));
  const Values expected{{name("title", 3), "new"}, {name("title", 5), "other"}};
  EXPECT_TRUE(network.run_until([&] { return values(late) == expected; }, 500));
  EXPECT_EQ(times_told(late), 2u);  // nothing that was replaced
}

TEST_P(StateOf, WhoComesTheMomentAfterItIsSetHasItAtOnce) {
  gather();
  const Index late = network.add("late");
  set(3, "title", "one");
  set(4, "title", "two");
  ASSERT_TRUE(network.run_until([&] { return !network.seen<LinkUp>(late).empty(); }));
  const Values expected{{name("title", 3), "one"}, {name("title", 4), "two"}};
  EXPECT_TRUE(network.run_until([&] { return values(late) == expected; }, 500));
  EXPECT_EQ(times_told(late), 2u);
}

TEST_P(StateOf, ManyChangesEndWithTheLast) {
  gather();
  for (int i = 0; i < 100; ++i) {
    set(static_cast<Index>(i % 3), "count", std::to_string(i));
    network.run_for(20);
  }
  EXPECT_TRUE(soon_all_have(
      {{name("count", 0), "99"}, {name("count", 1), "97"}, {name("count", 2), "98"}}));
}

TEST_P(StateOf, WhileItsOriginIsHereAValueStaysAndIsToldOnce) {
  gather();
  set(3, "title", "one");
  network.run_for(5 * lifetime_ms);
  EXPECT_TRUE(all_have({{name("title", 3), "one"}}));
  for (Index at = 0; at < network.size(); ++at) EXPECT_EQ(times_told(at), 1u) << at;
}

TEST_P(StateOf, AfterItsOriginHasGoneItEndsWithItsLifetimeAlthoughOthersCome) {
  gather(6);
  set(3, "title", "one");
  network.run_for(5'000);
  gone.insert(3);
  network.crash(3);
  const TimeMs said = network.now() - 5'000;
  // Each newcomer has it, and none from then on: it is not handed on for ever.
  for (int i = 0; i < 4; ++i) {
    network.run_for(10'000);
    const Index late = network.add("late");
    EXPECT_TRUE(network.run_until([&] { return values(late).size() == 1; }, 5'000)) << i;
  }
  ASSERT_LT(network.now(), said + lifetime_ms);
  EXPECT_TRUE(all_have({{name("title", 3), "one"}}));
  network.run_for(said + lifetime_ms + 3'000 - network.now());
  EXPECT_TRUE(all_have({}));
  network.run_for(2 * lifetime_ms);
  EXPECT_TRUE(all_have({}));
  for (Index at = 0; at < network.size(); ++at) {
    if (at == 3) continue;
    EXPECT_EQ(times_told(at), 2u) << at;  // here it is, and gone
  }
}

TEST_P(StateOf, WhoWasCutOffAndTheRestEndWithTheNewestOfEach) {
  gather();
  const Index apart = 7;
  set(3, "title", "before");
  set(apart, "title", "before");
  network.run_for(2'000);
  bool is_cut = true;
  network.tamper_frame = [&](Index from, Index to, Channel, Bytes&) {
    return !is_cut || (from != apart && to != apart);
  };
  network.may_connect = [&](Index a, Index b) { return !is_cut || (a != apart && b != apart); };
  network.run_for(20'000);
  EXPECT_TRUE(network.node(apart).links().empty());
  set(3, "title", "");
  set(4, "title", "the rest's");
  set(apart, "title", "apart's");
  network.run_for(5'000);
  EXPECT_EQ(values(apart),
            (Values{{name("title", 3), "before"}, {name("title", apart), "apart's"}}));
  is_cut = false;
  EXPECT_TRUE(
      soon_all_have({{name("title", 4), "the rest's"}, {name("title", apart), "apart's"}}, 30'000));
}

TEST_P(StateOf, WhatIsSetBeforeTheFirstLinkReachesEverybody) {
  gather();
  const Index late = network.add("late");
  set(late, "hello", "here");
  EXPECT_TRUE(soon_all_have({{name("hello", late), "here"}}));
}

TEST_P(StateOf, ALostSpreadIsReconciled) {
  gather();
  // One peer loses everything that comes spread, and what is handed on instead.
  network.tamper_frame = [](Index, Index to, Channel channel, Bytes& data) {
    return to != 7 || channel != Channel::control || data.empty() || data[0] != 6;
  };
  for (Index from = 0; from < 6; ++from) set(from, "title", "x");
  EXPECT_TRUE(network.run_until([this] { return values(7).size() == 6; }, 20'000));
}

TEST_P(StateOf, AnIdentityThatComesBackSaysItAnewOrLetsItEnd) {
  gather();
  set(3, "kept", "one");
  set(3, "left", "one");
  network.run_for(1'000);
  network.crash(3);
  gone.insert(3);
  const Index back = network.restart(3);
  ASSERT_TRUE(network.run_until([&] { return network.node(back).state() == State::joined; }));
  set(back, "kept", "two");
  EXPECT_TRUE(soon_all_have({{name("kept", 3), "two"}, {name("left", 3), "one"}}, 15'000));
  network.run_for(lifetime_ms + 2'000);
  EXPECT_TRUE(all_have({{name("kept", 3), "two"}}));
}

TEST_P(StateOf, SleepersHearWhatChanged) {
  gather();
  set(3, "title", "before");
  network.run_for(1'000);
  network.sleep(7, 2 * lifetime_ms);
  network.run_for(1'000);
  set(3, "title", "after");
  network.run_for(2 * lifetime_ms);
  EXPECT_TRUE(soon_all_have({{name("title", 3), "after"}}, 20'000));
}

INSTANTIATE_TEST_SUITE_P(Seeds, StateOf, testing::Values(1, 2, 3));

TEST(State, ANetworkOfOneHasItsOwn) {
  Network network;
  const Index only = network.add("only");
  network.run_for(1'000);
  network.feed(only, [](Node& node, TimeMs now) {
    EXPECT_EQ(node.set_state(now, "room", "title", bytes_of("x"), lifetime_s), Error::none);
  });
  network.run_for(100);
  EXPECT_EQ(network.node(only).states("room").size(), 1u);
  EXPECT_EQ(network.counter(only, "states kept"), 1u);
}

TEST(State, AfterLeavingItIsRefused) {
  Network network;
  network.add("only");
  network.leave(0);
  network.feed(0, [](Node& node, TimeMs now) {
    EXPECT_EQ(node.set_state(now, "room", "title", bytes_of("x"), lifetime_s), Error::left);
  });
}

/// Everybody sets as many keys as it may: whoever comes later has them all.
TEST(State, ALateJoinerHasAThousandValues) {
  Network network;
  network.add_many(32);
  network.run_for(20'000);
  for (Index from = 0; from < 32; ++from) {
    network.feed(from, [](Node& node, TimeMs now) {
      for (std::size_t key = 0; key < limits::state_keys_max; ++key)
        EXPECT_EQ(node.set_state(now, "room", std::to_string(key), Bytes(200), 3'600), Error::none);
    });
  }
  network.run_for(5'000);
  const Index late = network.add("late");
  const auto has_all = [&] {
    return network.node(late).states("room").size() == 32 * limits::state_keys_max;
  };
  EXPECT_TRUE(network.run_until(has_all, 10'000));
  for (Index at = 0; at < 32; ++at)
    EXPECT_EQ(network.node(at).states("room").size(), 32 * limits::state_keys_max) << at;
}

}  // namespace
}  // namespace membrane::test
