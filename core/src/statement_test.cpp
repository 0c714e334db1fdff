#include "statement.h"

#include <gtest/gtest.h>

#include <functional>

#include "membrane/limits.h"

namespace membrane::test {
namespace {

Statement statement(StatementKind kind, Bytes body) {
  Statement out{kind, {}, 1'700'000'000'000, std::move(body), {}};
  out.origin.bytes.fill(7);
  out.signature.fill(9);
  return out;
}

Record record(std::size_t links) {
  Record out{"name", {}, 3600, {}};
  for (std::size_t i = 0; i < links; ++i) out.links.push_back(i);
  return out;
}

TEST(Statement, ComesBackAsItself) {
  for (const auto kind : {StatementKind::record, StatementKind::message, StatementKind::state}) {
    const Bytes bytes = encode_statement(statement(kind, Bytes(100, 1)));
    const auto decoded = decode_statement(bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->kind, kind);
    EXPECT_EQ(encode_statement(*decoded), bytes);
  }
}

TEST(Statement, TruncatedAnywhereIsMalformed) {
  const Bytes bytes = encode_statement(statement(StatementKind::message, Bytes(100, 1)));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode_statement(ByteView(bytes).first(size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error(), Error::malformed);
  }
}

TEST(Statement, KindsThatAreNotKnownAreMalformed) {
  Bytes bytes = encode_statement(statement(StatementKind::message, {}));
  for (const std::uint8_t kind : Bytes{0, 4, 255}) {
    bytes[0] = kind;
    EXPECT_FALSE(decode_statement(bytes));
  }
}

TEST(Statement, BodiesAreBounded) {
  const auto fits = [](StatementKind kind, std::size_t size) {
    return static_cast<bool>(decode_statement(encode_statement(statement(kind, Bytes(size)))));
  };
  EXPECT_TRUE(fits(StatementKind::record, encode_record(record(limits::record_links_max)).size()));
  EXPECT_FALSE(fits(StatementKind::record, 2'000));
  const std::string topic(limits::topic_name_size_max, 't');
  const Bytes payload(limits::topic_payload_size_max);
  EXPECT_TRUE(fits(StatementKind::message, encode_topic_body(topic, payload).size()));
  EXPECT_FALSE(fits(StatementKind::message, payload.size() + 200));
  EXPECT_TRUE(fits(StatementKind::state, limits::state_value_size_max + 128));
  EXPECT_FALSE(fits(StatementKind::state, limits::state_value_size_max + 200));
}

TEST(Statement, WhatIsSignedSaysNetworkKindOriginSequenceAndBody) {
  const Statement one = statement(StatementKind::message, Bytes{1});
  const Bytes bytes = statement_to_sign("net", one);
  Statement other = one;
  EXPECT_EQ(statement_to_sign("net", other), bytes);
  EXPECT_NE(statement_to_sign("ten", other), bytes);
  other.kind = StatementKind::record;
  EXPECT_NE(statement_to_sign("net", other), bytes);
  other = one;
  other.origin.bytes[31] ^= 1;
  EXPECT_NE(statement_to_sign("net", other), bytes);
  other = one;
  ++other.sequence;
  EXPECT_NE(statement_to_sign("net", other), bytes);
  other = one;
  other.body.push_back(0);
  EXPECT_NE(statement_to_sign("net", other), bytes);
  other = one;
  other.signature.fill(0);
  EXPECT_EQ(statement_to_sign("net", other), bytes);
}

// ---- Records ------------------------------------------------------------------------------------

TEST(Record, ComesBackAsItself) {
  const Bytes bytes = encode_record(record(limits::record_links_max));
  const auto decoded = decode_record(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode_record(*decoded), bytes);
}

TEST(Record, TruncatedAnywhereIsMalformed) {
  const Bytes bytes = encode_record(record(3));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_record(ByteView(bytes).first(size))) << size;
}

TEST(Record, LinksAreBoundedAndAscend) {
  EXPECT_FALSE(decode_record(encode_record(record(limits::record_links_max + 1))));
  Record bad = record(2);
  bad.links = {2, 1};
  EXPECT_FALSE(decode_record(encode_record(bad)));
  bad.links = {2, 2};
  EXPECT_FALSE(decode_record(encode_record(bad)));
}

TEST(Record, HostileCountsFailBeforeAnythingIsKept) {
  const Bytes empty = encode_record(record(0));
  // What follows the count of links is one byte of capabilities.
  const ByteView head = ByteView(empty).first(empty.size() - 2);
  EXPECT_FALSE(decode_record(Writer().raw(head).integer(varint_max).take()));
  EXPECT_FALSE(decode_record(Writer().raw(head).integer(limits::record_links_max).take()));
}

TEST(Record, NamesAreBoundedUtf8) {
  Record one = record(0);
  one.name = std::string(limits::name_size_max, 'x');
  EXPECT_TRUE(decode_record(encode_record(one)));
  one.name += 'x';
  EXPECT_FALSE(decode_record(encode_record(one)));
  one.name = "\xc0\x80";
  EXPECT_FALSE(decode_record(encode_record(one)));
}

TEST(Record, FieldsOfALaterVersionAreSkipped) {
  const Bytes bytes = encode_record(record(2));
  const auto decoded = decode_record(Writer().raw(bytes).u64(1).take());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode_record(*decoded), bytes);
}

// ---- Topic messages -----------------------------------------------------------------------------

TEST(TopicBody, ComesBackAsItself) {
  const Bytes bytes = encode_topic_body("topic", Bytes{1, 2});
  const auto decoded = decode_topic_body(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->topic, "topic");
  EXPECT_EQ(decoded->payload, (Bytes{1, 2}));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_topic_body(ByteView(bytes).first(size))) << size;
}

TEST(TopicBody, TopicAndPayloadAreBounded) {
  const std::string longest(limits::topic_name_size_max, 't');
  const Bytes largest(limits::topic_payload_size_max);
  EXPECT_TRUE(decode_topic_body(encode_topic_body(longest, largest)));
  EXPECT_FALSE(decode_topic_body(encode_topic_body(longest + "t", largest)));
  EXPECT_FALSE(decode_topic_body(encode_topic_body(longest, Bytes(largest.size() + 1))));
  EXPECT_FALSE(decode_topic_body(encode_topic_body("", {})));
  EXPECT_FALSE(decode_topic_body(encode_topic_body("\xff", {})));
}

// ---- States -------------------------------------------------------------------------------------

TEST(StateBody, ComesBackAsItself) {
  const Bytes bytes = encode_state_body({"topic", "key", 60, {1, 2}});
  const auto decoded = decode_state_body(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->topic, "topic");
  EXPECT_EQ(decoded->key, "key");
  EXPECT_EQ(decoded->lifetime_s, 60u);
  EXPECT_EQ(decoded->value, (Bytes{1, 2}));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_state_body(ByteView(bytes).first(size))) << size;
}

