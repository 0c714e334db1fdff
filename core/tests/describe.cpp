#include "describe.h"

#include "arc.h"
#include "signalling.h"
#include "statement.h"
#include "wire.h"

namespace membrane::test {
namespace {

constexpr std::size_t signature_size = 64;

std::string hex(Position position) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 48; shift -= 4) out += digits[position >> shift & 15];
  return out;
}

std::string count_of(std::size_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// The stretch, and who lives on it.
std::string describe(const Arc& arc, const Glossary& glossary) {
  constexpr std::size_t named_max = 24;
  std::string people;
  std::size_t count = 0;
  for (const auto& [position, name] : glossary.names) {
    if (contains(arc, position) && ++count <= named_max)
      people += (people.empty() ? "" : " ") + name;
  }
  if (count > named_max) people = count_of(count, "peer");
  return hex(arc.first) + "-" + hex(arc.last) + " (" + (people.empty() ? "nobody" : people) + ")";
}

std::string describe(const std::vector<Item>& items, const Glossary& glossary) {
  std::string out;
  for (const Item& item : items) {
    out += (out.empty() ? "" : ", ") + glossary.name(item.origin) + " " +
           glossary.number(item.sequence);
  }
  return out.empty() ? "nothing" : out;
}

const char* name_of(Store store) {
  static const char* const names[] = {"records", "messages", "states"};
  return names[static_cast<std::size_t>(store)];
}

std::string describe_statement(ByteView bytes, const Glossary& glossary) {
  const auto statement = decode_statement(bytes);
  if (!statement) return "malformed";
  const std::string who =
      glossary.name(statement->origin) + " " + glossary.number(statement->sequence);
  if (statement->kind == StatementKind::record) {
    const auto record = decode_record(statement->body);
    if (!record) return "record of " + who + ", malformed";
    std::string links;
    for (const Position link : record->links) links += " " + glossary.name(link);
    const std::string scope = (record->capabilities & knows_neighbours_only) == 0 ? ""
                              : (record->capabilities & could_know_everybody) == 0
                                  ? ", knows neighbours only"
                                  : ", could know everybody";
    return "record of " + who + ", links" + (links.empty() ? " none" : links) + scope;
  }
  if (statement->kind == StatementKind::state) {
    const auto state = decode_state_body(statement->body);
    if (!state) return "state of " + who + ", malformed";
    return "state of " + who + ", " + state->topic + " " + state->key + " " +
           quoted(text_of(state->value));
  }
  const auto body = decode_topic_body(statement->body);
  if (!body) return "message of " + who + ", malformed";
  return "message of " + who + ", " + body->topic + " " + quoted(text_of(body->payload));
}

std::string describe(const Course& course) {
  return std::to_string(course.hops_left) + " hops left" + (course.returned ? ", returned" : "") +
         (course.back ? ", back" : "");
}

/// What a signal of a relayed session says: which frames have been heard, and one more.
std::string describe_relay(ByteView relay, const Glossary& glossary) {
  Reader in(relay);
  const std::uint64_t yours = in.integer();
  std::string out = yours == 0 ? "" : " to " + glossary.number(yours);
  out += ", heard " + std::to_string(in.integer());
  const std::uint64_t sequence = in.integer();
  if (!in.ok()) return ", malformed";
  if (sequence == 0) return out;
  const auto channel = static_cast<Channel>(in.u8());
  return out + ", frame " + std::to_string(sequence) + ": " +
         describe(channel, in.rest(), glossary);
}

std::string describe_signal(const Envelope& envelope, const Glossary& glossary) {
  const auto opened =
      glossary.unseal ? glossary.unseal(envelope) : std::optional<Bytes>(std::nullopt);
  if (!opened || opened->size() < signature_size) return "sealed";
  const auto signal = decode_signal(ByteView(*opened).subspan(signature_size));
  if (!signal) return "malformed";
  static const char* const kinds[] = {"", "offer", "answer", "candidates", "refuse", "relay"};
  std::string out = std::string(kinds[static_cast<std::size_t>(signal->kind)]) + " " +
                    glossary.number(signal->attempt);
  if (signal->session) out += " session";
  if (signal->application) out += " application";
  if (!signal->candidates.empty()) out += ", " + count_of(signal->candidates.size(), "candidate");
  if (signal->kind == Signal::Kind::relay) out += describe_relay(signal->relay, glossary);
  if (signal->reason != Error::none) out += ", " + std::string(error_text(signal->reason));
  return out;
}

/// One function a message.
struct Words {
  const Glossary& glossary;

  std::string operator()(const Hello& m) const {
    return "hello from " + glossary.name(m.id) + ", network " + quoted(m.network) +
           (m.fresh ? ", fresh" : "");
  }
  std::string operator()(const Proof&) const { return "proof"; }
  std::string operator()(const Goodbye& m) const {
    return std::string("goodbye, ") + error_text(m.reason);
  }
  std::string operator()(const Ping&) const { return "ping"; }
  std::string operator()(const Pong&) const { return "pong"; }
  std::string operator()(const Spread& m) const {
    return "spread to " + describe(m.arc, glossary) + ", " + std::to_string(m.hops_left) +
           " hops left: " + describe_statement(m.statement, glossary);
  }
  std::string operator()(const SpreadAck& m) const {
    return "spread-ack " + glossary.name(m.origin) + " " + glossary.number(m.sequence) + " for " +
           describe(m.arc, glossary);
  }
  std::string operator()(const Push& m) const {
    return "push: " + describe_statement(m.statement, glossary);
  }
  std::string operator()(const Summary& m) const {
    std::string out = std::string("summary of ") + name_of(m.store);
    for (const SummaryRange& range : m.ranges) {
      out += "; " + hex(range.arc.first) + "-" + hex(range.arc.last) + " ";
      out += range.items ? describe(*range.items, glossary) : count_of(range.count, "item");
    }
    return out;
  }
  std::string operator()(const Have& m) const {
    return std::string("have ") + (m.store == Store::records ? "records " : "messages ") +
           describe(m.items, glossary);
  }
  std::string operator()(const Want& m) const {
    return std::string("want ") + name_of(m.store) + " " + describe(m.items, glossary);
  }
  std::string operator()(const Floors& m) const { return "floors " + describe(m.items, glossary); }
  std::string operator()(const Envelope& m) const {
    return "envelope " + glossary.name(m.from) + " to " + glossary.name(m.to) + ", " +
           describe(m.course) + " [" + describe_signal(m, glossary) + "]";
  }
  std::string operator()(const Seek& m) const {
    return "seek " + glossary.name(m.from) + (m.nearest ? " to next to " : " to ") +
           glossary.name(m.to) + ", " + describe(m.course);
  }
  std::string operator()(const SeekAnswer& m) const {
    std::string out = "seek-answer to " + glossary.name(m.to) + " after " +
                      count_of(m.hops, "hop") + (m.proof ? ", with proof" : "");
    for (const Bytes& record : m.records) out += "; " + describe_statement(record, glossary);
    return out;
  }
  std::string operator()(const SessionAsk&) const { return "session-ask"; }
  std::string operator()(const SessionAccept&) const { return "session-accept"; }
  std::string operator()(const SessionRefuse&) const { return "session-refuse"; }
  std::string operator()(const SessionEnd& m) const {
    return std::string("session-end, ") + error_text(m.reason) + ", after " +
           std::to_string(m.pieces) + " pieces";
  }
};

std::string describe_piece(std::uint64_t message, std::uint8_t flags, std::uint64_t total,
                           std::size_t size) {
  std::string out = "piece of message " + std::to_string(message);
  if ((flags & SessionPiece::first) != 0) out += ", first of " + std::to_string(total) + " bytes";
  if ((flags & SessionPiece::text) != 0) out += ", text";
  if ((flags & SessionPiece::last) != 0) out += ", last";
  if ((flags & SessionPiece::cancelled) != 0) out += ", cancelled";
  return out + ": " + count_of(size, "byte");
}

std::string describe_application(ByteView frame) {
  Reader in(frame);
  const std::uint64_t message = in.integer();
  const std::uint8_t flags = in.u8();
  const std::uint64_t total = (flags & SessionPiece::first) != 0 ? in.integer() : 0;
  return in.ok() ? describe_piece(message, flags, total, in.rest().size()) : "malformed piece";
}

/// One function an event.
struct EventWords {
  const Glossary& glossary;

  std::string operator()(const StateChanged& e) const {
    static const char* const names[] = {"joining", "alone", "joined", "left"};
    return std::string("state ") + names[static_cast<std::size_t>(e.state)];
  }
  std::string operator()(const PeerAdded& e) const { return "peer added " + quoted(e.name); }
  std::string operator()(const PeerRemoved& e) const {
    return "peer removed " + glossary.name(e.peer);
  }
  std::string operator()(const PeerRenamed& e) const {
    return "peer " + glossary.name(e.peer) + " is called " + quoted(e.name);
  }
  std::string operator()(const EdgeChanged& e) const {
    return std::string(e.present ? "edge added " : "edge removed ") + glossary.name(e.a) + " - " +
           glossary.name(e.b);
  }
  std::string operator()(const LinkUp& e) const { return "link up to " + glossary.name(e.peer); }
  std::string operator()(const LinkDown& e) const {
    return "link down to " + glossary.name(e.peer) + ", " + error_text(e.reason);
  }
  std::string operator()(const Asked& e) const {
    return "asked by " + glossary.name(e.peer) + " for a " + (e.session ? "session" : "link");
  }
  std::string operator()(const Connected& e) const {
    return "connected to " + glossary.name(e.peer);
  }
  std::string operator()(const ConnectFailed& e) const {
    return "connect to " + glossary.name(e.peer) + " failed, " + error_text(e.reason);
  }
  std::string operator()(const SessionOpened& e) const {
    return "session opened with " + glossary.name(e.peer) + (e.relayed ? ", relayed" : "");
  }
  std::string operator()(const SessionWritable& e) const {
    return "session with " + glossary.name(e.peer) + " has room";
  }
  std::string operator()(const SessionClosed& e) const {
    return "session closed with " + glossary.name(e.peer) + ", " + error_text(e.reason);
  }
  std::string operator()(const TopicMessage& e) const {
    return "message of " + glossary.name(e.origin) + " " + glossary.number(e.sequence) + ", " +
           e.topic + " " + quoted(text_of(e.payload));
  }
  std::string operator()(const StateValue& e) const {
    return "state of " + glossary.name(e.origin) + " " + glossary.number(e.sequence) + ", " +
           e.topic + " " + e.key + " " + (e.present ? quoted(text_of(e.value)) : "gone");
  }
  std::string operator()(const SessionPiece& e) const {
    return glossary.name(e.peer) + ": " +
           describe_piece(e.message, e.flags, e.total, e.data.size());
  }
  std::string operator()(const Found& e) const {
    return "found " + glossary.name(e.peer) + " after " + count_of(e.hops, "hop");
  }
  std::string operator()(const FindFailed& e) const {
    return "find " + glossary.name(e.peer) + " failed, " + error_text(e.reason);
  }
  template <typename T>
  std::string operator()(const T&) const {
    return {};
  }
};

}  // namespace

