#include <gtest/gtest.h>

#include <set>

#include "membrane/limits.h"
#include "network.h"

/// Who hears what, and how often.
namespace membrane::test {
namespace {

using Index = Network::Index;

Error publish(Network& network, Index from, std::string_view text,
              std::string_view topic = "news") {
  Error error = Error::none;
  network.feed(from, [&](Node& n, TimeMs now) { error = n.publish(now, topic, bytes_of(text)); });
  return error;
}

std::vector<std::string> heard(const Network& network, Index peer) {
  std::vector<std::string> out;
  for (const TopicMessage& message : network.seen<TopicMessage>(peer))
    out.emplace_back(text_of(message.payload));
  return out;
}

TEST(Publish, RightAfterJoiningReachesEverybody) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Network network({.seed = seed});
    network.add_many(12);
    network.run_for(10'000);
    const Index late = network.add("late");
    ASSERT_TRUE(network.run_until([&] { return network.node(late).state() == State::joined; }));
    EXPECT_EQ(publish(network, late, "here I am"), Error::none);
    network.run_for(5'000);
    for (Index peer = 0; peer <= 12; ++peer)
      EXPECT_EQ(heard(network, peer), std::vector<std::string>{"here I am"}) << seed << " " << peer;
  }
}

TEST(Publish, AsSoonAsSomebodyIsInTheMapItHears) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Network network({.seed = seed});
    network.add_many(12);
    network.run_for(10'000);
    const Index late = network.add("late");
    const auto knows = [&] {
      const auto peers = network.node(3).peers();
      return std::count(peers.begin(), peers.end(), network.id(late)) == 1;
    };
    ASSERT_TRUE(network.run_until(knows));
    publish(network, 3, "welcome");
    network.run_for(5'000);
    EXPECT_EQ(heard(network, late), std::vector<std::string>{"welcome"}) << seed;
  }
}

TEST(Publish, ALateJoinerGetsNoOldMessages) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Network network({.seed = seed});
    network.add_many(12);
    network.run_for(10'000);
    for (Index peer = 0; peer < 12; ++peer) publish(network, peer, "old");
    network.run_for(2'000);
    const Index late = network.add("late");
    network.run_for(70'000);
    EXPECT_TRUE(heard(network, late).empty()) << seed;
    EXPECT_EQ(heard(network, 0).size(), 12u);
  }
}

TEST(Publish, EvenWhenTheTalkGoesOnWhileItJoins) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Network network({.seed = seed});
    network.add_many(12);
    network.run_for(10'000);
    int said = 0;
    const auto talk = [&](TimeMs duration) {
      for (TimeMs passed = 0; passed < duration; passed += 100) {
        publish(network, static_cast<Index>(said % 12), std::to_string(said));
        ++said;
        network.run_for(100);
      }
    };
    talk(3'000);
    const int before = said;
    const Index late = network.add("late");
    talk(3'000);
    const int joined = said;
    talk(2'000);
    network.run_for(5'000);
    std::set<int> got;
    for (const std::string& text : heard(network, late)) {
      EXPECT_TRUE(got.insert(std::stoi(text)).second) << "twice: " << text;
      EXPECT_GE(std::stoi(text), before - 1);
    }
    for (int i = joined; i < said; ++i) EXPECT_TRUE(got.contains(i)) << i;
  }
}

TEST(Publish, ANetworkOfOneHearsItself) {
  Network network;
  const Index only = network.add("only");
  network.run_for(1'000);
  EXPECT_EQ(publish(network, only, "hello"), Error::none);
  network.run_for(100);
  EXPECT_EQ(heard(network, only).size(), 1u);
}

TEST(Publish, TheLargestPayloadPassesWhole) {
  Network network;
  network.add_many(6);
  network.run_for(10'000);
  const std::string large(limits::topic_payload_size_max, 'x');
  EXPECT_EQ(publish(network, 2, large), Error::none);
  network.run_for(1'000);
  for (Index peer = 0; peer < 6; ++peer) EXPECT_EQ(heard(network, peer), std::vector{large});
  EXPECT_EQ(publish(network, 2, large + "x"), Error::oversized);
}

TEST(Publish, WhatCannotBeATopicIsRefused) {
  Network network;
  network.add("only");
  EXPECT_EQ(publish(network, 0, "x", ""), Error::invalid_argument);
  EXPECT_EQ(publish(network, 0, "x", std::string(limits::topic_name_size_max + 1, 't')),
            Error::invalid_argument);
  EXPECT_EQ(publish(network, 0, "x", "\xff"), Error::invalid_argument);
}

TEST(Publish, BeyondItsRateTheSenderIsToldAndEverybodyGetsTheRest) {
  Network network;
  network.add_many(6);
  network.run_for(10'000);
  std::size_t sent = 0;
  for (int i = 0; i < 400; ++i) sent += publish(network, 1, "m") == Error::none ? 1u : 0u;
  EXPECT_EQ(sent, limits::messages_burst);
  network.run_for(10'000);
  for (Index peer = 0; peer < 6; ++peer) EXPECT_EQ(heard(network, peer).size(), sent) << peer;
}

TEST(Rename, EverybodySeesTheNewNameOnce) {
  Network network;
  network.add_many(8);
  network.run_for(10'000);
  network.forget_seen();
  network.feed(2, [](Node& n, TimeMs now) { EXPECT_EQ(n.rename(now, "Zoë"), Error::none); });
  network.run_for(3'000);
  for (Index peer = 0; peer < 8; ++peer) {
    const auto renamed = network.seen<PeerRenamed>(peer);
    ASSERT_EQ(renamed.size(), 1u) << peer;
    EXPECT_EQ(renamed[0].peer, network.id(2));
    EXPECT_EQ(renamed[0].name, "Zoë");
  }
}

TEST(Rename, ManyChangesEndWithTheLast) {
  Network network;
  network.add_many(8);
  network.run_for(10'000);
  for (int i = 0; i < 40; ++i) {
    network.feed(2, [&](Node& n, TimeMs now) { n.rename(now, "name " + std::to_string(i)); });
    network.run_for(50);
  }
  network.run_for(5'000);
  for (Index peer = 0; peer < 8; ++peer)
    EXPECT_EQ(network.seen<PeerRenamed>(peer).back().name, "name 39") << peer;
}

TEST(Rename, ANameThatIsTooLongOrNotTextIsRefused) {
  Network network;
  network.add("only");
  network.feed(0, [](Node& n, TimeMs now) {
    EXPECT_EQ(n.rename(now, std::string(limits::name_size_max + 1, 'n')), Error::oversized);
    EXPECT_EQ(n.rename(now, "\xc0\x80"), Error::invalid_argument);
    EXPECT_EQ(n.rename(now, std::string(limits::name_size_max, 'n')), Error::none);
  });
}

}  // namespace
}  // namespace membrane::test
