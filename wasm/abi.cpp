#include "abi.h"

#include <cstdlib>
#include <limits>

#include "membrane/limits.h"
#include "membrane/node.h"
#include "wire.h"

namespace membrane::abi {

struct Instance {
  std::unique_ptr<Node> node;
  Bytes output;
};

namespace {

/// Inputs come from our own host: the bounds only keep a mistake from becoming a read out of place.
constexpr std::size_t text_max = 64 * limits::kibibyte;
constexpr std::size_t data_max = limits::mebibyte;

enum class In : std::uint64_t {
  contact_opened = 1,
  contact_closed = 2,
  contact_request = 3,
  contact_request_candidate = 4,
  contact_answer = 5,
  contact_answer_candidate = 6,
  contact_unresolved = 7,
  contact_failed = 8,
  local_description = 10,
  local_candidate = 11,
  link_opened = 12,
  link_received = 13,
  link_closed = 14,
  signed_ = 20,
  verified = 21,
  sealed = 22,
  opened = 23,
  connect = 30,
  answer = 31,
  close_session = 32,
  disconnect = 33,
  publish = 34,
  session_write = 35,
  rename = 36,
  leave = 37,
  resume = 38,
  tick = 39,
  find = 40,
  set_state = 41,
};

/// Anything that is no time is the beginning of time, which a node reads as standing still.
TimeMs time_of(double now_ms) {
  constexpr double latest_ms = 9e15;  // the integers that a double carries exactly
  return now_ms > 0 && now_ms < latest_ms ? static_cast<TimeMs>(now_ms) : 0;
}

// ---- Inputs -------------------------------------------------------------------------------------

/// A number and a text, in this order in the buffer.
struct Addressed {
  explicit Addressed(Reader& in) : number(in.integer()), text(text_of(in.bytes(text_max))) {}
  std::uint64_t number;
  std::string_view text;
};

Error feed_contact(Node& node, TimeMs now, In kind, Reader& in) {
  if (kind == In::contact_unresolved || kind == In::contact_failed) {
    const RequestId request = in.integer();
    if (!in.ok()) return Error::malformed;
    kind == In::contact_failed ? node.contact_failed(now, request)
                               : node.contact_unresolved(now, request);
    return Error::none;
  }
  const Addressed input(in);
  if (!in.ok()) return Error::malformed;
  switch (kind) {
    case In::contact_request:
      node.contact_request(now, input.number, input.text);
      break;
    case In::contact_request_candidate:
      node.contact_request_candidate(now, input.number, input.text);
      break;
    case In::contact_answer:
      node.contact_answer(now, input.number, input.text);
      break;
    default:
      node.contact_answer_candidate(now, input.number, input.text);
  }
  return Error::none;
}

Error feed_link(Node& node, TimeMs now, In kind, Reader& in) {
  const LinkId link = in.integer();
  if (kind == In::link_opened || kind == In::link_closed) {
    if (!in.ok()) return Error::malformed;
    kind == In::link_opened ? node.link_opened(now, link) : node.link_closed(now, link);
    return Error::none;
  }
  if (kind == In::link_received) {
    const std::uint8_t channel = in.u8();
    const ByteView data = in.bytes(data_max);
    if (!in.ok() || channel > 1) return Error::malformed;
    node.link_received(now, link, static_cast<Channel>(channel), data);
    return Error::none;
  }
  const std::string_view text = text_of(in.bytes(text_max));
  if (!in.ok()) return Error::malformed;
  kind == In::local_description ? node.local_description(now, link, text)
                                : node.local_candidate(now, link, text);
  return Error::none;
}

Error feed_job(Node& node, TimeMs now, In kind, Reader& in) {
  const JobId job = in.integer();
  if (kind == In::signed_) {
    const auto signature = in.array<64>();
    return in.ok() ? node.signed_(now, job, signature) : Error::malformed;
  }
  const bool ok = in.u8() == 1;
  if (kind == In::verified) return in.ok() ? node.verified(now, job, ok) : Error::malformed;
  const ByteView data = in.bytes(data_max);
  if (!in.ok()) return Error::malformed;
  return kind == In::sealed ? node.sealed(now, job, ok, data) : node.opened(now, job, ok, data);
}

Error feed_peer_command(Node& node, TimeMs now, In kind, Reader& in) {
  const PeerId peer = in.id();
  if (kind == In::connect) {
    const bool session = in.u8() == 1;
    return in.ok() ? node.connect(now, peer, session) : Error::malformed;
  }
  if (kind == In::session_write) {
    const std::uint64_t message = in.integer();
    const std::uint8_t flags = in.u8();
    const std::uint64_t total = in.integer();
    const ByteView data = in.bytes(data_max);
    return in.ok() ? node.session_write(now, peer, message, flags, total, data) : Error::malformed;
  }
  if (!in.ok()) return Error::malformed;
  if (kind == In::find) return node.find(now, peer);
  return kind == In::close_session ? node.close_session(now, peer) : node.disconnect(now, peer);
}

Error feed_command(Node& node, TimeMs now, In kind, Reader& in) {
  if (kind == In::answer) {
    const RequestId request = in.integer();
    const bool accept = in.u8() == 1;
    return in.ok() ? node.answer(now, request, accept) : Error::malformed;
  }
  const std::string_view text = text_of(in.bytes(text_max));
  if (kind == In::rename) return in.ok() ? node.rename(now, text) : Error::malformed;
  if (kind == In::set_state) {
    const std::string_view key = text_of(in.bytes(text_max));
    const std::uint64_t lifetime_s = in.integer();
    const ByteView value = in.bytes(data_max);
    return in.ok() ? node.set_state(now, text, key, value, lifetime_s) : Error::malformed;
  }
  const ByteView payload = in.bytes(data_max);
  return in.ok() ? node.publish(now, text, payload) : Error::malformed;
}

Error feed(Node& node, TimeMs now, Reader& in) {
  const In kind{in.integer()};
  if (!in.ok()) return Error::malformed;
  switch (kind) {
    case In::contact_opened:
      node.contact_opened(now);
      return Error::none;
    case In::contact_closed:
      node.contact_closed(now);
      return Error::none;
    case In::contact_request:
    case In::contact_request_candidate:
    case In::contact_answer:
    case In::contact_answer_candidate:
    case In::contact_unresolved:
    case In::contact_failed:
      return feed_contact(node, now, kind, in);
    case In::local_description:
    case In::local_candidate:
    case In::link_opened:
    case In::link_received:
    case In::link_closed:
      return feed_link(node, now, kind, in);
    case In::signed_:
    case In::verified:
    case In::sealed:
    case In::opened:
      return feed_job(node, now, kind, in);
    case In::connect:
    case In::close_session:
    case In::disconnect:
    case In::find:
    case In::session_write:
      return feed_peer_command(node, now, kind, in);
    case In::answer:
    case In::publish:
    case In::rename:
    case In::set_state:
      return feed_command(node, now, kind, in);
    case In::leave:
      node.leave(now);
      return Error::none;
    case In::resume:
      node.resume(now);
      return Error::none;
    case In::tick:
      node.tick(now);
      return Error::none;
  }
  return Error::malformed;
}

// ---- Outputs ------------------------------------------------------------------------------------

void write(Writer& out, const OpenConnection& o) { out.integer(1).integer(o.link); }
void write(Writer& out, const AcceptOffer& o) { out.integer(2).integer(o.link).text(o.sdp); }
void write(Writer& out, const ApplyAnswer& o) { out.integer(3).integer(o.link).text(o.sdp); }
void write(Writer& out, const AddCandidate& o) { out.integer(4).integer(o.link).text(o.candidate); }
void write(Writer& out, const CloseConnection& o) {
  out.integer(5).integer(o.link).text(error_text(o.reason)).u8(o.peer ? 1 : 0);
  if (o.peer) out.id(*o.peer);
}
void write(Writer& out, const Send& o) {
  out.integer(6).integer(o.link).u8(static_cast<std::uint8_t>(o.channel)).bytes(o.data);
}
void write(Writer& out, const ContactSend& o) {
  out.integer(static_cast<std::uint64_t>(o.kind));
  if (o.kind == ContactSend::Kind::ready) return;
  out.integer(o.request);
  const bool has_text = o.kind < ContactSend::Kind::refuse;
  if (has_text) out.text(o.text);
}
void write(Writer& out, const Sign& o) { out.integer(20).integer(o.job).bytes(o.data); }
void write(Writer& out, const Verify& o) {
  out.integer(21).integer(o.job).raw(o.key).raw(o.signature).bytes(o.data);
}
void write(Writer& out, const Seal& o) {
  out.integer(22).integer(o.job).raw(o.key).bytes(o.info).bytes(o.aad).bytes(o.data);
}
void write(Writer& out, const Open& o) {
  out.integer(23).integer(o.job).bytes(o.info).bytes(o.aad).bytes(o.data);
}
void write(Writer& out, const StateChanged& o) {
  out.integer(30).u8(static_cast<std::uint8_t>(o.state));
}
void write(Writer& out, const PeerAdded& o) { out.integer(31).id(o.peer).text(o.name); }
void write(Writer& out, const PeerRemoved& o) { out.integer(32).id(o.peer); }
void write(Writer& out, const PeerRenamed& o) { out.integer(33).id(o.peer).text(o.name); }
void write(Writer& out, const EdgeChanged& o) { out.integer(o.present ? 34 : 35).id(o.a).id(o.b); }
void write(Writer& out, const LinkUp& o) { out.integer(36).id(o.peer).integer(o.link); }
void write(Writer& out, const LinkDown& o) {
  out.integer(37).id(o.peer).text(error_text(o.reason));
}
void write(Writer& out, const Asked& o) {
  out.integer(38).integer(o.request).id(o.peer).u8(o.session ? 1 : 0);
}
void write(Writer& out, const Connected& o) { out.integer(39).id(o.peer); }
void write(Writer& out, const ConnectFailed& o) {
  out.integer(40).id(o.peer).u8(o.session ? 1 : 0).text(error_text(o.reason));
}
void write(Writer& out, const SessionOpened& o) {
  out.integer(41).id(o.peer).u8(o.relayed ? 1 : 0);
}
void write(Writer& out, const SessionWritable& o) { out.integer(43).id(o.peer); }
void write(Writer& out, const SessionClosed& o) {
  out.integer(42).id(o.peer).text(error_text(o.reason));
}
void write(Writer& out, const TopicMessage& o) {
  out.integer(44).text(o.topic).id(o.origin).integer(o.sequence).bytes(o.payload);
}
void write(Writer& out, const StateValue& o) {
  out.integer(48).text(o.topic).text(o.key).id(o.origin).integer(o.sequence).bytes(o.value);
}
void write(Writer& out, const SessionPiece& o) {
  out.integer(45).id(o.peer).integer(o.message).u8(o.flags).integer(o.total).bytes(o.data);
}
void write(Writer& out, const Found& o) { out.integer(46).id(o.peer).integer(o.hops); }
void write(Writer& out, const FindFailed& o) {
  out.integer(47).id(o.peer).text(error_text(o.reason));
}

}  // namespace
}  // namespace membrane::abi

