#include <gtest/gtest.h>

#include <algorithm>

#include "membrane/limits.h"
#include "message.h"
#include "network.h"

/// Frames that get lost although links are reliable: what the transport's failure modes, and liars
/// who acknowledge and forward nothing, look like from outside.
namespace membrane::test {
namespace {

using Index = Network::Index;

template <typename T>
bool is(Channel channel, const Bytes& frame) {
  if (channel != Channel::control) return false;
  const auto message = decode_message(frame);
  return message && *message && std::holds_alternative<T>(**message);
}

struct LossyWorld : testing::TestWithParam<std::uint64_t> {
  Network network{{.seed = GetParam()}};
  void SetUp() override {
    network.add_many(16);
    network.run_for(20'000);
    network.forget_seen();
  }
  void publish(Index from) {
    network.feed(from, [](Node& n, TimeMs now) {
      EXPECT_EQ(n.publish(now, "news", bytes_of("hello")), Error::none);
    });
  }
  /// How many of the living have exactly this many messages.
  std::size_t who_have(std::size_t messages) const {
    std::size_t count = 0;
    for (Index peer = 0; peer < network.size(); ++peer)
      count += network.seen<TopicMessage>(peer).size() == messages ? 1u : 0u;
    return count;
  }
};

TEST_P(LossyWorld, ALostSpreadIsHandedOnWhenItIsNotAcknowledged) {
  // One peer loses every message that comes spread: those who sent it notice.
  network.tamper_frame = [](Index, Index to, Channel channel, Bytes& data) {
    return to != 7 || !is<Spread>(channel, data);
  };
  publish(0);
  EXPECT_TRUE(network.run_until([&] { return who_have(1) == 16; }, 5'000));
}

TEST_P(LossyWorld, WhatALiarAcknowledgesAndForwardsNowhereIsReconciled) {
  network.tamper_frame = [](Index from, Index, Channel channel, Bytes& data) {
    return from != 7 || !is<Spread>(channel, data);
  };
  for (Index peer = 0; peer < 16; ++peer) publish(peer == 7 ? 0 : peer);
  EXPECT_TRUE(network.run_until([&] { return who_have(16) == 16; }, 5'000));
}

TEST_P(LossyWorld, AThirdOfTheLiarsDoNotStopABurstOfMessages) {
  network.tamper_frame = [](Index from, Index, Channel channel, Bytes& data) {
    return from % 3 != 1 || !is<Spread>(channel, data);
  };
  for (int i = 0; i < 60; ++i) publish(0);
  EXPECT_TRUE(network.run_until([&] { return who_have(60) == 16; }, 10'000));
}

TEST_P(LossyWorld, ALinkThatSilentlyLosesEverythingIsGivenUpAndReplaced) {
  const PeerId neighbour = network.node(3).links().front();
  Index other = 0;
  while (network.id(other) != neighbour) ++other;
  const TimeMs until = network.now() + limits::silence_max_ms + 1'000;
  network.tamper_frame = [&](Index from, Index to, Channel, Bytes&) {
    const bool theirs = (from == 3 && to == other) || (from == other && to == 3);
    return !theirs || network.now() > until;
  };
  network.run_for(limits::silence_max_ms + 1'000);
  const auto down = network.seen<LinkDown>(3);
  const auto lost = std::find_if(down.begin(), down.end(),
                                 [&](const LinkDown& event) { return event.peer == neighbour; });
  ASSERT_NE(lost, down.end());
  EXPECT_EQ(lost->reason, Error::silent);
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 10'000));
}

TEST_P(LossyWorld, EveryTenthFrameLostStillConverges) {
  std::uint64_t count = 0;
  network.tamper_frame = [&](Index, Index, Channel channel, Bytes& data) {
    const bool spared = is<Hello>(channel, data) || is<Proof>(channel, data);
    return spared || ++count % 10 != 0;
  };
  for (Index peer = 0; peer < 16; ++peer) publish(peer);
  network.run_for(1'000);
  network.crash(4);
  network.run_for(40'000);
  network.tamper_frame = nullptr;
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 20'000));
  EXPECT_GE(who_have(16), 15u);
}

TEST_P(LossyWorld, ARelayThatDropsEnvelopesCostsAtMostATimelyFailure) {
  network.tamper_frame = [](Index from, Index, Channel channel, Bytes& data) {
    return from % 4 != 1 || !is<Envelope>(channel, data);
  };
  for (Index peer = 0; peer < 16; ++peer) {
    network.feed(peer,
                 [&](Node& n, TimeMs now) { n.connect(now, network.id((peer + 8) % 16), false); });
  }
  network.run_for(limits::connect_timeout_ms + 100);
  for (Index peer = 0; peer < 16; ++peer) {
    EXPECT_EQ(network.seen<Connected>(peer).size() + network.seen<ConnectFailed>(peer).size(), 1u)
        << peer;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LossyWorld, testing::Values(1, 2, 3));

}  // namespace
}  // namespace membrane::test
