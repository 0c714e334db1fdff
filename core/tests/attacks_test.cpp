#include "attacks.h"

/// Attacks by somebody inside: what passes through it, what it says again, what it says that is not
/// so.
namespace membrane::test {
namespace {

using Index = Network::Index;

/// Keeps frames of one kind as they pass.
template <typename T>
struct Recorder {
  explicit Recorder(Network& n) : network(n) {
    network.tamper_frame = [this](Index, Index to, Channel channel, Bytes& data) {
      if (auto message = message_in<T>(channel, data)) seen.emplace_back(to, *std::move(message));
      return true;
    };
  }
  ~Recorder() { network.tamper_frame = nullptr; }
  Network& network;
  std::vector<std::pair<Index, T>> seen;
};

void connect(Network& network, Index from, Index to) {
  network.feed(from, [&](Node& n, TimeMs now) {
    EXPECT_EQ(n.connect(now, network.id(to), false), Error::none);
  });
}

// ---- Envelopes ----------------------------------------------------------------------------------

TEST_F(Attack, ARelayThatChangesSealedEnvelopesGetsNoLinkMade) {
  gather();
  const auto [from, to] = two_apart();
  network.tamper_frame = [&, from = from, to = to](Index sender, Index receiver, Channel channel,
                                                   Bytes& data) {
    auto envelope = message_in<Envelope>(channel, data);
    if (!envelope || sender == from || receiver != to) return true;
    envelope->sealed[envelope->sealed.size() / 2] ^= 1;
    data = encode_message(*envelope);
    return true;
  };
  connect(network, from, to);
  network.run_for(limits::connect_timeout_ms + 100);
  EXPECT_GE(network.rejected(to, Error::bad_signature), 2u);  // the offer, and the offer again
  ASSERT_EQ(network.seen<ConnectFailed>(from).size(), 1u);
  EXPECT_EQ(network.seen<ConnectFailed>(from)[0].reason, Error::timed_out);
  EXPECT_FALSE(is_linked(from, to));
  network.tamper_frame = nullptr;
  expect_unmoved();
}

TEST_F(Attack, ARelayThatDropsEnvelopesCostsATimelyFailureAtMost) {
  gather();
  const auto [from, to] = two_apart();
  liar = index_of(*network.node(from).next_hop(network.id(to)));
  network.tamper_frame = [&](Index sender, Index, Channel channel, Bytes& data) {
    return sender != liar || !message_in<Envelope>(channel, data);
  };
  connect(network, from, to);
  network.run_for(limits::connect_timeout_ms + 100);
  EXPECT_EQ(network.seen<Connected>(from).size() + network.seen<ConnectFailed>(from).size(), 1u);
  EXPECT_EQ(network.seen<Connected>(from).size(), is_linked(from, to) ? 1u : 0u);
  network.tamper_frame = nullptr;
  expect_unmoved();
}

TEST_F(Attack, AReplayedOfferMakesNoSecondConnection) {
  gather();
  const auto [from, to] = two_apart();
  Recorder<Envelope> passed(network);
  connect(network, from, to);
  ASSERT_TRUE(network.run_until([&, from = from, to = to] { return is_linked(to, from); }));
  network.run_for(5'000);
  const auto up_before = network.seen<LinkUp>(to).size();
  const auto duplicates = network.rejected(to, Error::duplicate);
  liar = neighbours_of(to).front() == from ? neighbours_of(to).back() : neighbours_of(to).front();
  const auto envelopes = passed.seen;
  for (const auto& [receiver, envelope] : envelopes) {
    if (receiver == to && envelope.from == network.id(from))
      network.inject(liar, to, encode_message(envelope));
  }
  network.run_for(5'000);
  EXPECT_EQ(network.rejected(to, Error::duplicate), duplicates + 1);
  EXPECT_EQ(network.counter(to, "attempts"), 0u);
  EXPECT_EQ(network.seen<LinkUp>(to).size(), up_before);
  for (const LinkDown& down : network.seen<LinkDown>(to)) EXPECT_NE(down.peer, network.id(from));
  expect_unmoved();
}

TEST_F(Attack, WhoeverReturnsWhatWasNotSentThroughHimDoesNotStopAConnection) {
  gather();
  const auto [from, to] = two_apart();
  Recorder<Envelope> passed(network);
  connect(network, from, to);
  for (int i = 0; i < 50; ++i) {
    // Even the envelope's own trail is of no use: it did not go to the liar.
    for (const auto& [receiver, envelope] : std::exchange(passed.seen, {})) {
      if (receiver == liar || envelope.from != network.id(from)) continue;
      Envelope forged = envelope;
      forged.course.returned = true;
      network.inject(liar, from, encode_message(forged));
    }
    network.run_for(5);
  }
  network.run_for(3'000);
  EXPECT_GT(network.rejected(from, Error::unknown_request), 0u);
  EXPECT_EQ(network.seen<Connected>(from).size(), 1u);
  EXPECT_TRUE(network.seen<ConnectFailed>(from).empty());
  expect_unmoved();
}

TEST_F(Attack, ARelayThatReturnsEverythingIsGoneAround) {
  gather();
  const auto [from, to] = two_apart();
  network.tamper_frame = [&](Index sender, Index receiver, Channel channel, Bytes& data) {
    auto envelope = message_in<Envelope>(channel, data);
    if (!envelope || receiver != liar || envelope->to == network.id(liar)) return true;
    envelope->course.returned = true;
    network.inject(liar, sender, encode_message(*envelope));
    return false;
  };
  connect(network, from, to);
  ASSERT_TRUE(
      network.run_until([&, from = from] { return !network.seen<Connected>(from).empty(); }));
  EXPECT_TRUE(network.seen<ConnectFailed>(from).empty());
  network.tamper_frame = nullptr;
  expect_unmoved();
}

// ---- Said again ---------------------------------------------------------------------------------

TEST_F(Attack, AnOldRecordOfALivingPeerIsStale) {
  gather();
  const Index victim = somebody_not_linked_to(liar);
  const auto rename = [&](const char* name) {
    network.feed(victim, [&](Node& n, TimeMs now) { n.rename(now, name); });
    network.run_for(3'000);
  };
  Recorder<Spread> passed(network);
  rename("old");
  const Bytes old = passed.seen.front().second.statement;
  rename("new");
  const auto neighbours = neighbours_of(liar);
  inject_to_all(Push{old});
  inject_to_all(spread_by_liar(old));
  network.run_for(3'000);
  // What it was handed, and what others were handed for it before they had looked.
  for (const Index index : neighbours) EXPECT_GE(network.rejected(index, Error::stale), 2u);
  for (Index index = 0; index < network.size(); ++index)
    EXPECT_EQ(network.seen<PeerRenamed>(index).back().name, "new");
  expect_unmoved();
}

TEST_F(Attack, ARecordOfSomebodyWhoLeftDoesNotBringItBack) {
  gather();
  const Index victim = somebody_not_linked_to(liar);
  Recorder<Spread> passed(network);
  network.feed(victim, [](Node& n, TimeMs now) { n.rename(now, "once"); });
  network.run_for(3'000);
  const Bytes record = passed.seen.front().second.statement;
  network.leave(victim);
  ASSERT_TRUE(network.run_until([&] { return network.maps_agree(); }));
  network.forget_seen();
  // While it is remembered, and after it was forgotten.
  for (const TimeMs wait : {TimeMs{1'000}, limits::unreachable_kept_ms + 20'000}) {
    network.run_for(wait);
    inject_to_all(Push{record});
    inject_to_all(spread_by_liar(record));
    network.run_for(3'000);
    for (Index index = 0; index < network.size(); ++index)
      EXPECT_TRUE(network.seen<PeerAdded>(index).empty()) << index;
  }
  expect_unmoved({victim});
}

TEST_F(Attack, AReplayedMessageIsDeliveredOnce) {
  gather();
  Recorder<Spread> passed(network);
  publish(0, "once");
  network.run_for(3'000);
  const Bytes message = passed.seen.front().second.statement;
  const auto neighbours = neighbours_of(liar);
  const auto rejected = [&](Error error) {
    std::uint64_t sum = 0;
    for (const Index index : neighbours) sum += network.rejected(index, error);
    return sum;
  };
  const auto duplicates = rejected(Error::duplicate);
  inject_to_all(Push{message});
  network.run_for(1'000);
  EXPECT_EQ(rejected(Error::duplicate), duplicates + neighbours.size());
  const auto stale = rejected(Error::stale);
  network.run_for(3 * limits::message_kept_ms);
  inject_to_all(Push{message});
  inject_to_all(spread_by_liar(message));
  network.run_for(3'000);
  EXPECT_EQ(rejected(Error::stale), stale + 2 * neighbours.size());
  for (Index index = 0; index < network.size(); ++index) EXPECT_EQ(times_heard(index, "once"), 1u);
  expect_unmoved();
}

TEST_F(Attack, AMessageOfBeforeIsNotPlayedBackToALateJoiner) {
  gather();
  Recorder<Spread> passed(network);
  publish(0, "before");
  network.run_for(3'000);
  const Bytes message = passed.seen.front().second.statement;
  const Index late = network.add("late");
  ASSERT_TRUE(network.run_until([&] { return network.maps_agree(); }));
  network.run_for(3'000);
  liar = neighbours_of(late).back();
  const auto stale = network.rejected(late, Error::stale);
  network.inject(liar, late, encode_message(Push{message}));
  network.inject(liar, late, encode_message(spread_by_liar(message)));
  network.run_for(3'000);
  EXPECT_EQ(times_heard(late, "before"), 0u);
  EXPECT_GE(network.rejected(late, Error::stale), stale + 2);
  expect_unmoved();
}

TEST_F(Attack, TheRecordAndAMessageOfSomebodyWhoLeftAreNotPlayedBack) {
  gather();
  const Index victim = somebody_not_linked_to(liar);
  Recorder<Spread> passed(network);
  network.feed(victim, [](Node& n, TimeMs now) { n.rename(now, "once"); });
  network.run_for(3'000);
  const Bytes record = passed.seen.front().second.statement;
  passed.seen.clear();
  publish(victim, "once");
  network.run_for(3'000);
  const Bytes message = passed.seen.front().second.statement;
  network.leave(victim);
  network.run_for(12 * limits::message_kept_ms);
  publish(0, "later");  // when this is forgotten, so is the floor of an origin that is gone
  network.run_for(2 * limits::message_kept_ms);
  const Index late = network.add("late");
  ASSERT_TRUE(network.run_until([&] { return network.maps_agree(); }));
  network.run_for(3'000);
  for (const Bytes& statement : {record, message}) {
    inject_to_all(spread_by_liar(statement));
    network.run_for(100);
  }
  network.run_for(20'000);
  for (Index index = 0; index < network.size(); ++index)
    EXPECT_EQ(times_heard(index, "once"), index == late ? 0u : 1u) << index;
  expect_unmoved({victim});
}

// ---- Floors and acknowledgements ----------------------------------------------------------------

TEST_F(Attack, FloorsFromAnybodyButTheFirstContactAreRefused) {
  gather();
  std::vector<Item> floors;
  for (Index index = 0; index < network.size(); ++index)
    floors.push_back({network.id(index).position(), network.now() * 2});
  std::sort(floors.begin(), floors.end());
  const auto neighbours = neighbours_of(liar);
  inject_to_all(Floors{floors});
  network.run_for(100);
  for (const Index index : neighbours) EXPECT_EQ(network.rejected(index, Error::not_ready), 1u);
  expect_unmoved();
}

TEST_F(Attack, FloorsInTheFutureSilenceNobodyForLong) {
  gather();
  std::vector<Item> floors;
  for (Index index = 0; index < network.size(); ++index)
    floors.push_back({network.id(index).position(), network.now() * 2});
  std::sort(floors.begin(), floors.end());
  const Index late = network.add("late");
  ASSERT_TRUE(network.run_until([&] { return !network.seen<LinkUp>(late).empty(); }));
  liar = index_of(network.seen<LinkUp>(late)[0].peer);
  network.inject(liar, late, encode_message(Floors{floors}));
  network.run_for(100);
  EXPECT_EQ(network.rejected(late, Error::not_ready), 0u);  // its first contact may tell it
  network.run_for(limits::handshake_timeout_ms);
  network.inject(liar, late, encode_message(Floors{floors}));
  network.run_for(100);
  EXPECT_EQ(network.rejected(late, Error::not_ready), 1u);  // but only at first
  network.run_for(30'000);
  expect_unmoved();
}

TEST_F(Attack, WhatALiarAcknowledgesButKeepsIsFoundMissing) {
  gather();
  network.tamper_frame = [this](Index from, Index, Channel channel, Bytes& data) {
    return from != liar || !message_in<Spread>(channel, data);
  };
  for (Index from = 0; from < network.size(); ++from) {
    if (from != liar) publish(from, "to all");
  }
  const auto all_heard = [this] {
    for (Index index = 0; index < network.size(); ++index) {
      if (times_heard(index, "to all") != network.size() - 1) return false;
    }
    return true;
  };
  EXPECT_TRUE(network.run_until(all_heard, 10'000));
  EXPECT_TRUE(network.seen<LinkDown>(0).empty());
  expect_unmoved();
}

}  // namespace
}  // namespace membrane::test
