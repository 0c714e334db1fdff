#include "samples.h"

#include <algorithm>

#include "random.h"

namespace membrane::bench {
namespace {

constexpr std::uint64_t sequence = 1'700'000'000'123;
constexpr std::size_t links = 12;          // the degree in a network of a few dozens
constexpr std::size_t payload_size = 256;  // a chat message, a cursor, a small state

/// Content drawn from one seed: ids, keys, signatures and places that no encoding can shorten.
class Draw {
 public:
  Bytes bytes(std::size_t size) {
    Bytes out(size);
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_.u32());
    return out;
  }
  Key key() { return random_.bytes32(); }
  PeerId id() { return {random_.bytes32()}; }
  Position position() { return random_.u64(); }
  Arc arc() { return {position(), position()}; }
  Signature signature() {
    Signature out;
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_.u32());
    return out;
  }
  std::vector<Position> positions(std::size_t count) {
    std::vector<Position> out(count);
    for (Position& place : out) place = position();
    std::sort(out.begin(), out.end());
    return out;
  }
  std::vector<Item> items(std::size_t count) {
    std::vector<Item> out;
    for (const Position origin : positions(count)) out.push_back({origin, sequence});
    return out;
  }

 private:
  Random random_{Random::Seed{1}};
};

/// A data channel's description as browsers write it.
std::string session_description() {
  std::string fingerprint;
  for (int i = 0; i < 32; ++i) fingerprint += i == 0 ? "5C" : ":5C";
  return "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
         "a=group:BUNDLE 0\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n"
         "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
         "a=ice-ufrag:Yk3p\r\na=ice-pwd:0bZ8xv2fQ7mT1nRk5sLw9cHd\r\na=ice-options:trickle\r\n"
         "a=fingerprint:sha-256 " +
         fingerprint +
         "\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";
}

std::string candidate() {
  return R"({"candidate":"candidate:842163049 1 udp 1677729535 203.0.113.7 54321 typ srflx raddr )"
         R"(192.168.1.20 rport 54321 generation 0","sdpMid":"0","sdpMLineIndex":0})";
}

Statement statement(Draw& draw, StatementKind kind, Bytes body) {
  return {kind, draw.id(), sequence, std::move(body), draw.signature()};
}

Course course(Draw& draw) {
  return {.hops_left = 48, .closest = draw.position(), .trail = draw.position()};
}

Summary summary_of_counts(Draw& draw) {
  Summary out;
  const auto borders = draw.positions(16);
  for (std::size_t i = 0; i < borders.size(); i += 2)
    out.ranges.push_back({{borders[i], borders[i + 1]}, 32, draw.position(), std::nullopt});
  return out;
}

Summary summary_of_names(Draw& draw) {
  const auto items = draw.items(32);
  return {Store::records, {{{0, ~Position{0}}, items.size(), 0, items}}};
}

void add_messages(std::vector<Sample>& out, Draw& draw, const Bytes& record, const Bytes& topic) {
  const auto add = [&out](std::string name, Message message) {
    out.push_back({std::move(name), std::move(message)});
  };
  add("hello", Hello{1, 0, "a network", draw.id(), draw.key(), false});
  add("proof", Proof{draw.signature()});
  add("goodbye", Goodbye{});
  add("ping", Ping{7});
  add("pong", Pong{7});
  add("spread, record", Spread{draw.arc(), 48, record});
  add("spread, message", Spread{draw.arc(), 48, topic});
  add("spread-ack", SpreadAck{draw.arc(), draw.position(), sequence});
  add("push, record", Push{record});
  add("summary, 8 counts", summary_of_counts(draw));
  add("summary, 32 names", summary_of_names(draw));
  add("want, 32 names", Want{Store::records, draw.items(32)});
  add("floors, 32 names", Floors{draw.items(32)});
  add("envelope, 1 KiB", Envelope{draw.id(), draw.id(), course(draw), draw.bytes(1024)});
  add("seek", Seek{draw.position(), draw.position(), true, course(draw)});
  add("seek-answer", SeekAnswer{draw.position(), draw.position(), 5, draw.signature(), {record}});
  add("session-ask", SessionAsk{});
  add("session-accept", SessionAccept{});
  add("session-refuse", SessionRefuse{});
  add("session-end", SessionEnd{});
}

}  // namespace

std::vector<Sample> samples() {
  Draw draw;
  const Record record{"a display name", draw.key(), 3'600, draw.positions(links)};
  const TopicBody topic{"chat", draw.bytes(payload_size)};
  const Statement of_record = statement(draw, StatementKind::record, encode_record(record));
  const Statement of_topic =
      statement(draw, StatementKind::message, encode_topic_body(topic.topic, topic.payload));
  Signal offer;
  offer.attempt = sequence;
  offer.sealing_key = draw.key();
  offer.sdp = session_description();
  Signal candidates = offer;
  candidates.kind = Signal::Kind::candidates;
  candidates.sdp.clear();
  candidates.candidates.assign(4, candidate());

  std::vector<Sample> out;
  add_messages(out, draw, encode_statement(of_record), encode_statement(of_topic));
  out.push_back({"statement, record", of_record});
  out.push_back({"statement, message", of_topic});
  out.push_back({"record, 12 links", record});
  out.push_back({"topic body", topic});
  out.push_back({"signal, offer", offer});
  out.push_back({"signal, 4 candidates", candidates});
  return out;
}

}  // namespace membrane::bench