TEST(StateBody, EachFieldIsBounded) {
  const StateBody largest{std::string(limits::topic_name_size_max, 't'),
                          std::string(limits::state_key_size_max, 'k'),
                          limits::state_lifetime_min_s, Bytes(limits::state_value_size_max)};
  const auto fits = [&](const std::function<void(StateBody&)>& change) {
    StateBody body = largest;
    change(body);
    return static_cast<bool>(decode_state_body(encode_state_body(body)));
  };
  EXPECT_TRUE(fits([](StateBody&) {}));
  EXPECT_TRUE(fits([](StateBody& body) { body.key = ""; }));
  EXPECT_TRUE(fits([](StateBody& body) { body.value.clear(); }));
  EXPECT_TRUE(fits([](StateBody& body) { body.lifetime_s = varint_max; }));
  EXPECT_FALSE(fits([](StateBody& body) { body.topic += 't'; }));
  EXPECT_FALSE(fits([](StateBody& body) { body.topic = ""; }));
  EXPECT_FALSE(fits([](StateBody& body) { body.key += 'k'; }));
  EXPECT_FALSE(fits([](StateBody& body) { body.key = "\xff"; }));
  EXPECT_FALSE(fits([](StateBody& body) { --body.lifetime_s; }));
  EXPECT_FALSE(fits([](StateBody& body) { body.value.push_back(0); }));
}

}  // namespace
}  // namespace membrane::test
