#include <gtest/gtest.h>

#include "golden.h"
#include "message.h"

/// docs/protocol.md "Control messages": each message decodes to the fields that are written beside
/// it, and encodes to the same bytes again.
namespace membrane::test {
namespace {

const std::string arc_first = "1000000000000000";
const std::string arc_last = "1fffffffffffffff";
constexpr Arc arc{0x1000000000000000, 0x1fffffffffffffff};
const std::string millisecond = "c000018bcfe56800";
constexpr std::uint64_t sequence = 1'700'000'000'000;

std::vector<GoldenVector> vectors() {
  const std::string a = alice().hex();
  const std::string b = bob().hex();
  const std::string signature = to_hex(counting<64>(0x10));
  return {
      {"hello",
       "Hello: who one is",
       {{"01", "type"},
        {"01", "protocol version"},
        {"00", "capabilities"},
        {hex_text("net"), "network: 'net'"},
        {a, "id"},
        {to_hex(counting<32>(0xa0)), "nonce"},
        {"01", "fresh"}}},
      {"proof",
       "Proof: the signature of the transcript",
       {{"02", "type"}, {signature, "signature"}}},
      {"goodbye", "Goodbye", {{"03", "type"}, {"18", "reason: goodbye"}}},
      {"ping", "Ping", {{"04", "type"}, {"4040", "token: 64"}}},
      {"pong", "Pong", {{"05", "type"}, {"4040", "token: 64"}}},
      {"spread",
       "Spread: a statement for an arc",
       {{"06", "type"},
        {arc_first, "the arc's first place"},
        {arc_last, "the arc's last place"},
        {"2f", "hops left: 47"},
        {"04", "length of the statement"},
        {"cafe0123", "the statement, see statements.txt"}}},
      {"spread_ack",
       "Spread-Ack: the receiver answers for the arc",
       {{"07", "type"},
        {arc_first, "the arc's first place"},
        {arc_last, "the arc's last place"},
        {alice().place(), "the statement's origin"},
        {millisecond, "its sequence: 1700000000000"}}},
      {"push",
       "Push: a statement for the receiver alone",
       {{"08", "type"},
        {"04", "length"},
        {"cafe0123", "the statement, see statements.txt"},
        {"43e8", "how long ago it was said: 1000 ms"}}},
      {"summary",
       "Summary: what one has of two arcs",
       {{"09", "type"},
        {"01", "store: messages"},
        {"02", "ranges"},
        {"0000000000000000", "the first arc's first place"},
        {"0fffffffffffffff", "its last place"},
        {"00", "not listed but summed up"},
        {"4100", "its items: 256"},
        {"0123456789abcdef", "their fingerprint"},
        {arc_first, "the second arc's first place"},
        {arc_last, "its last place"},
        {"01", "listed"},
        {"02", "items"},
        {"1000000000000001", "the first item's origin"},
        {"07", "its sequence"},
        {"1000000000000001", "the second item's origin"},
        {millisecond, "its sequence"}}},
      {"want",
       "Want: send these",
       {{"0a", "type"},
        {"00", "store: records"},
        {"01", "items"},
        {alice().place(), "origin"},
        {"05", "sequence"}}},
      {"floors",
       "Floors: what a newcomer need not know",
       {{"0b", "type"}, {"01", "items"}, {alice().place(), "origin"}, {millisecond, "sequence"}}},
      {"envelope",
       "Envelope: a sealed signal on its way",
       {{"0c", "type"},
        {b, "to"},
        {a, "from"},
        {"30", "hops left: 48"},
        {"04", "length"},
        {"cafe0123", "what is sealed, see signals.txt"}}},
      {"envelope_failed",
       "Envelope-Failed: where an envelope got stuck",
       {{"0d", "type"},
        {a, "to: the envelope's sender"},
        {b, "whom it could not reach"},
        {arc_first, "at whose place"},
        {"30", "hops left: 48"},
        {"11", "reason: unreachable"}}},
      {"session_ask", "Session-Ask", {{"0e", "type"}}},
      {"session_accept", "Session-Accept", {{"0f", "type"}}},
      {"session_refuse", "Session-Refuse", {{"10", "type"}}},
      {"session_end", "Session-End", {{"11", "type"}, {"17", "reason: closed"}}},
  };
}

/// The message that a vector holds; that it encodes to the same bytes again is checked on the way.
template <typename T>
T decoded(const Golden& golden, const std::string& name) {
  const Bytes bytes = golden[name];
  const auto message = decode_message(bytes);
  if (!message || !*message || !std::holds_alternative<T>(**message)) {
    ADD_FAILURE() << name << " does not decode";
    return {};
  }
  EXPECT_EQ(to_hex(encode_message(**message)), to_hex(bytes)) << name;
  return std::get<T>(**message);
}

const Golden& golden() {
  static const Golden golden("messages.txt", "The messages of a link's control channel.",
                             vectors());
  return golden;
}

TEST(Golden, HandshakeMessages) {
  const auto hello = decoded<Hello>(golden(), "hello");
  EXPECT_EQ(hello.version, 1u);
  EXPECT_EQ(hello.capabilities, 0u);
  EXPECT_EQ(hello.network, "net");
  EXPECT_EQ(hello.id, alice().id);
  EXPECT_EQ(hello.nonce, counting<32>(0xa0));
  EXPECT_TRUE(hello.fresh);
  EXPECT_EQ(decoded<Proof>(golden(), "proof").signature, counting<64>(0x10));
}

TEST(Golden, LivenessMessages) {
  EXPECT_EQ(decoded<Goodbye>(golden(), "goodbye").reason, Error::goodbye);
  EXPECT_EQ(decoded<Ping>(golden(), "ping").token, 64u);
  EXPECT_EQ(decoded<Pong>(golden(), "pong").token, 64u);
}

TEST(Golden, BroadcastMessages) {
  const auto spread = decoded<Spread>(golden(), "spread");
  EXPECT_EQ(spread.arc, arc);
  EXPECT_EQ(spread.hops_left, 47);
  EXPECT_EQ(to_hex(spread.statement), "cafe0123");
  const auto ack = decoded<SpreadAck>(golden(), "spread_ack");
  EXPECT_EQ(ack.arc, arc);
  EXPECT_EQ(ack.origin, alice().id.position());
  EXPECT_EQ(ack.sequence, sequence);
  const auto push = decoded<Push>(golden(), "push");
  EXPECT_EQ(to_hex(push.statement), "cafe0123");
  EXPECT_EQ(push.age_ms, 1'000u);
}

TEST(Golden, ReconciliationMessages) {
  const auto summary = decoded<Summary>(golden(), "summary");
  EXPECT_EQ(summary.store, Store::messages);
  ASSERT_EQ(summary.ranges.size(), 2u);
  EXPECT_EQ(summary.ranges[0].arc, (Arc{0, 0x0fffffffffffffff}));
  EXPECT_FALSE(summary.ranges[0].items);
  EXPECT_EQ(summary.ranges[0].count, 256u);
  EXPECT_EQ(summary.ranges[0].fingerprint, 0x0123456789abcdefu);
  EXPECT_EQ(summary.ranges[1].arc, arc);
  const std::vector<Item> listed{{0x1000000000000001, 7}, {0x1000000000000001, sequence}};
  EXPECT_EQ(summary.ranges[1].items, listed);
  const auto want = decoded<Want>(golden(), "want");
  EXPECT_EQ(want.store, Store::records);
  EXPECT_EQ(want.items, (std::vector<Item>{{alice().id.position(), 5}}));
  const std::vector<Item> floors{{alice().id.position(), sequence}};
  EXPECT_EQ(decoded<Floors>(golden(), "floors").items, floors);
}

TEST(Golden, EnvelopeMessages) {
  const auto envelope = decoded<Envelope>(golden(), "envelope");
  EXPECT_EQ(envelope.to, bob().id);
  EXPECT_EQ(envelope.from, alice().id);
  EXPECT_EQ(envelope.hops_left, 48);
  EXPECT_EQ(to_hex(envelope.sealed), "cafe0123");
  const auto failed = decoded<EnvelopeFailed>(golden(), "envelope_failed");
  EXPECT_EQ(failed.to, alice().id);
  EXPECT_EQ(failed.target, bob().id);
  EXPECT_EQ(failed.at, 0x1000000000000000u);
  EXPECT_EQ(failed.hops_left, 48);
  EXPECT_EQ(failed.reason, Error::unreachable);
}

TEST(Golden, SessionMessages) {
  decoded<SessionAsk>(golden(), "session_ask");
  decoded<SessionAccept>(golden(), "session_accept");
  decoded<SessionRefuse>(golden(), "session_refuse");
  EXPECT_EQ(decoded<SessionEnd>(golden(), "session_end").reason, Error::closed);
}

TEST(Golden, EveryMessageHasAVector) {
  EXPECT_EQ(golden().names().size(), std::variant_size_v<Message>);
}

}  // namespace
}  // namespace membrane::test
