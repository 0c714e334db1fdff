#include "wishes.h"

namespace membrane {

Error Wishes::connect(const PeerId& peer, bool session) {
  if (peer == context_.config.id) return Error::invalid_argument;
  if (Link* link = links_.to(peer)) {
    fulfil(*link, {peer, session, !session});
    return Error::none;
  }
  if (session && relay_.has(peer)) {
    sessions_.ask(peer);
    return Error::none;
  }
  const auto known = wishes_.find(peer.position());
  if (known != wishes_.end()) {
    (session ? known->second.session : known->second.link) = true;
    return Error::none;
  }
  if (wishes_.size() >= limits::wishes_max) return Error::busy;
  wishes_.emplace(peer.position(), Wish{peer, session, !session});
  pursue(peer, session);
  return Error::none;
}

void Wishes::cancel_session(const PeerId& peer) {
  const auto wish = wishes_.find(peer.position());
  if (wish == wishes_.end()) return;
  wish->second.session = false;
  if (!wish->second.link) wishes_.erase(wish);
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

void Wishes::fulfil(Link& link, const Wish& wish) {
  link.application = true;
  if (wish.link) context_.emit(Connected{*link.peer});
  if (wish.session) sessions_.ask(*link.peer);
}

void Wishes::link_up(Link& link) {
  auto wish = wishes_.extract(link.peer->position());
  if (!wish) return;
  // A session that was agreed on while negotiating is open by now, and has been told of.
  if (sessions_.is_open(*link.peer)) wish.mapped().session = false;
  fulfil(link, wish.mapped());
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
  cancel_session(peer);
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
  if (!wish) return;
  if (wish.mapped().session && !sessions_.is_open(peer))
    context_.emit(ConnectFailed{peer, true, reason});
  if (wish.mapped().link) context_.emit(ConnectFailed{peer, false, reason});
}

}  // namespace membrane
