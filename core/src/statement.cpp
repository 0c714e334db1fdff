#include "statement.h"

#include "membrane/limits.h"

namespace membrane {
namespace {

constexpr std::string_view statement_context = "membrane statement 1";
constexpr std::size_t record_body_size_max =
    64 + limits::name_size_max + 8 * limits::record_links_max + 256;
constexpr std::size_t message_body_size_max =
    limits::topic_payload_size_max + limits::topic_name_size_max + 64;
constexpr std::size_t state_body_size_max =
    limits::topic_name_size_max + limits::state_key_size_max + limits::state_value_size_max + 64;
/// By kind, from 1.
constexpr std::size_t body_size_max[] = {record_body_size_max, message_body_size_max,
                                         state_body_size_max};

}  // namespace

Bytes statement_to_sign(std::string_view network, const Statement& statement) {
  Writer out(statement.body.size() + network.size() + 80);
  out.text(statement_context).text(network).u8(static_cast<std::uint8_t>(statement.kind));
  out.id(statement.origin).integer(statement.sequence).bytes(statement.body);
  return out.take();
}

Bytes encode_statement(const Statement& statement) {
  Writer out(statement.body.size() + 112);
  out.u8(static_cast<std::uint8_t>(statement.kind)).id(statement.origin);
  out.integer(statement.sequence).bytes(statement.body).raw(statement.signature);
  return out.take();
}

Result<Statement> decode_statement(ByteView bytes) {
  Reader in(bytes);
  Statement out;
  const std::uint8_t kind = in.u8();
  if (kind == 0 || kind > std::size(body_size_max)) return Error::malformed;
  out.kind = static_cast<StatementKind>(kind);
  out.origin = in.id();
  out.sequence = in.integer();
  const ByteView body = in.bytes(body_size_max[kind - 1]);
  out.signature = in.array<64>();
  if (!in.ok() || !in.at_end()) return Error::malformed;
  out.body.assign(body.begin(), body.end());
  return out;
}

Bytes encode_record(const Record& record) {
  Writer out(record.name.size() + 8 * record.links.size() + 48);
  out.text(record.name).raw(record.sealing_key).integer(record.lifetime_s);
  out.integer(record.links.size());
  for (const Position link : record.links) out.u64(link);
  return out.integer(record.capabilities).take();
}

Result<Record> decode_record(ByteView body) {
  Reader in(body);
  Record out;
  out.name = in.text(limits::name_size_max);
  out.sealing_key = in.array<32>();
  out.lifetime_s = in.integer();
  const std::uint64_t count = in.integer_up_to(limits::record_links_max);
  if (!in.ok()) return Error::malformed;
  out.links.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    const Position link = in.u64();
    if (!out.links.empty() && link <= out.links.back()) return Error::malformed;
    out.links.push_back(link);
  }
  out.capabilities = in.integer();
  if (!in.ok()) return Error::malformed;
  return out;
}

bool is_topic(std::string_view name) {
  return !name.empty() && name.size() <= limits::topic_name_size_max && is_utf8(bytes_of(name));
}

Bytes encode_topic_body(std::string_view topic, ByteView payload) {
  Writer out(topic.size() + payload.size() + 8);
  out.text(topic).bytes(payload);
  return out.take();
}

Result<TopicBody> decode_topic_body(ByteView body) {
  Reader in(body);
  TopicBody out;
  out.topic = in.text(limits::topic_name_size_max);
  const ByteView payload = in.bytes(limits::topic_payload_size_max);
  if (!in.ok() || out.topic.empty()) return Error::malformed;
  out.payload.assign(payload.begin(), payload.end());
  return out;
}

Bytes encode_state_body(const StateBody& body) {
  Writer out(body.topic.size() + body.key.size() + body.value.size() + 16);
  out.text(body.topic).text(body.key).integer(body.lifetime_s).bytes(body.value);
  return out.take();
}

Result<StateBody> decode_state_body(ByteView body) {
  Reader in(body);
  StateBody out;
  out.topic = in.text(limits::topic_name_size_max);
  out.key = in.text(limits::state_key_size_max);
  out.lifetime_s = in.integer();
  const ByteView value = in.bytes(limits::state_value_size_max);
  const bool lasts = out.lifetime_s >= limits::state_lifetime_min_s;
  if (!in.ok() || out.topic.empty() || !lasts) return Error::malformed;
  out.value.assign(value.begin(), value.end());
  return out;
}

}  // namespace membrane
