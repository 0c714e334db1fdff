#include "json.h"

#include <boost/json.hpp>

namespace membrane::bench {
namespace {

namespace json = boost::json;

std::string hex(ByteView bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string hex(Position position) {
  Writer out;
  out.u64(position);
  return hex(out.view());
}

std::string base64(ByteView bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t window = 0;
    for (std::size_t k = 0; k < 3; ++k)
      window = window << 8 | (i + k < bytes.size() ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? digits[window >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

json::object to_json(const Arc& arc) {
  return {{"first", hex(arc.first)}, {"last", hex(arc.last)}};
}

json::array to_json(const std::vector<Item>& items) {
  json::array out;
  for (const Item& item : items)
    out.push_back(json::object{{"origin", hex(item.origin)}, {"sequence", item.sequence}});
  return out;
}

const char* name_of(Store store) { return store == Store::records ? "records" : "messages"; }

json::object to_json(const Hello& m) {
  return {{"type", "hello"},      {"version", m.version},  {"capabilities", m.capabilities},
          {"network", m.network}, {"id", hex(m.id.bytes)}, {"nonce", base64(m.nonce)},
          {"fresh", m.fresh}};
}
json::object to_json(const Proof& m) {
  return {{"type", "proof"}, {"signature", base64(m.signature)}};
}
json::object to_json(const Goodbye& m) {
  return {{"type", "goodbye"}, {"reason", error_text(m.reason)}};
}
json::object to_json(const Ping& m) { return {{"type", "ping"}, {"token", m.token}}; }
json::object to_json(const Pong& m) { return {{"type", "pong"}, {"token", m.token}}; }
json::object to_json(const Spread& m) {
  return {{"type", "spread"},
          {"arc", to_json(m.arc)},
          {"hopsLeft", m.hops_left},
          {"statement", base64(m.statement)}};
}
json::object to_json(const SpreadAck& m) {
  return {{"type", "spread-ack"},
          {"arc", to_json(m.arc)},
          {"origin", hex(m.origin)},
          {"sequence", m.sequence}};
}
json::object to_json(const Push& m) {
  return {{"type", "push"}, {"statement", base64(m.statement)}};
}
json::object to_json(const Summary& m) {
  json::array ranges;
  for (const SummaryRange& range : m.ranges) {
    json::object out{{"arc", to_json(range.arc)}};
    if (range.items) {
      out["items"] = to_json(*range.items);
    } else {
      out["count"] = range.count;
      out["fingerprint"] = hex(range.fingerprint);
    }
    ranges.push_back(std::move(out));
  }
  return {{"type", "summary"}, {"store", name_of(m.store)}, {"ranges", std::move(ranges)}};
}
json::object to_json(const Want& m) {
  return {{"type", "want"}, {"store", name_of(m.store)}, {"items", to_json(m.items)}};
}
json::object to_json(const Have& m) {
  return {{"type", "have"}, {"store", name_of(m.store)}, {"items", to_json(m.items)}};
}
json::object to_json(const Floors& m) { return {{"type", "floors"}, {"items", to_json(m.items)}}; }
json::object to_json(const Course& course) {
  return {{"hopsLeft", course.hops_left},
          {"returned", course.returned},
          {"back", course.back},
          {"closest", hex(course.closest)},
          {"trail", hex(course.trail)}};
}
json::object to_json(const Envelope& m) {
  return {{"type", "envelope"},
          {"to", hex(m.to.bytes)},
          {"from", hex(m.from.bytes)},
          {"course", to_json(m.course)},
          {"sealed", base64(m.sealed)}};
}
json::object to_json(const Seek& m) {
  return {{"type", "seek"},
          {"to", hex(m.to)},
          {"from", hex(m.from)},
          {"nearest", m.nearest},
          {"course", to_json(m.course)}};
}
json::object to_json(const SeekAnswer& m) {
  json::array records;
  for (const Bytes& record : m.records) records.emplace_back(base64(record));
  return {{"type", "seek-answer"},
          {"to", hex(m.to)},
          {"trail", hex(m.trail)},
          {"hops", m.hops},
          {"proof", m.proof ? json::value(base64(*m.proof)) : json::value(nullptr)},
          {"records", std::move(records)}};
}
json::object to_json(const SessionAsk&) { return {{"type", "session-ask"}}; }
json::object to_json(const SessionAccept&) { return {{"type", "session-accept"}}; }
json::object to_json(const SessionRefuse&) { return {{"type", "session-refuse"}}; }
json::object to_json(const SessionEnd& m) {
  return {{"type", "session-end"}, {"reason", error_text(m.reason)}, {"pieces", m.pieces}};
}

json::object to_json(const Message& message) {
  return std::visit([](const auto& m) { return to_json(m); }, message);
}

json::object to_json(const Statement& statement) {
  return {{"kind", statement.kind == StatementKind::record ? "record" : "message"},
          {"origin", hex(statement.origin.bytes)},
          {"sequence", statement.sequence},
          {"body", base64(statement.body)},
          {"signature", base64(statement.signature)}};
}

json::object to_json(const Record& record) {
  json::array links;
  for (const Position link : record.links) links.emplace_back(hex(link));
  return {{"name", record.name},
          {"sealingKey", base64(record.sealing_key)},
          {"lifetime", record.lifetime_s},
          {"links", std::move(links)}};
}

json::object to_json(const TopicBody& body) {
  return {{"topic", body.topic}, {"payload", base64(body.payload)}};
}

const char* name_of(Signal::Kind kind) {
  static constexpr const char* names[] = {"offer", "answer", "candidates", "refuse"};
  return names[static_cast<std::size_t>(kind) - 1];
}

json::object to_json(const Signal& signal) {
  return {{"kind", name_of(signal.kind)},
          {"attempt", signal.attempt},
          {"session", signal.session},
          {"application", signal.application},
          {"sealingKey", base64(signal.sealing_key)},
          {"sdp", signal.sdp},
          {"candidates", json::array(signal.candidates.begin(), signal.candidates.end())},
          {"reason", error_text(signal.reason)}};
}

}  // namespace

json::value to_json(const Content& content) {
  return std::visit([](const auto& c) { return json::value(to_json(c)); }, content);
}

}  // namespace membrane::bench
