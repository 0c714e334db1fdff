#include "links.h"

#include <algorithm>

#include "wire.h"

namespace membrane {
namespace {

/// Bytes held while a proof is being checked. Derived: whoever we prove ourselves to may be done
/// before us and push us its whole map.
constexpr std::size_t held_bytes_max = 2 * limits::mebibyte;
/// What holding one message costs beside its bytes.
constexpr std::size_t held_overhead = 64;
constexpr std::size_t fragment_header_size = 2;

}  // namespace

Link& Links::create(bool offerer, const std::optional<PeerId>& peer) {
  Link& link = *links_.add(++last_id_, std::make_unique<Link>());
  link.id = last_id_;
  link.offerer = offerer;
  link.peer = peer;
  link.since = link.last_heard = context_.now;
  return link;
}

Link* Links::find(LinkId id) {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second.get();
}

Link* Links::to(Position peer) {
  const auto found = up_.find(peer);
  return found == up_.end() ? nullptr : find(found->second);
}

Link* Links::to(const PeerId& peer) {
  Link* link = to(peer.position());
  return link && *link->peer == peer ? link : nullptr;
}

// ---- Framing ------------------------------------------------------------------------------------

void Links::send_frame(const Link& link, Channel channel, Bytes data) {
  ++context_.sent_messages;
  context_.sent_bytes += data.size();
  context_.emit(Send{link.id, channel, std::move(data)});
}

void Links::send_control(const Link& link, Bytes bytes) {
  const std::size_t part_size = limits::frame_size_max - fragment_header_size;
  // The whole message or nothing of it.
  Link* own = find(link.id);
  if (!own || !own->frames_out.take(context_.now, bytes.size() / part_size + 1))
    return context_.reject(Error::busy);
  if (bytes.size() <= limits::frame_size_max)
    return send_frame(link, Channel::control, std::move(bytes));
  for (std::size_t at = 0; at < bytes.size(); at += part_size) {
    const std::size_t size = std::min(part_size, bytes.size() - at);
    Writer out(limits::frame_size_max);
    out.integer(fragment_type)
        .u8(at + size == bytes.size() ? 1 : 0)
        .raw(ByteView(bytes).subspan(at, size));
    send_frame(link, Channel::control, out.take());
  }
}

void Links::send_application(const Link& link, Bytes data) {
  send_frame(link, Channel::application, std::move(data));
}

void Links::received(LinkId id, Channel channel, ByteView data) {
  Link* link = find(id);
  if (!link || link->phase == Link::Phase::negotiating) return context_.reject(Error::not_ready);
  if (data.size() > limits::frame_size_max) return fail(*link, Error::oversized);
  if (channel == Channel::control && !link->frames_in.take(context_.now))
    return fail(*link, Error::busy);
  link->last_heard = context_.now;
  link->probe_until = 0;
  if (std::exchange(link->suspect_since, 0) != 0) watch(*link);
  if (channel == Channel::control) return receive_control(*link, data);
  if (link->phase != Link::Phase::up) return hold(*link, channel, data);
  hooks.application(*link, data);
}

void Links::receive_control(Link& link, ByteView frame) {
  Reader in(frame);
  if (in.integer() != fragment_type) return receive_message(link.id, frame);
  const bool last = in.u8() == 1;
  if (!in.ok() || in.at_end()) return fail(link, Error::malformed);
  if (link.fragments.size() + in.rest().size() > limits::control_message_size_max)
    return fail(link, Error::oversized);
  link.fragments.insert(link.fragments.end(), in.rest().begin(), in.rest().end());
  if (!last) return;
  const Bytes whole = std::exchange(link.fragments, {});
  receive_message(link.id, whole);
}

void Links::receive_message(LinkId id, ByteView bytes) {
  auto message = decode_message(bytes);
  Link& link = *find(id);
  if (!message) return fail(link, message.error());
  if (!*message) return;  // a type of a later version
  if (const auto* hello = std::get_if<Hello>(&**message)) return on_hello(link, *hello, bytes);
  if (const auto* proof = std::get_if<Proof>(&**message)) return on_proof(link, *proof);
  if (const auto* goodbye = std::get_if<Goodbye>(&**message)) {
    // A link that only the ring did not need any more is told from a peer that leaves.
    return drop(id, goodbye->reason == Error::trimmed ? Error::trimmed : Error::goodbye);
  }
  if (link.phase != Link::Phase::up) return hold(link, Channel::control, bytes);
  if (const auto* ping = std::get_if<Ping>(&**message)) return send(link, Pong{ping->token});
  if (std::holds_alternative<Pong>(**message)) return on_pong(link);
  hooks.message(link, std::move(**message));
}

/// The other side may be done with our proof before we are with its: what it sends then waits.
/// Whoever sends before its proof is not to be listened to.
void Links::hold(Link& link, Channel channel, ByteView data) {
  link.held_bytes += data.size() + held_overhead;
  if (!link.proof_received || link.held_bytes > held_bytes_max) return fail(link, Error::not_ready);
  link.held.push_back({channel, Bytes(data.begin(), data.end())});
}

// ---- Handshake ----------------------------------------------------------------------------------

void Links::opened(LinkId id) {
  Link* link = find(id);
  if (!link || link->phase != Link::Phase::negotiating) return;
  if (link->local_fingerprint.empty() || link->remote_fingerprint.empty())
    return fail(*link, Error::not_ready);
  link->phase = Link::Phase::proving;
  link->since = link->last_heard = context_.now;
  watch(*link);
  link->handshake.emplace(link->offerer, std::exchange(link->local_fingerprint, {}),
                          std::exchange(link->remote_fingerprint, {}));
  send_frame(*link, Channel::control,
             link->handshake->begin(context_.config, context_.random.bytes32(), hooks.fresh(),
                                    hooks.capabilities ? hooks.capabilities() : 0,
                                    link->offerer ? context_.next_sequence() : 0));
}

void Links::on_hello(Link& link, const Hello& hello, ByteView frame) {
  Error error = link.phase == Link::Phase::proving
                    ? link.handshake->take_hello(context_.config, hello, frame, link.peer)
                    : Error::duplicate;
  // Who claims to be somebody who is banned is that peer or a liar.
  if (error == Error::none && conduct_.is_banned(hello.id.position())) error = Error::refused;
  if (error != Error::none) return fail(link, error);
  link.peer = hello.id;
  context_.sign(link.handshake->to_sign(), [this, id = link.id](bool ok, ByteView signature) {
    Link* proving = find(id);
    if (!proving) return;
    if (!ok) return close(id, Error::proof_failed);
    Proof proof;
    std::copy(signature.begin(), signature.end(), proof.signature.begin());
    send(*proving, proof);
    proving->proof_sent = true;
    advance(id);
  });
}

void Links::on_proof(Link& link, const Proof& proof) {
  if (link.phase != Link::Phase::proving || !link.handshake->has_hello() || link.proof_received)
    return fail(link, Error::not_ready);
  link.proof_received = true;
  context_.verify(*link.peer, proof.signature, link.handshake->to_verify(),
                  [this, id = link.id](bool ok, ByteView) {
                    Link* proving = find(id);
                    if (!proving) return;
                    if (!ok) return fail(*proving, Error::proof_failed);
                    proving->proof_verified = true;
                    advance(id);
                  });
}

bool Links::make_room_for(Link& link) {
  Link* other = to(link.peer->position());
  if (!other) return true;
  // Two peers whose ids share their first 64 bits cannot both be neighbours. To find an id that
  // shares them with a given one is infeasible; two of one's own can be found, and gain nothing.
  if (*other->peer != *link.peer) return false;
  const PeerId& offerer = link.offerer ? context_.config.id : *link.peer;
  const PeerId& other_offerer = other->offerer ? context_.config.id : *link.peer;
  // Who has never met anybody has no other link: ours is to its last life. Unless it wrote its
  // hello before that link came up. And what may have failed gives way to what works.
  const bool other_is_dead =
      other->is_suspect() || (link.handshake->peer_is_fresh() &&
                              other->since + limits::handshake_timeout_ms <= context_.now);
  // The two may come up in different orders at the two ends: a number decides, not the clock.
  const bool other_is_younger =
      other_offerer == offerer && link.handshake->attempt() < other->handshake->attempt();
  if ((other_offerer < offerer || other_is_younger) && !other_is_dead) return false;
  link.application = link.application || other->application;
  close(other->id, Error::replaced);
  return true;
}

void Links::advance(LinkId id) {
  Link& link = *find(id);
  if (!link.proof_sent || !link.proof_verified) return;
  if (!make_room_for(link)) return close(id, Error::replaced);
  link.phase = Link::Phase::up;
  link.since = context_.now;
  link.handshake->forget_transcript();
  watch(link);
  up_.add(link.peer->position(), id);
  ping(link);  // so that its round trip is known before anything depends on it
  const std::vector<Link::Held> held = std::exchange(link.held, {});
  hooks.up(link);
  for (const auto& [channel, data] : held) {
    Link* still_up = find(id);
    if (!still_up) return;
    if (channel == Channel::control)
      receive_message(id, data);
    else
      hooks.application(*still_up, data);
  }
}

// ---- Liveness -----------------------------------------------------------------------------------

void Links::ping(Link& link) {
  if (link.ping_sent != 0) return;
  link.ping_sent = context_.now;
  send(link, Ping{0});
  watch(link);
}

void Links::on_pong(Link& link) {
  if (link.ping_sent == 0) return;
  link.round_trip.note(context_.now - link.ping_sent);
  link.ping_sent = 0;
  watch(link);
}

void Links::suspect(Link& link) {
  if (link.is_suspect()) return;
  link.suspect_since = context_.now;
  ping(link);
  if (hooks.suspected) hooks.suspected(link);
}

void Links::probe_all() {
  for (const auto& [position, id] : up_) {
    Link& link = *find(id);
    if (link.probe_until > context_.now) continue;  // is asked already, and gets no more time
    link.probe_until = context_.now + limits::probe_ms;
    link.ping_sent = 0;
    ping(link);
  }
}

TimeMs Links::silent_at(const Link& link) const {
  return link.probe_until != 0 ? link.probe_until : link.last_heard + limits::silence_max_ms;
}

TimeMs Links::deadline(const Link& link) const {
  switch (link.phase) {
    case Link::Phase::negotiating:
      return never;  // the connector's
    case Link::Phase::proving:
      return link.since + limits::handshake_timeout_ms;
    case Link::Phase::up:
      break;
  }
  if (link.is_suspect()) return silent_at(link);
  const TimeMs next = link.ping_sent == 0 ? link.last_heard + limits::ping_after_ms
                                          : std::max(link.ping_sent, link.last_heard) +
                                                link.round_trip.patience_ms();
  return std::min(silent_at(link), next);
}

void Links::tick() {
  if (context_.now < next_) return;
  std::vector<LinkId> due;
  for (const auto& [id, link] : links_) {
    if (deadline(*link) <= context_.now) due.push_back(id);
  }
  bool pinged = false;
  for (const LinkId id : due) {
    Link* link = find(id);
    if (!link || deadline(*link) > context_.now) continue;
    if (link->phase == Link::Phase::proving) {
      close(id, Error::timed_out);
    } else if (silent_at(*link) <= context_.now) {
      drop(id, Error::silent);
    } else if (link->ping_sent == 0) {
      ping(*link);
      pinged = true;
    } else {
      suspect(*link);
    }
  }
  if (pinged) ping_all_due_soon();
  next_ = never;
  for (const auto& [id, link] : links_) watch(*link);
}

/// Having woken up for one link, the host need not do so again at once for the others.
void Links::ping_all_due_soon() {
  for (const auto& [position, id] : up_) {
    Link& link = *find(id);
    const bool is_due =
        link.last_heard + limits::ping_after_ms <= context_.now + limits::ping_early_ms;
    if (is_due && !link.is_suspect()) ping(link);
  }
}

// ---- The end ------------------------------------------------------------------------------------

void Links::close(LinkId id, Error reason) {
  if (const Link* link = find(id); link && link->phase != Link::Phase::negotiating)
    send_frame(*link, Channel::control, encode_message(Goodbye{reason}));
  drop(id, reason);
}

void Links::close_all(Error reason) {
  std::vector<LinkId> all;
  for (const auto& [id, link] : links_) all.push_back(id);
  for (const LinkId id : all) close(id, reason);
}

/// The other side did what it must not. Before it is proved nobody can be blamed for that.
void Links::fail(const Link& link, Error fault) {
  context_.reject(fault);
  if (link.phase == Link::Phase::up) conduct_.blame(link.peer->position(), fault);
  close(link.id, fault);
}

void Links::blame(Position peer, Error fault) {
  if (!conduct_.blame(peer, fault)) return;
  if (const Link* link = to(peer)) close(link->id, fault);
}

void Links::drop(LinkId id, Error reason) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  const std::unique_ptr<Link> gone = std::move(found->second);
  const Link& link = *gone;
  links_.erase(found);
  context_.emit(CloseConnection{id, reason, link.peer});
  if (link.phase != Link::Phase::up) return hooks.abandoned(link, reason);
  up_.erase(up_.find(link.peer->position()));
  hooks.down(link, reason);
}

}  // namespace membrane
