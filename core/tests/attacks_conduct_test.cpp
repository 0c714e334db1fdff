#include "attacks.h"
#include "wire.h"

/// Who floods or forges gets no link for a while; who passes on in good faith is not blamed for it.
namespace membrane::test {
namespace {

using Index = Network::Index;

struct AttackOnConduct : Attack {
  Index victim = 0;

  void SetUp() override {
    gather();
    victim = neighbours_of(liar).front();
  }
  std::size_t banned(Index index) { return network.counter(index, "banned"); }
  /// How many ended their link to the liar, for this reason.
  std::size_t ended_by(Error reason) {
    std::size_t count = 0;
    for (Index index = 0; index < network.size(); ++index) {
      for (const LinkDown& down : network.seen<LinkDown>(index))
        count += down.peer == network.id(liar) && down.reason == reason ? 1u : 0u;
    }
    return count;
  }
  Bytes forged(std::uint64_t number) const {
    return signed_statement(StatementKind::record, network.id(0), network.now() + 10 + number,
                            record_body("forged", {}), network.id(liar));
  }
  /// A record of somebody whom nobody knows: valid, and without an edge that anybody confirms.
  static Bytes ghost(std::uint32_t number) {
    const PeerId id = invented(number);
    return signed_statement(StatementKind::record, id, 1'000 + number, record_body("ghost", {}),
                            id);
  }
  template <typename T>
  void tell_victim(const T& message) {
    network.inject(liar, victim, encode_message(message));
  }
  void inject_in_fragments(Index to, ByteView message) {
    constexpr std::size_t part = limits::frame_size_max - 2;
    for (std::size_t at = 0; at < message.size(); at += part) {
      const std::size_t size = std::min(part, message.size() - at);
      Writer frame;
      frame.integer(fragment_type).u8(at + size == message.size() ? 1 : 0);
      network.inject(liar, to, frame.raw(message.subspan(at, size)).take());
    }
  }
  void connect(Index from, Index to) {
    network.feed(from, [&](Node& n, TimeMs now) { n.connect(now, network.id(to), false); });
    network.run_for(2'000);
  }
};

// ---- Forged -------------------------------------------------------------------------------------

TEST_F(AttackOnConduct, WhoeverForgesIsBannedByThoseItToldAndByNobodyElse) {
  const auto neighbours = neighbours_of(liar);
  for (std::uint64_t i = 0; i < 100; ++i) inject_to_all(spread_by_liar(forged(i)));
  network.run_for(1'000);
  EXPECT_EQ(ended_by(Error::bad_signature), neighbours.size());
  for (Index index = 0; index < network.size(); ++index) {
    const bool was_told =
        std::find(neighbours.begin(), neighbours.end(), index) != neighbours.end();
    EXPECT_EQ(banned(index), was_told ? 1u : 0u) << index;
    // What is forged is not passed on.
    if (!was_told) {
      EXPECT_EQ(network.rejected(index, Error::bad_signature), 0u) << index;
    }
  }
  network.run_for(30'000);
  expect_unmoved();
}

TEST_F(AttackOnConduct, AFewForgedStatementsAreForgiven) {
  for (std::uint64_t i = 0; i < 10; ++i) tell_victim(Push{forged(i)});
  network.run_for(1'000);
  EXPECT_EQ(network.rejected(victim, Error::bad_signature), 10u);
  EXPECT_EQ(banned(victim), 0u);
  EXPECT_TRUE(is_linked(victim, liar));
}

TEST_F(AttackOnConduct, TheBannedGetNoLinkUntilTheBanIsOver) {
  for (std::uint64_t i = 0; i < 100; ++i) tell_victim(Push{forged(i)});
  network.run_for(1'000);
  ASSERT_EQ(banned(victim), 1u);
  EXPECT_FALSE(is_linked(victim, liar));
  connect(liar, victim);
  connect(victim, liar);
  EXPECT_FALSE(is_linked(victim, liar));
  network.run_for(limits::conduct_ban_ms - 100'000);
  connect(liar, victim);
  EXPECT_FALSE(is_linked(victim, liar));
  network.run_for(200'000);
  connect(liar, victim);
  EXPECT_TRUE(is_linked(victim, liar));
  EXPECT_EQ(banned(victim), 0u);
}

/// A banned peer that comes through the server is recognised by its hello.
TEST_F(AttackOnConduct, TheServerIsNoWayAroundABan) {
  network.run_for(60'000);
  for (Index index = 0; index < network.size(); ++index) {
    if (index != liar && !is_linked(liar, index)) connect(liar, index);
  }
  for (Index index = 0; index < network.size(); ++index) {
    if (index == liar) continue;
    for (std::uint64_t i = 0; i < 100; ++i)
      network.inject(liar, index, encode_message(Push{forged(i)}));
    network.run_for(100);
    EXPECT_EQ(banned(index), 1u) << index;
  }
  EXPECT_TRUE(network.node(liar).links().empty());
  network.forget_seen();
  network.run_for(60'000);
  EXPECT_TRUE(network.node(liar).links().empty());
  EXPECT_TRUE(network.seen<LinkUp>(liar).empty());
  std::uint64_t refused = 0;
  for (Index index = 0; index < network.size(); ++index)
    refused += network.rejected(index, Error::refused);
  EXPECT_GE(refused, 3u);
  // Whoever comes through the server next is let in.
  network.add("late");
  network.run_for(5'000);
  EXPECT_EQ(network.node(network.size() - 1).peers().size(), network.size() - 1);
}

// ---- Passed on in good faith --------------------------------------------------------------------

TEST_F(AttackOnConduct, ARelayIsNotBlamedForWhatIsSealedInAnEnvelope) {
  const auto [relay, target] = two_apart();
  for (int i = 0; i < 100; ++i) {
    network.inject(liar, relay,
                   encode_message(Envelope{network.id(target), invented(1),
                                           Course{.hops_left = limits::hops_max},
                                           Bytes(100, static_cast<std::uint8_t>(i))}));
  }
  network.run_for(2'000);
  EXPECT_EQ(network.rejected(target, Error::bad_signature), 100u);
  for (Index index = 0; index < network.size(); ++index) EXPECT_EQ(banned(index), 0u) << index;
  expect_unmoved();
}

/// An answer to a search goes back along its trail: who hands it over has not checked what is in
/// it.
TEST_F(AttackOnConduct, ARelayIsNotBlamedForTheRecordsInAnAnswer) {
  const Index asker = two_apart().first;
  const Index target = somebody_not_linked_to(asker);
  std::uint64_t number = 0;
  network.tamper_frame = [&](Index, Index to, Channel channel, Bytes& data) {
    auto answer = message_in<SeekAnswer>(channel, data);
    if (to != asker || !answer) return true;
    answer->records.clear();
    while (answer->records.size() < seek_records_max) answer->records.push_back(forged(++number));
    data = encode_message(*answer);
    return true;
  };
  for (int i = 0; i < 5; ++i) {
    network.feed(asker, [&](Node& n, TimeMs now) { n.find(now, network.id(target)); });
    network.run_for(1'000);
  }
  EXPECT_EQ(network.rejected(asker, Error::bad_signature), 25u);
  EXPECT_EQ(banned(asker), 0u);
  network.tamper_frame = nullptr;
  expect_unmoved();
}

/// Nothing grows on its way past the limits of a frame.
TEST_F(AttackOnConduct, TheLargestEnvelopeDoesNotEndTheLinkOfItsRelay) {
  const auto [relay, target] = two_apart();
  for (std::size_t size = limits::control_message_size_max; size > 130'000; size -= 1) {
    const Bytes whole = encode_message(Envelope{
        network.id(target), invented(1), Course{.hops_left = limits::hops_max}, Bytes(size, 7)});
    if (whole.size() > limits::control_message_size_max) continue;
    inject_in_fragments(relay, whole);
    break;
  }
  network.run_for(2'000);
  for (Index index = 0; index < network.size(); ++index) {
    EXPECT_EQ(network.rejected(index, Error::oversized), 0u) << index;
    EXPECT_TRUE(network.seen<LinkDown>(index).empty()) << index;
  }
  expect_unmoved();
}

/// What is signed and still makes no sense is dropped by the first who sees it.
TEST_F(AttackOnConduct, ASignedStatementThatMakesNoSenseHarmsNobody) {
  const PeerId self = network.id(liar);
  for (std::uint64_t i = 0; i < 50; ++i) {
    tell_victim(spread_by_liar(
        signed_statement(StatementKind::record, self, network.now() + i, {1, 2}, self)));
    tell_victim(spread_by_liar({9, 9, 9}));
  }
  network.run_for(1'000);
  EXPECT_EQ(banned(victim), 0u);
  EXPECT_TRUE(is_linked(victim, liar));
  for (Index index = 0; index < network.size(); ++index)
    EXPECT_EQ(network.rejected(index, Error::malformed), index == victim ? 100u : 0u) << index;
}

// ---- Floods -------------------------------------------------------------------------------------

TEST_F(AttackOnConduct, AFloodOfFramesEndsTheLinkAndIsBanned) {
  const std::uint64_t carried = network.frames_carried;
  for (std::uint64_t i = 0; i < 2 * limits::frames_tolerated_burst; ++i) tell_victim(Ping{i});
  publish(0, "to all");
  network.run_for(2'000);
  EXPECT_EQ(ended_by(Error::busy), 1u);
  EXPECT_EQ(banned(victim), 1u);
  // It was answered only as far as an honest peer may send.
  const std::uint64_t flood = 2 * limits::frames_tolerated_burst;
  EXPECT_LE(network.frames_carried - carried, flood + limits::frames_burst + 3'000);
  for (Index index = 0; index < network.size(); ++index)
    EXPECT_EQ(times_heard(index, "to all"), 1u) << index;
  expect_unmoved();
}

TEST_F(AttackOnConduct, ASlowerFloodIsBannedAsWell) {
  for (TimeMs ms = 0; ms < 60'000 && is_linked(victim, liar); ms += 100) {
    for (std::uint64_t i = 0; i < limits::frames_tolerated_per_s / 5; ++i) tell_victim(Ping{i});
    network.run_for(100);
  }
  EXPECT_EQ(banned(victim), 1u);
  expect_unmoved();
}

/// Valid statements could have come to our neighbour from others: too many of them are dropped, and
/// nobody is blamed.
TEST_F(AttackOnConduct, AFloodOfValidStatementsIsCutOffWithoutBlame) {
  const std::uint32_t flood = limits::statements_burst + 4'000;
  for (std::uint32_t i = 0; i < flood; ++i) {
    tell_victim(Push{ghost(i)});
    if (i % 1'000 == 999) network.run_for(20);
  }
  publish(0, "to all");
  network.run_for(2'000);
  EXPECT_GE(network.rejected(victim, Error::busy), 3'500u);
  EXPECT_EQ(banned(victim), 0u);
  EXPECT_TRUE(is_linked(victim, liar));
  for (Index index = 0; index < network.size(); ++index)
    EXPECT_EQ(times_heard(index, "to all"), 1u) << index;
  // What a second allows is verified again.
  const auto busy = network.rejected(victim, Error::busy);
  for (std::uint32_t i = 0; i < limits::statements_per_s; ++i)
    tell_victim(Push{ghost(1'000'000 + i)});
  network.run_for(100);
  EXPECT_EQ(network.rejected(victim, Error::busy), busy);
  expect_unmoved();
}

/// A whole table of statements to be verified is not for one neighbour to fill.
TEST_F(AttackOnConduct, AFloodLeavesRoomToVerifyWhatTheOthersSay) {
  network.crypto_time = [this](Index index) -> TimeMs { return index == victim ? 3'000 : 1; };
  for (std::uint32_t i = 0; i < limits::verifying_kibibytes_max; ++i) tell_victim(Push{ghost(i)});
  network.run_for(100);
  EXPECT_EQ(network.rejected(victim, Error::full), limits::verifying_kibibytes_max / 3);
  EXPECT_LE(network.counter(victim, "crypto jobs"), limits::verifying_kibibytes_max * 2 / 3 + 50);
  // Everybody publishes, so whatever neighbour hands it over.
  for (Index from = 0; from < network.size(); ++from) {
    if (from != liar && from != victim) publish(from, "to all");
  }
  network.run_for(3'500);
  EXPECT_EQ(times_heard(victim, "to all"), network.size() - 2);
  network.crypto_time = nullptr;
  network.run_for(5'000);
  expect_unmoved();
}

/// Large ones fill it by their size, so that the table is bounded in bytes too.
TEST_F(AttackOnConduct, LargeStatementsCountByTheirSize) {
  network.crypto_time = [this](Index index) -> TimeMs { return index == victim ? 3'000 : 1; };
  const PeerId self = network.id(liar);
  const Bytes large = topic_body(std::string(60'000, 'x'));
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Bytes statement =
        signed_statement(StatementKind::message, self, network.now() + i, large, self);
    inject_in_fragments(victim, encode_message(Push{statement}));
  }
  network.run_for(200);
  // Two thirds of 6,144 KiB hold 70 of 59 KiB, when the last may begin within them.
  EXPECT_EQ(network.rejected(victim, Error::full), 30u);
  network.crypto_time = nullptr;
  network.run_for(10'000);
  expect_unmoved();
}

TEST_F(AttackOnConduct, FramesThatDoNotParseAreToleratedThreeTimes) {
  for (int i = 0; i < 4; ++i) {
    if (!is_linked(victim, liar)) connect(liar, victim);
    ASSERT_TRUE(is_linked(victim, liar)) << i;
    network.inject(liar, victim, {12, 1, 2, 3});
    network.run_for(4'000);
  }
  EXPECT_EQ(banned(victim), 1u);
  connect(liar, victim);
  EXPECT_FALSE(is_linked(victim, liar));
}

/// Before the handshake nobody knows who speaks: nobody is blamed.
TEST_F(AttackOnConduct, NonsenseBeforeTheProofIsNobodysFault) {
  for (int i = 0; i < 5; ++i) {
    Stranger stranger(network);
    stranger.say({12, 1, 2, 3});
    EXPECT_FALSE(stranger.came_in());
    EXPECT_EQ(banned(stranger.member), 0u);
    stranger.vanish();
    network.run_for(1'000);
  }
}

}  // namespace
}  // namespace membrane::test