using membrane::abi::Instance;

void* membrane_alloc(std::size_t size) { return std::malloc(size); }

void membrane_free(void* pointer) { std::free(pointer); }

Instance* membrane_create(const std::uint8_t* data, std::size_t size, double now_ms) {
  membrane::Reader in({data, size});
  membrane::Config config;
  config.id = in.id();
  config.sealing_key = in.array<32>();
  config.name = in.text(membrane::limits::name_size_max);
  config.network = in.text(membrane::limits::network_size_max);
  config.seed = in.array<32>();
  config.ask_links = (in.integer() & 1) != 0;
  if (!in.ok()) return nullptr;
  auto node = membrane::Node::create(config, membrane::abi::time_of(now_ms));
  return node ? new Instance{std::move(node), {}} : nullptr;
}

void membrane_destroy(Instance* node) { delete node; }

std::uint32_t membrane_input(Instance* node, double now_ms, const std::uint8_t* data,
                             std::size_t size) {
  membrane::Reader in({data, size});
  return static_cast<std::uint32_t>(
      membrane::abi::feed(*node->node, membrane::abi::time_of(now_ms), in));
}

std::uint32_t membrane_output(Instance* node) {
  const auto output = node->node->poll();
  if (!output) return 0;
  membrane::Writer out(256);
  std::visit([&out](const auto& o) { membrane::abi::write(out, o); }, *output);
  node->output = out.take();
  return static_cast<std::uint32_t>(node->output.size());
}

const std::uint8_t* membrane_output_data(Instance* node) { return node->output.data(); }

double membrane_next_timeout(Instance* node) {
  const membrane::TimeMs next = node->node->next_timeout();
  return next == membrane::never ? std::numeric_limits<double>::infinity()
                                 : static_cast<double>(next);
}

std::uint32_t membrane_counters(Instance* node) {
  membrane::Writer out(512);
  for (const auto& [name, value] : node->node->counters()) out.text(name).integer(value);
  node->output = out.take();
  return static_cast<std::uint32_t>(node->output.size());
}

const char* membrane_error_text(std::uint32_t code) {
  const bool known = code < static_cast<std::uint32_t>(membrane::Error::count_);
  return membrane::error_text(known ? static_cast<membrane::Error>(code) : membrane::Error::count_);
}
