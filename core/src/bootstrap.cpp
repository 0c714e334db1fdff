#include "bootstrap.h"

#include <algorithm>

namespace membrane {

void Bootstrap::enter(State state) {
  if (state_ == state || state_ == State::left) return;
  state_ = state;
  context_.emit(StateChanged{state});
  const bool may_be_asked = state == State::alone || state == State::joined;
  if (may_be_asked && server_is_there_) context_.emit(ContactSend{ContactSend::Kind::ready, 0, {}});
}

void Bootstrap::contact_opened() {
  if (state_ == State::left) return;
  server_is_there_ = true;
  retry_after_ms_ = limits::contact_retry_min_ms;
  if (state_ == State::alone || state_ == State::joined) {
    context_.emit(ContactSend{ContactSend::Kind::ready, 0, {}});
  }
  seek();
}

void Bootstrap::contact_closed() {
  server_is_there_ = false;
  waiting_ = false;
  retry_at_ = never;
  // One that was answered goes on without the server; the rest is of no use any more.
  if (offering_ != 0 && !connector_.is_answered(offering_)) links_.close(offering_, Error::closed);
}

/// Offers a connection through the server, the one that is ready if there is one.
void Bootstrap::seek() {
  retry_at_ = never;
  if (!server_is_there_ || waiting_ || state_ == State::left || !links_.up().empty()) return;
  if (offering_ != 0 && connector_.is_answered(offering_)) return;  // its outcome decides
  if (!seeks_.take(context_.now)) {
    retry_at_ = seeks_.ready_at(context_.now);
    return;
  }
  waiting_ = true;
  if (offering_ != 0)
    connector_.offer_again(offering_);
  else
    offering_ = connector_.open_contact();
}

void Bootstrap::retry_later() {
  waiting_ = false;
  if (state_ == State::left || !links_.up().empty()) return;
  // Between half and all of it, so that those who lost the network together do not come back in
  // step.
  retry_at_ = context_.now + retry_after_ms_ / 2 + context_.random.below(retry_after_ms_ / 2);
  retry_after_ms_ = std::min(retry_after_ms_ * 2, limits::contact_retry_max_ms);
}

void Bootstrap::unresolved(RequestId request) {
  if (offering_ == 0 || connector_.contact_link(request) != offering_) return;
  connector_.park(offering_);
  if (links_.up().empty()) enter(State::alone);
  retry_later();
}

void Bootstrap::failed(RequestId request) {
  if (offering_ == 0 || connector_.contact_link(request) != offering_) return;
  // Somebody may have half answered: a connection that was used once is not offered again.
  const LinkId used = offering_;
  links_.close(used, Error::unreachable);
}

void Bootstrap::attempt_failed(LinkId link) {
  if (link != offering_) return;
  offering_ = 0;
  retry_later();
}

void Bootstrap::links_changed() {
  if (state_ == State::left) return;
  if (!links_.up().empty()) {
    has_met_anybody_ = true;
    retry_at_ = never;
    retry_after_ms_ = limits::contact_retry_min_ms;
    if (const LinkId unused = std::exchange(offering_, 0); unused != 0) {
      const Link* link = links_.find(unused);
      if (link && link->phase == Link::Phase::negotiating) links_.close(unused, Error::replaced);
    }
    waiting_ = false;
    return enter(State::joined);
  }
  enter(State::joining);
  seek();
}

void Bootstrap::leave() {
  enter(State::left);
  retry_at_ = never;
}

void Bootstrap::tick() {
  if (retry_at_ <= context_.now) seek();
}

}  // namespace membrane
