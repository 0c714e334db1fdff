#include "wishes.h"

namespace membrane {

Error Wishes::connect(const PeerId& peer, bool session) {
  if (peer == context_.config.id) return Error::invalid_argument;
  if (Link* link = links_.to(peer)) {
    fulfil(*link, session);
    return Error::none;
  }
  if (session && relay_.has(peer)) {
    sessions_.ask(peer);
    return Error::none;
  }
  const auto known = wishes_.find(peer.position());
  if (known != wishes_.end()) {
    known->second.session |= session;
    return Error::none;
  }
  if (wishes_.size() >= limits::wishes_max) return Error::busy;
  wishes_.emplace(peer.position(), Wish{peer, session});
  pursue(peer, session);
  return Error::none;
}

void Wishes::leave() {
  while (!wishes_.empty()) fail(wishes_.begin()->second.peer, Error::left);
}

/// A newcomer's map is whole only once its neighbours have told it all.
void Wishes::pursue(const PeerId& peer, bool session) {
  if (connector_.is_opening(peer)) return;
  if (map_.is_whole() ? map_.contains(peer) : map_.has_record(peer))
    open(peer, session);
  else if (map_.is_whole() && links_.up().empty())
    fail(peer, Error::unreachable);
  else
    look_for(peer);
}

void Wishes::look_for(const PeerId& peer) {
  const Error error = seeker_.find(peer, [this, peer](Error outcome, unsigned) {
    const auto wish = wishes_.find(peer.position());
    if (wish == wishes_.end()) return;
    if (outcome != Error::none) return fail(peer, outcome);
    if (!connector_.is_opening(peer)) open(peer, wish->second.session);
  });
  if (error != Error::none) fail(peer, error);
}

void Wishes::open(const PeerId& peer, bool session) {
  const Error error = connector_.open(peer, true, session);
  if (error != Error::none) fall_back(peer, error);
}

void Wishes::fulfil(Link& link, bool session) {
  link.application = true;
  if (session)
    sessions_.ask(*link.peer);
  else
    context_.emit(Connected{*link.peer});
}

void Wishes::link_up(Link& link) {
  const auto wish = wishes_.extract(link.peer->position());
  if (!wish) return;
  const bool session = wish.mapped().session;
  link.application = true;
  // A session that was agreed on while negotiating is open by now, and has been told of.
  if (!session || !sessions_.is_open(*link.peer)) fulfil(link, session);
}

void Wishes::attempt_failed(const PeerId& peer, bool application, Error reason) {
  const auto wish = wishes_.find(peer.position());
  if (wish == wishes_.end()) return;
  // The ring's own attempt may fail for reasons that do not hold for the application, such as too
  // many links.
  if (!application) return pursue(peer, wish->second.session);
  fall_back(peer, reason);
}

void Wishes::attempt_late(const PeerId& peer, const Key& sealing_key) {
  const auto wish = wishes_.find(peer.position());
  if (wish == wishes_.end() || !wish->second.session) return;
  wishes_.erase(wish);
  if (!sessions_.is_open(peer)) sessions_.ask(peer, sealing_key);
}

/// Where only the link failed, not the peer, relays may do.
void Wishes::fall_back(const PeerId& peer, Error reason) {
  const bool link_failed =
      reason == Error::closed || reason == Error::full || reason == Error::busy;
  const Key* sealing_key = map_.sealing_key_of(peer);
  if (link_failed && sealing_key) attempt_late(peer, *sealing_key);
  fail(peer, reason);
}

void Wishes::offer_failed(const PeerId& peer) {
  const auto wish = wishes_.find(peer.position());
  if (wish != wishes_.end()) pursue(peer, wish->second.session);
}

void Wishes::fail(const PeerId& peer, Error reason) {
  const auto wish = wishes_.extract(peer.position());
  if (!wish || (wish.mapped().session && sessions_.is_open(peer))) return;
  context_.emit(ConnectFailed{peer, wish.mapped().session, reason});
}

}  // namespace membrane
