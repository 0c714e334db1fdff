#include "bootstrap.h"

#include <algorithm>
#include <utility>

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
  // A server that was away may have begun another network with those who came first.
  has_links() ? plan_soon() : seek();
}

void Bootstrap::contact_closed() {
  server_is_there_ = false;
  waiting_ = false;
  seek_at_ = never;
  // One that was answered goes on without the server; the rest is of no use any more.
  if (offering_ != 0 && !connector_.is_answered(offering_)) links_.close(offering_, Error::closed);
}

// ---- Offering -----------------------------------------------------------------------------------

/// Offers a connection through the server, the one that is ready if there is one.
void Bootstrap::seek() {
  seek_at_ = never;
  if (!server_is_there_ || waiting_ || state_ == State::left) return;
  if (offering_ != 0 && connector_.is_answered(offering_)) {
    if (has_links()) return;  // its outcome decides
    offering_ = 0;            // it goes on; whichever comes first counts
    retry_after_ms_ = std::min(retry_after_ms_ * 2, limits::contact_retry_max_ms);
  }
  if (!seeks_.take(context_.now)) {
    seek_at_ = seeks_.ready_at(context_.now);
    return;
  }
  waiting_ = true;
  offered_at_ = context_.now;
  if (offering_ != 0)
    connector_.offer_again(offering_);
  else
    offering_ = connector_.open_contact();
}

bool Bootstrap::awaits(RequestId request) const {
  return offering_ != 0 && connector_.contact_link(request) == offering_ &&
         !connector_.is_answered(offering_);
}

void Bootstrap::unresolved(RequestId request) {
  if (!awaits(request)) return;
  if (!has_links()) enter(State::alone);
  keep_ready();
}

void Bootstrap::failed(RequestId request) {
  if (!awaits(request)) return;
  // Who refuses does so at once. One that was silent until the server gave it up may have half
  // answered: a connection that was used once is not offered again.
  if (context_.now < offered_at_ + limits::contact_silence_ms) return keep_ready();
  const LinkId used = offering_;
  links_.close(used, Error::unreachable);
}

/// A pair that cannot connect finds out by waiting only (RFC 8305 for the same reason).
void Bootstrap::answered() {
  if (has_links() || state_ == State::left) return;
  waiting_ = false;
  seek_at_ = context_.now + std::max(limits::contact_patience_ms, retry_after_ms_);
}

/// Nobody answered: the connection is as good as new.
void Bootstrap::keep_ready() {
  connector_.park(offering_);
  seek_later(false);
}

void Bootstrap::attempt_failed(LinkId link, bool answered) {
  if (link != offering_) return;
  offering_ = 0;
  seek_later(answered);
}

// ---- When to offer ------------------------------------------------------------------------------

/// After an offer that came to nothing. Between networks that find each other but cannot connect
/// the offers become rarer: each costs both sides a connection.
void Bootstrap::seek_later(bool answered) {
  waiting_ = false;
  if (state_ == State::left) return;
  if (has_links()) {
    const TimeMs slowest = answered ? limits::contact_look_failed_max_ms : 0;
    plan(std::min(pace_ms_ * 2, std::max(slowest, usual_pace_ms())));
    const bool would_grow_stale = pace_ms_ > limits::contact_ready_max_ms;
    if (offering_ != 0 && would_grow_stale)
      links_.close(std::exchange(offering_, 0), Error::replaced);
    return;
  }
  // Between half and all of it, so that those who lost the network together do not come back in
  // step; sooner where somebody else was to be asked by then anyway.
  const TimeMs due =
      context_.now + retry_after_ms_ / 2 + context_.random.below(retry_after_ms_ / 2);
  seek_at_ = std::min(seek_at_, due);
  retry_after_ms_ = std::min(retry_after_ms_ * 2, limits::contact_retry_max_ms);
}

/// At this pace a member looks for others when nothing has happened: the larger the network, the
/// less each has to.
TimeMs Bootstrap::usual_pace_ms() const {
  return std::max<TimeMs>(limits::contact_look_min_ms,
                          limits::contact_look_per_peer_ms * map_.estimate());
}

/// At this pace on average, not before `earliest_ms`: by chance, so that members who saw the same
/// do not ask at the same time.
void Bootstrap::plan(TimeMs pace_ms, TimeMs earliest_ms) {
  pace_ms_ = pace_ms;
  planned_for_ = map_.size();
  links_then_ = links_.up().size();
  const TimeMs after_ms = earliest_ms + context_.random.below(2 * (pace_ms - earliest_ms));
  seek_at_ = server_is_there_ ? context_.now + after_ms : never;
}

void Bootstrap::plan(TimeMs pace_ms) { plan(pace_ms, pace_ms / 2); }
void Bootstrap::plan_soon() {
  plan(std::max<TimeMs>(
           limits::contact_look_soon_min_ms,
           limits::contact_look_per_peer_ms * map_.estimate() / limits::contact_look_haste),
       0);
}

void Bootstrap::links_changed() {
  if (state_ == State::left) return;
  if (!has_links()) {
    enter(State::joining);
    return seek();
  }
  const bool returns = std::exchange(has_met_anybody_, true) && state_ != State::joined;
  const Link* offered = links_.find(offering_);
  const bool found_others = offered && offered->phase == Link::Phase::up;
  if (state_ == State::joined && !found_others) return look_at_losses();
  retry_after_ms_ = limits::contact_retry_min_ms;
  waiting_ = false;
  const LinkId unused = std::exchange(offering_, 0);
  if (offered && offered->phase == Link::Phase::negotiating) links_.close(unused, Error::replaced);
  // Whoever lost all links may be back among a few who lost theirs as well, whatever the map still
  // says of the others.
  returns ? plan(limits::contact_look_soon_min_ms, 0) : plan(usual_pace_ms());
  enter(State::joined);
}

/// Many lost at once may be many from whom we are cut off. Without a whole map only the losses of
/// our own links are seen.
void Bootstrap::look_at_losses() {
  const std::size_t links = links_.up().size();
  if (!map_.is_whole() && 3 * links < 2 * links_then_) plan_soon();
  links_then_ = std::max(links_then_, links);
}

void Bootstrap::map_changed() {
  if (state_ != State::joined || !map_.is_whole()) return;
  if (map_.size() * 3 < planned_for_ * 2) return plan_soon();
  if (map_.size() > planned_for_ * 2) plan(usual_pace_ms());
}

void Bootstrap::leave() {
  enter(State::left);
  seek_at_ = never;
}

void Bootstrap::tick() {
  if (seek_at_ > context_.now) return;
  const bool knows_somebody = map_.ring().size() > 1;  // not before the first record
  has_links() && !knows_somebody ? plan(usual_pace_ms()) : seek();
}

}  // namespace membrane
