#include "attacks.h"
#include "wire.h"

/// Attacks by too much and by nonsense: frames that do not parse, rates, tables, sessions.
namespace membrane::test {
namespace {

using Index = Network::Index;

// ---- Frames -------------------------------------------------------------------------------------

struct Nonsense {
  const char* what;
  std::vector<Bytes> frames;
  Error reason;
};

void PrintTo(const Nonsense& nonsense, std::ostream* out) { *out << nonsense.what; }

Bytes fragment(std::uint8_t last, std::size_t size) {
  Bytes frame{fragment_type, last};
  frame.resize(2 + size, 'x');
  return frame;
}

struct BadFrame : Attack, testing::WithParamInterface<Nonsense> {};

TEST_P(BadFrame, EndsTheLinkAndNothingElse) {
  gather();
  const auto neighbours = neighbours_of(liar);
  for (const Index to : neighbours) {
    for (const Bytes& frame : GetParam().frames) network.inject(liar, to, frame);
  }
  network.crash(liar);
  // Long before its silence would tell, everybody knows that it is gone.
  EXPECT_TRUE(network.run_until([this] { return network.maps_agree(); }, 5'000));
  for (const Index index : neighbours) {
    EXPECT_EQ(network.rejected(index, GetParam().reason), 1u) << index;
    std::vector<Error> reasons;
    for (const LinkDown& down : network.seen<LinkDown>(index)) {
      if (down.peer == network.id(liar)) reasons.push_back(down.reason);
    }
    EXPECT_EQ(reasons, std::vector{GetParam().reason}) << index;
  }
  expect_unmoved({liar});
}

INSTANTIATE_TEST_SUITE_P(
    Attack, BadFrame,
    testing::Values(
        Nonsense{"oversized frame", {Bytes(limits::frame_size_max + 1, 1)}, Error::oversized},
        Nonsense{"empty frame", {Bytes{}}, Error::malformed},
        Nonsense{"cut envelope", {{12, 1, 2, 3}}, Error::malformed},
        Nonsense{"items out of order",
                 {encode_message(Want{Store::records, {{2, 1}, {1, 1}}})},
                 Error::malformed},
        Nonsense{"too many ranges",
                 {encode_message(Summary{Store::records, std::vector<SummaryRange>(65)})},
                 Error::malformed},
        Nonsense{"empty fragment", {fragment(0, 0)}, Error::malformed},
        Nonsense{"fragments beyond the limit",
                 std::vector<Bytes>(9, fragment(0, limits::frame_size_max - 2)), Error::oversized},
        Nonsense{"nonsense in fragments", {{0, 0, 12}, {0, 1, 1, 2, 3}}, Error::malformed}));

TEST_F(Attack, AStatementThatDoesNotParseIsDropped) {
  gather();
  const auto neighbours = neighbours_of(liar);
  const PeerId self = network.id(liar);
  inject_to_all(Push{{1, 2, 3}});
  inject_to_all(spread_by_liar({9, 9, 9}));
  inject_to_all(Push{signed_statement(StatementKind::record, self, network.now(), {1, 2}, self)});
  inject_to_all(Push{signed_statement(StatementKind::message, self, network.now(), {}, self)});
  network.run_for(1'000);
  for (const Index index : neighbours) EXPECT_EQ(network.rejected(index, Error::malformed), 4u);
  expect_unmoved();
}

// ---- Rates --------------------------------------------------------------------------------------

TEST_F(Attack, AFloodOfSignedMessagesIsCutOffAndTheOthersAreHeard) {
  gather();
  const PeerId self = network.id(liar);
  const Index victim = neighbours_of(liar).front();
  const std::size_t flood = 3 * limits::messages_burst;
  for (std::size_t i = 0; i < flood; ++i) {
    const Bytes message = signed_statement(StatementKind::message, self, network.now() + i,
                                           topic_body("flood"), self);
    network.inject(liar, victim, encode_message(spread_by_liar(message)));
  }
  for (Index from = 0; from < network.size(); ++from) {
    if (from != liar) publish(from, "to all");
  }
  network.run_for(10'000);
  for (Index index = 0; index < network.size(); ++index) {
    EXPECT_EQ(times_heard(index, "to all"), network.size() - 1) << index;
    EXPECT_LE(times_heard(index, "flood"), 2 * limits::messages_burst + 10) << index;
  }
  EXPECT_GE(network.rejected(victim, Error::busy), flood - 2 * limits::messages_burst - 10);
  expect_unmoved();
}

TEST_F(Attack, AFloodOfRecordsIsCutOff) {
  gather();
  const PeerId self = network.id(liar);
  const auto neighbours = neighbours_of(liar);
  std::vector<Position> links;
  for (const Index index : neighbours) links.push_back(network.id(index).position());
  for (std::uint64_t i = 0; i < 50; ++i) {
    inject_to_all(
        spread_by_liar(signed_statement(StatementKind::record, self, network.now() + i,
                                        record_body("name " + std::to_string(i), links), self)));
  }
  network.run_for(1'000);
  for (Index index = 0; index < network.size(); ++index) {
    if (index == liar) continue;
    EXPECT_LE(network.seen<PeerRenamed>(index).size(), limits::record_burst_tolerated + 2);
  }
  for (const Index index : neighbours) EXPECT_GE(network.rejected(index, Error::busy), 30u);
  network.run_for(20'000);
  expect_unmoved();
}

/// A neighbour sends one message as often as it may, and a hundred times more.
void flood_a_link(Attack& attack, const Message& message, std::uint64_t burst,
                  std::uint64_t frames_for_each = 3) {
  Network& network = attack.network;
  const Index victim = attack.neighbours_of(attack.liar).front();
  const std::uint64_t flood = burst + 100;
  const std::uint64_t carried = network.frames_carried;
  for (std::uint64_t i = 0; i < flood; ++i)
    network.inject(attack.liar, victim, encode_message(message));
  network.run_for(200);
  EXPECT_GE(network.rejected(victim, Error::busy), 50u);
  // A flood is not made larger by those whom it reaches.
  EXPECT_LE(network.frames_carried - carried, frames_for_each * flood);
  EXPECT_TRUE(attack.is_linked(victim, attack.liar));
  attack.expect_unmoved();
}

TEST_F(Attack, AFloodOfSummariesOnALinkIsCutOff) {
  gather();
  const Summary summary{Store::records, {{{0, ~Position{0}}, 1, 1, std::nullopt}}};
  flood_a_link(*this, summary, limits::summaries_burst);
}

TEST_F(Attack, AFloodOfWantsOnALinkIsCutOff) {
  gather();
  flood_a_link(*this, Want{Store::records, {{1, 1}}}, limits::summaries_burst);
}

TEST_F(Attack, AFloodOfEnvelopesOnALinkIsCutOff) {
  gather();
  const Index target = somebody_not_linked_to(liar);
  const Envelope envelope{
      network.id(target), network.id(liar), {.hops_left = 9, .trail = 5}, Bytes(100, 7)};
  flood_a_link(*this, envelope, limits::envelopes_burst);
}

TEST_F(Attack, AFloodOfReturnedEnvelopesOnALinkIsCutOff) {
  gather();
  const Index victim = neighbours_of(liar).front();
  const Course returned{.hops_left = 9, .returned = true, .trail = 5};
  flood_a_link(*this, Envelope{network.id(0), network.id(victim), returned, {}},
               limits::envelopes_burst);
}

TEST_F(Attack, AFloodOfSeeksOnALinkIsCutOff) {
  gather();
  const Position target = network.id(somebody_not_linked_to(liar)).position();
  const Course course{.hops_left = 9, .trail = 5};
  // There and back over a hop or two; the answers go to the liar and nobody else.
  flood_a_link(*this, Seek{target, network.id(liar).position(), false, course},
               limits::envelopes_burst, 6);
}

TEST_F(Attack, AFloodOfSeekAnswersOnALinkIsCutOff) {
  gather();
  const Index victim = neighbours_of(liar).front();
  flood_a_link(*this, SeekAnswer{network.id(victim).position(), 5, 1, Signature{}, {}},
               limits::envelopes_burst);
}

// ---- Tables -------------------------------------------------------------------------------------

TEST_F(Attack, InventedPeersAreInNoMapAndAFullTableLetsAJoinerIn) {
  gather();
  const Index victim = neighbours_of(liar).front();
  const auto invent = [&](std::uint32_t from, std::uint32_t to) {
    for (std::uint32_t i = from; i < to; ++i) {
      const PeerId id = invented(i);
      network.inject(liar, victim,
                     encode_message(Push{signed_statement(StatementKind::record, id, 1'000 + i,
                                                          record_body("ghost", {}), id)}));
    }
    network.run_for(200);
  };
  const std::uint32_t more = limits::peers_max + 300;
  invent(0, more / 2);
  invent(more / 2, more);
  EXPECT_EQ(network.node(victim).peers().size(), network.size());
  // The newest are held, the oldest had to go: the table is full and no fuller.
  const auto duplicates = network.rejected(victim, Error::duplicate);
  invent(more - 500, more);
  EXPECT_EQ(network.rejected(victim, Error::duplicate), duplicates + 500);
  invent(0, 200);
  EXPECT_EQ(network.rejected(victim, Error::duplicate), duplicates + 500);
  network.add("joiner");
  EXPECT_TRUE(network.run_until([this] { return network.maps_agree(); }));
  for (Index index = 0; index < network.size(); ++index) {
    for (const PeerAdded& added : network.seen<PeerAdded>(index)) EXPECT_NE(added.name, "ghost");
  }
  expect_unmoved();
}

// ---- Sessions -----------------------------------------------------------------------------------

Bytes piece(std::uint64_t message, std::uint8_t flags, std::uint64_t total, std::size_t size) {
  Writer out;
  out.integer(message).u8(flags);
  if ((flags & SessionPiece::first) != 0) out.integer(total);
  return out.raw(Bytes(size, 'x')).take();
}

struct AttackOnSession : Attack {
  Index victim = 0;
  void open_session() {
    gather(6);
    victim = neighbours_of(liar).front();
    network.feed(liar, [this](Node& n, TimeMs now) { n.connect(now, network.id(victim), true); });
    ASSERT_TRUE(
        network.run_until([this] { return network.seen<SessionOpened>(liar).size() == 1; }));
  }
  void expect_end(Error reason) {
    network.run_for(1'000);
    EXPECT_EQ(network.rejected(victim, reason), 1u);
    ASSERT_EQ(network.seen<SessionClosed>(victim).size(), 1u);
    EXPECT_EQ(network.seen<SessionClosed>(victim)[0].reason, reason);
    EXPECT_TRUE(network.seen<LinkDown>(victim).empty());
    EXPECT_TRUE(is_linked(victim, liar));
    expect_unmoved();
  }
  void send(std::uint64_t message, std::uint8_t flags, std::uint64_t total, std::size_t size) {
    network.inject(liar, victim, piece(message, flags, total, size), Channel::application);
  }
};

TEST_F(AttackOnSession, DataWithoutASessionIsDropped) {
  gather(6);
  victim = neighbours_of(liar).front();
  send(1, SessionPiece::first | SessionPiece::last, 3, 3);
  network.run_for(1'000);
  EXPECT_EQ(network.rejected(victim, Error::no_session), 1u);
  EXPECT_TRUE(network.seen<SessionPiece>(victim).empty());
  EXPECT_TRUE(is_linked(victim, liar));
  expect_unmoved();
}

TEST_F(AttackOnSession, ConsentThatNobodyAskedForOpensNothing) {
  gather(6);
  victim = neighbours_of(liar).front();
  network.inject(liar, victim, encode_message(SessionAccept{}));
  network.run_for(1'000);
  EXPECT_EQ(network.rejected(victim, Error::unknown_request), 1u);
  EXPECT_TRUE(network.seen<SessionOpened>(victim).empty());
  expect_unmoved();
}

TEST_F(AttackOnSession, MoreThanTheTotalEndsIt) {
  open_session();
  send(0, SessionPiece::first, 3, 4);
  expect_end(Error::malformed);
}

TEST_F(AttackOnSession, LessThanTheTotalEndsIt) {
  open_session();
  send(0, SessionPiece::first, 10, 4);
  send(0, SessionPiece::last, 0, 4);
  expect_end(Error::malformed);
}

TEST_F(AttackOnSession, PiecesOfNoMessageAreDropped) {
  open_session();
  for (std::uint64_t message = 1; message < 100; ++message) send(message, 0, 0, 4);
  network.run_for(1'000);
  EXPECT_EQ(network.seen<SessionPiece>(victim).size(), 0u);
  EXPECT_EQ(network.seen<SessionClosed>(victim).size(), 0u);
  EXPECT_GE(network.rejected(victim, Error::no_session), 99u);
}

TEST_F(AttackOnSession, APieceThatDoesNotParseEndsIt) {
  open_session();
  network.inject(liar, victim, {1}, Channel::application);
  expect_end(Error::malformed);
}

TEST_F(AttackOnSession, TooManyMessagesAtOnceEndIt) {
  open_session();
  for (std::uint64_t message = 0; message <= limits::session_messages_max; ++message)
    send(message, SessionPiece::first, 0, 1);
  network.run_for(1'000);
  EXPECT_EQ(network.seen<SessionPiece>(victim).size(), limits::session_messages_max);
  expect_end(Error::full);
}

}  // namespace
}  // namespace membrane::test
