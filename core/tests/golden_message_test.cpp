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
        {"01", "fresh"},
        {"4040", "attempt: 64"}}},
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
        {"02", "flags: back"},
        {"ffffffffffffffff", "closest: nothing promised"},
        {"0123456789abcdef", "trail"},
        {"04", "length"},
        {"cafe0123", "what is sealed, see signals.txt"}}},
      {"seek",
       "Seek: who lives next to a place?",
       {{"0d", "type"},
        {arc_first, "to: the place"},
        {alice().place(), "from"},
        {"01", "next to it, not at it"},
        {"2e", "hops left: 46"},
        {"01", "flags: returned"},
        {"0000000000001000", "closest"},
        {"0123456789abcdef", "trail"}}},
      {"session_ask", "Session-Ask", {{"0e", "type"}}},
      {"session_accept", "Session-Accept", {{"0f", "type"}}},
      {"session_refuse", "Session-Refuse", {{"10", "type"}}},
      {"session_end", "Session-End", {{"11", "type"}, {"17", "reason: closed"}, {"2a", "pieces"}}},
      {"seek_answer",
       "Seek-Answer: somebody who was sought proves to be there",
       {{"12", "type"},
        {alice().place(), "to: who asked"},
        {"0123456789abcdef", "the question's trail"},
        {"03", "hops that the question took"},
        {"01", "with proof"},
        {signature, "its signature"},
        {"01", "records"},
        {"04", "length of the first"},
        {"cafe0123", "the record's statement, see statements.txt"}}},
      {"have",
       "Have: what one has that a Summary did not list",
       {{"13", "type"},
        {"02", "store: states"},
        {"01", "items"},
        {alice().place(), "origin"},
        {"05", "sequence"}}},
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
  EXPECT_EQ(hello.attempt, 64u);
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
  const auto have = decoded<Have>(golden(), "have");
  EXPECT_EQ(have.store, Store::states);
  EXPECT_EQ(have.items, (std::vector<Item>{{alice().id.position(), 5}}));
  const std::vector<Item> floors{{alice().id.position(), sequence}};
  EXPECT_EQ(decoded<Floors>(golden(), "floors").items, floors);
}

TEST(Golden, EnvelopeMessages) {
  const auto envelope = decoded<Envelope>(golden(), "envelope");
  EXPECT_EQ(envelope.to, bob().id);
  EXPECT_EQ(envelope.from, alice().id);
  EXPECT_EQ(envelope.course.hops_left, 48);
  EXPECT_FALSE(envelope.course.returned);
  EXPECT_TRUE(envelope.course.back);
  EXPECT_EQ(envelope.course.closest, ~Position{0});
  EXPECT_EQ(envelope.course.trail, 0x0123456789abcdefu);
  EXPECT_EQ(to_hex(envelope.sealed), "cafe0123");
}

TEST(Golden, SeekMessages) {
  const auto seek = decoded<Seek>(golden(), "seek");
  EXPECT_EQ(seek.to, arc.first);
  EXPECT_EQ(seek.from, alice().id.position());
  EXPECT_TRUE(seek.nearest);
  EXPECT_EQ(seek.course.hops_left, 46);
  EXPECT_TRUE(seek.course.returned);
  EXPECT_FALSE(seek.course.back);
  EXPECT_EQ(seek.course.closest, 0x1000u);
  EXPECT_EQ(seek.course.trail, 0x0123456789abcdefu);
  const auto answer = decoded<SeekAnswer>(golden(), "seek_answer");
  EXPECT_EQ(answer.to, alice().id.position());
  EXPECT_EQ(answer.trail, 0x0123456789abcdefu);
  EXPECT_EQ(answer.hops, 3);
  EXPECT_EQ(answer.proof, counting<64>(0x10));
  ASSERT_EQ(answer.records.size(), 1u);
  EXPECT_EQ(to_hex(answer.records[0]), "cafe0123");
}

TEST(Golden, SessionMessages) {
  decoded<SessionAsk>(golden(), "session_ask");
  decoded<SessionAccept>(golden(), "session_accept");
  decoded<SessionRefuse>(golden(), "session_refuse");
  const auto end = decoded<SessionEnd>(golden(), "session_end");
  EXPECT_EQ(end.reason, Error::closed);
  EXPECT_EQ(end.pieces, 42u);
}

TEST(Golden, EveryMessageHasAVector) {
  EXPECT_EQ(golden().names().size(), std::variant_size_v<Message>);
}

}  // namespace
}  // namespace membrane::test