std::string Glossary::name(Position position) const {
  const auto found = names.find(position);
  return found == names.end() ? hex(position) : found->second;
}

std::string Glossary::number(std::uint64_t sequence) const {
  return "#" + std::to_string(sequence < start ? sequence : sequence - start);
}

std::string describe(const Message& message, const Glossary& glossary) {
  return std::visit(Words{glossary}, message);
}

std::string describe(Channel channel, ByteView frame, const Glossary& glossary) {
  if (channel == Channel::application) return describe_application(frame);
  Reader in(frame);
  if (in.integer() == fragment_type) {
    const bool last = in.u8() == 1;
    return std::string("fragment, ") + (last ? "last, " : "") + std::to_string(in.rest().size()) +
           " bytes";
  }
  const auto message = decode_message(frame);
  if (!message) return std::string(error_text(message.error()));
  return *message ? describe(**message, glossary) : "a message of a later version";
}

std::string describe(const Output& output, const Glossary& glossary) {
  return std::visit(EventWords{glossary}, output);
}

std::string describe(ContactSend::Kind kind) {
  using Kind = ContactSend::Kind;
  switch (kind) {
    case Kind::offer:
      return "offer";
    case Kind::offer_candidate:
      return "offer-candidate";
    case Kind::answer:
      return "answer";
    case Kind::answer_candidate:
      return "answer-candidate";
    case Kind::refuse:
      return "refuse";
    case Kind::report:
      return "report";
    case Kind::done:
      return "done";
    case Kind::ready:
      return "ready";
  }
  return {};
}

}  // namespace membrane::test
