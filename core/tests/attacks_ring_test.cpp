#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "attacks.h"

/// Attacks on finding one's way in a network that is too large for whole maps.
namespace membrane::test {
namespace {

using Index = Network::Index;

struct AttackOnTheRing : testing::Test {
  Network network{{.peers_max = 32}};
  std::set<Index> liars;

  /// A settled network in which each tenth has gone bad.
  void gather(std::size_t count = 100) {
    network.add_many(count, 50);
    network.run_for(30'000);
    network.forget_seen();
    for (Index index = 3; index < count; index += 10) liars.insert(index);
  }
  std::vector<Index> honest() const {
    std::vector<Index> out;
    for (Index index = 0; index < network.size(); ++index) {
      if (!liars.contains(index)) out.push_back(index);
    }
    return out;
  }
  void find(Index from, const PeerId& peer) {
    network.feed(from, [&](Node& n, TimeMs now) { EXPECT_EQ(n.find(now, peer), Error::none); });
  }
  /// What the liars do with what is on its way through them; true when it is to go on.
  void lie(const std::function<bool(Index liar, Message& message)>& what) {
    network.tamper_frame = [this, what](Index, Index to, Channel channel, Bytes& data) {
      if (channel != Channel::control || !liars.contains(to)) return true;
      auto message = decode_message(data);
      if (!message || !*message || !is_routed_on(to, **message)) return true;
      const bool goes_on = what(to, **message);
      if (goes_on) data = encode_message(**message);
      return goes_on;
    };
  }
  bool is_routed_on(Index at, const Message& message) const {
    const PeerId self = network.id(at);
    if (const auto* envelope = std::get_if<Envelope>(&message)) return envelope->to != self;
    if (const auto* seek = std::get_if<Seek>(&message)) return seek->to != self.position();
    if (const auto* answer = std::get_if<SeekAnswer>(&message))
      return answer->to != self.position();
    return false;
  }
  /// How many of these finds failed, when each honest peer looks for ten others.
  std::size_t failures() {
    const auto peers = honest();
    for (std::size_t i = 0; i < peers.size(); ++i) {
      for (std::size_t k = 1; k <= 10; ++k)
        find(peers[i], network.id(peers[(i + 8 * k) % peers.size()]));
      network.run_for(50);
    }
    network.run_for(30'000);
    std::size_t found = 0;
    std::size_t failed = 0;
    for (const Index peer : peers) {
      found += network.seen<Found>(peer).size();
      failed += network.seen<FindFailed>(peer).size();
    }
    EXPECT_EQ(found + failed, 10 * peers.size());
    return failed;
  }
};

TEST_F(AttackOnTheRing, RelaysThatDropEverythingAreGoneAround) {
  gather();
  lie([](Index, Message&) { return false; });
  EXPECT_LE(failures(), 9u);  // of 900
}

TEST_F(AttackOnTheRing, ConnectionsGoAroundThemToo) {
  gather();
  lie([](Index, Message&) { return false; });
  const auto peers = honest();
  for (std::size_t i = 0; i < peers.size(); ++i) {
    network.feed(peers[i], [&](Node& n, TimeMs now) {
      EXPECT_EQ(n.connect(now, network.id(peers[(i + 37) % peers.size()]), false), Error::none);
    });
  }
  network.run_for(40'000);
  for (const Index peer : peers) EXPECT_TRUE(network.seen<ConnectFailed>(peer).empty()) << peer;
}

TEST_F(AttackOnTheRing, RelaysThatReturnEverythingAreGoneAround) {
  gather();
  lie([](Index, Message& message) {
    if (auto* envelope = std::get_if<Envelope>(&message)) envelope->course.returned = true;
    if (auto* seek = std::get_if<Seek>(&message)) seek->course.returned = true;
    return true;  // to itself, who thinks that somebody returned what it never sent
  });
  EXPECT_LE(failures(), 9u);  // of 900
}

TEST_F(AttackOnTheRing, WhoeverClaimsToKnowEverybodyDrawsLittleToItself) {
  gather();
  // Each liar says that it has links all around the ring, next to everybody's goal.
  for (const Index liar : liars) {
    std::vector<Position> links;
    for (Position i = 0; i < limits::record_links_max; ++i)
      links.push_back(i * (~Position{0} / limits::record_links_max) + liar);
    const Bytes record =
        signed_statement(StatementKind::record, network.id(liar), network.now() + 60'000,
                         record_body("hub", links), network.id(liar));
    for (const PeerId& neighbour : network.node(liar).links()) {
      for (Index index = 0; index < network.size(); ++index) {
        if (network.id(index) == neighbour)
          network.inject(liar, index, encode_message(Push{record}));
      }
    }
  }
  network.run_for(1'000);
  lie([](Index, Message&) { return false; });
  EXPECT_LE(failures(), 9u);  // of 900
}

TEST_F(AttackOnTheRing, WhoeverIsGoneIsNotFoundByHisOldProofs) {
  gather();
  const Index asker = 0;
  const Index gone = 50;
  std::optional<SeekAnswer> old;
  network.tamper_frame = [&](Index, Index, Channel channel, Bytes& data) {
    if (auto answer = message_in<SeekAnswer>(channel, data); answer && answer->proof) old = answer;
    return true;
  };
  find(asker, network.id(gone));
  ASSERT_TRUE(network.run_until([&] { return !network.seen<Found>(asker).empty(); }));
  ASSERT_TRUE(old);
  network.crash(gone);
  // Everybody answers in its name at once.
  network.tamper_frame = [&](Index sender, Index receiver, Channel channel, Bytes& data) {
    const auto seek = message_in<Seek>(channel, data);
    if (!seek || seek->to != network.id(gone).position() || seek->course.returned) return true;
    old->trail = seek->course.trail;
    network.inject(receiver, sender, encode_message(*old));
    return false;
  };
  network.forget_seen();
  find(asker, network.id(gone));
  network.run_for(30'000);
  EXPECT_TRUE(network.seen<Found>(asker).empty());
  ASSERT_EQ(network.seen<FindFailed>(asker).size(), 1u);
  EXPECT_EQ(network.seen<FindFailed>(asker)[0].reason, Error::unreachable);
  EXPECT_GE(network.rejected(asker, Error::bad_signature), limits::seek_tries / 2);
}

TEST_F(AttackOnTheRing, WhatIsMadeToCircleDiesOut) {
  gather();
  const Index liar = *liars.begin();
  constexpr std::uint64_t trail = 0x1234;
  std::uint64_t steps = 0;
  const auto send_everywhere = [&](Seek seek) {
    seek.course.hops_left = 255;
    seek.course.closest = ~Position{0};
    for (Index index = 0; index < network.size(); ++index) {
      if (index != liar) network.inject(liar, index, encode_message(seek));
    }
  };
  network.tamper_frame = [&](Index, Index to, Channel channel, Bytes& data) {
    const auto seek = message_in<Seek>(channel, data);
    if (!seek || seek->course.trail != trail) return true;
    ++steps;
    if (to == liar && !seek->course.returned) send_everywhere(*seek);
    return true;
  };
  send_everywhere({0x7777'7777'7777'7777, 1, false, {.hops_left = 255, .trail = trail}});
  network.run_for(5'000);
  EXPECT_LE(steps, 20 * limits::hops_max);
  steps = 0;
  network.run_for(10'000);
  EXPECT_EQ(steps, 0u);
}

TEST_F(AttackOnTheRing, AnswersThatNobodyAskedForFindNothing) {
  gather();
  const Index victim = 0;
  const Index goal = 57;
  const PeerId neighbour = network.node(victim).links().front();
  Index liar = 0;
  while (network.id(liar) != neighbour) ++liar;
  find(victim, network.id(goal));
  for (std::uint64_t guess = 0; guess < 100; ++guess) {
    network.inject(
        liar, victim,
        encode_message(SeekAnswer{
            network.id(victim).position(), guess, 1, fake_sign(network.id(liar), {}), {}}));
  }
  network.run_for(5'000);
  EXPECT_EQ(network.rejected(victim, Error::unknown_request), 100u);
  EXPECT_EQ(network.seen<Found>(victim).size(), 1u);
}

}  // namespace
}  // namespace membrane::test
