#include "watch.h"

#include <string_view>

#include "frames.h"

namespace membrane::sim {

Watch::Watch(World& world, Trace* trace) : world_(world), trace_(trace) {}

void Watch::note(const std::string& what) {
  if (trace_) trace_->note(world_.now_us(), what);
}

/// A peer is known from the first that is seen of it.
void Watch::meet(PeerIndex peer) {
  while (census.size() <= peer) {
    const auto newcomer = static_cast<PeerIndex>(census.size());
    census.add(world_.id(newcomer), world_.now_us());
    if (trace_) trace_->introduce(newcomer, world_.id(newcomer));
  }
}

void Watch::refresh() {
  if (world_.size() > 0) meet(static_cast<PeerIndex>(world_.size() - 1));
  for (const PeerIndex peer : changed_) {
    if (world_.alive(peer)) census.set_links(peer, world_.node(peer).links());
  }
  changed_.clear();
}

void Watch::on_event(PeerIndex peer, const Output& event) {
  meet(peer);
  if (trace_) trace_->event(world_.now_us(), peer, event);
  if (const auto* message = std::get_if<TopicMessage>(&event))
    return on_topic_message(peer, *message);
  if (const auto* state = std::get_if<StateChanged>(&event)) {
    if (state->state == State::joined) census.joined(peer, world_.now_us());
    return;
  }
  if (std::holds_alternative<LinkUp>(event)) changed_.insert(peer);
  if (const auto* down = std::get_if<LinkDown>(&event)) on_link_down(peer, *down);
  on_find(peer, event);
  on_connect(peer, event);
}

void Watch::on_link_down(PeerIndex peer, const LinkDown& down) {
  changed_.insert(peer);
  if (!counts_disturbed || down.reason == Error::trimmed || down.reason == Error::replaced) return;
  const PeerIndex other = census.index_of(down.peer);
  if (other == nobody || !census.takes_part(peer) || !census.takes_part(other)) return;
  const auto never_slept = [this](PeerIndex who) {
    return census.at(who).unbroken_us == census.at(who).added_us;
  };
  if (never_slept(peer) && never_slept(other)) ++disturbed;
}

void Watch::on_find(PeerIndex peer, const Output& event) {
  if (const auto* found = std::get_if<Found>(&event))
    routing.succeeded(peer, census.index_of(found->peer), world_.now_us(), found->hops);
  if (const auto* failed = std::get_if<FindFailed>(&event))
    routing.failed(peer, census.index_of(failed->peer), error_text(failed->reason));
}

void Watch::on_connect(PeerIndex peer, const Output& event) {
  if (const auto* opened = std::get_if<SessionOpened>(&event)) {
    const PeerIndex other = census.index_of(opened->peer);
    if (other == nobody || !connects.is_asking(peer, other)) return;
    connects.succeeded(peer, other, world_.now_us(), 0, opened->relayed);
    if (on_session) on_session(peer, other);
  }
  if (const auto* failed = std::get_if<ConnectFailed>(&event))
    connects.failed(peer, census.index_of(failed->peer), error_text(failed->reason));
}

void Watch::on_topic_message(PeerIndex peer, const TopicMessage& message) {
  once_.heard(peer, message, world_.now_us());
  if (message.topic != measured_topic) return;
  if (const auto number = number_of(message.payload))
    deliveries.heard(*number, peer, world_.now_us());
}

void Watch::on_frame_sent(PeerIndex from, PeerIndex to, Channel channel, ByteView frame) {
  if (trace_) trace_->frame(world_.now_us(), from, to, channel, frame);
  rest.sent(from, frame.size());
  if (channel != Channel::control || !census.at(from).honest) return;
  if (const auto routed = routed_in(frame)) loops_.passed_on(from, *routed, world_.now_us());
}

void Watch::on_frame(PeerIndex from, PeerIndex to, Channel channel, ByteView frame) {
  if (channel != Channel::control) return;
  if (const auto number = number_in(frame)) on_copy(*number, from, to);
  if (const auto routed = routed_in(frame)) loops_.came(to, *routed, world_.now_us());
}

void Watch::on_copy(std::uint64_t number, PeerIndex from, PeerIndex to) {
  const std::uint16_t hop = deliveries.copy_came(number, from, to);
  if (number < tree.number || hop == Deliveries::no_hop) return;
  if (number > tree.number) tree = {number, {}};
  tree.branches.push_back({from, to, hop});
}

void Watch::on_connection(PeerIndex peer, bool offers) {
  meet(peer);
  rest.connection();
  if (!offers) return;
  rest.offers(peer);
  if (census.at(peer).honest) budget.offers(peer, world_.now_us());
}

void Watch::on_contact(PeerIndex peer, const ContactSend& said) {
  meet(peer);
  if (trace_) trace_->contact(world_.now_us(), peer, said);
}

void Watch::on_fate(PeerIndex peer, const char* what) {
  meet(peer);
  if (trace_) trace_->fate(world_.now_us(), peer, what);
  const std::string_view fate = what;
  if (fate == "wakes up")
    census.awake(peer, world_.now_us());
  else if (fate == "falls asleep")
    census.asleep(peer);
  else
    census.gone(peer);
}

}  // namespace membrane::sim
