#include <gtest/gtest.h>

#include "golden.h"
#include "membrane/limits.h"
#include "statement.h"

/// docs/protocol.md "Statements": the bodies, the bytes that are signed, the whole.
namespace membrane::test {
namespace {

const std::string millisecond = "c000018bcfe56800";
constexpr std::uint64_t sequence = 1'700'000'000'000;

std::vector<Field> signed_fields(const std::string& kind, const std::string& body) {
  const auto size = static_cast<std::uint8_t>(body.size() / 2);
  const std::string length = to_hex(Bytes{0x40, size});
  return {{hex_text("membrane statement 1"), "context: 'membrane statement 1'"},
          {hex_text("net"), "network: 'net'"},
          {kind, "kind"},
          {alice().hex(), "origin"},
          {millisecond, "sequence: 1700000000000"},
          {size < 64 ? length.substr(2) : length, "length of the body"},
          {body, "the body"}};
}

std::string joined(const std::vector<Field>& fields) {
  std::string hex;
  for (const Field& field : fields) hex += field.hex;
  return hex;
}

void append(std::vector<GoldenVector>& out, const std::string& name, const std::string& kind,
            std::vector<Field> body_fields) {
  const std::string body = joined(body_fields);
  const auto to_sign = signed_fields(kind, body);
  std::vector<Field> whole(to_sign.begin() + 2, to_sign.end());
  whole.push_back({to_hex(alice().sign(from_hex(joined(to_sign)))), "signature of to_sign"});
  out.push_back({name + ".body", "The body of the " + name, std::move(body_fields)});
  out.push_back({name + ".to_sign", "What the origin signs", to_sign});
  out.push_back({name, "The whole " + name + ", as it travels", std::move(whole)});
}

std::vector<GoldenVector> vectors() {
  std::vector<GoldenVector> out;
  append(out, "record", "01",
         {{hex_text("Alice"), "display name: 'Alice'"},
          {to_hex(alice().sealing_key), "sealing key"},
          {"4e10", "lifetime: 3600 s"},
          {"02", "links"},
          {"1000000000000000", "a neighbour's place"},
          {bob().place(), "the next one's: Bob's"},
          {"01", "capabilities: a map of two hops"}});
  append(out, "message", "02",
         {{hex_text("chat"), "topic: 'chat'"}, {hex_text("hello"), "payload: 'hello'"}});
  append(out, "state", "03",
         {{hex_text("chat"), "topic: 'chat'"},
          {hex_text("title"), "key: 'title'"},
          {"4e10", "lifetime: 3600 s"},
          {hex_text("welcome"), "value: 'welcome'"}});
  return out;
}

const Golden& golden() {
  static const Golden golden("statements.txt", "Statements of Alice in the network 'net'.",
                             vectors());
  return golden;
}

Statement decoded(const std::string& name, StatementKind kind) {
  const Bytes bytes = golden()[name];
  const auto statement = decode_statement(bytes);
  if (!statement) {
    ADD_FAILURE() << name << " does not decode";
    return {};
  }
  EXPECT_EQ(statement->kind, kind);
  EXPECT_EQ(statement->origin, alice().id);
  EXPECT_EQ(statement->sequence, sequence);
  EXPECT_EQ(to_hex(statement->body), to_hex(golden()[name + ".body"]));
  EXPECT_EQ(to_hex(encode_statement(*statement)), to_hex(bytes));
  const Bytes to_sign = statement_to_sign("net", *statement);
  EXPECT_EQ(to_hex(to_sign), to_hex(golden()[name + ".to_sign"]));
  EXPECT_TRUE(signature_holds(alice(), to_sign, statement->signature));
  EXPECT_FALSE(
      signature_holds(alice(), statement_to_sign("ten", *statement), statement->signature));
  return *statement;
}

TEST(Golden, Record) {
  const Statement statement = decoded("record", StatementKind::record);
  const auto record = decode_record(statement.body);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->name, "Alice");
  EXPECT_EQ(record->sealing_key, alice().sealing_key);
  EXPECT_EQ(record->lifetime_s, limits::record_lifetime_s);
  EXPECT_EQ(record->links, (std::vector<Position>{0x1000000000000000, bob().id.position()}));
  EXPECT_EQ(to_hex(encode_record(*record)), to_hex(statement.body));
}

TEST(Golden, TopicMessage) {
  const Statement statement = decoded("message", StatementKind::message);
  const auto body = decode_topic_body(statement.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->topic, "chat");
  EXPECT_EQ(text_of(body->payload), "hello");
  EXPECT_EQ(to_hex(encode_topic_body(body->topic, body->payload)), to_hex(statement.body));
}

TEST(Golden, State) {
  const Statement statement = decoded("state", StatementKind::state);
  const auto body = decode_state_body(statement.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->topic, "chat");
  EXPECT_EQ(body->key, "title");
  EXPECT_EQ(body->lifetime_s, 3'600u);
  EXPECT_EQ(text_of(body->value), "welcome");
  EXPECT_EQ(to_hex(encode_state_body(*body)), to_hex(statement.body));
}

}  // namespace
}  // namespace membrane::test
