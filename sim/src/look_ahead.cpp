#include "look_ahead.h"

#include <algorithm>
#include <variant>

namespace membrane::sim {
namespace {

/// With fewer it is not worth waking anybody.
constexpr std::size_t events_min = 8;
/// The turns of so many are in the caches when they are carried out.
constexpr std::size_t events_max = 2048;

/// What is handed to a peer and changes nothing but the peer.
bool concerns_peer_alone(Kind kind) {
  switch (kind) {
    case Kind::frame:
    case Kind::link_closed:
    case Kind::local_description:
    case Kind::local_candidate:
    case Kind::signed_job:
    case Kind::verified_job:
    case Kind::sealed_job:
    case Kind::opened_job:
    case Kind::timer:
      return true;
    default:
      return false;
  }
}

template <typename... Kinds>
bool is_one_of(const Output& output) {
  return (std::holds_alternative<Kinds>(output) || ...);
}

/// Whether it changes what comes to the same peer before long. Crypto jobs are among the outputs
/// only where they take time.
bool acts_on_itself(const Output& output) {
  return is_one_of<OpenConnection, AcceptOffer, CloseConnection, Sign, Verify, Seal, Open>(output);
}

}  // namespace

void LookAhead::look(TimeUs until) {
  at_ = count_ = 0;
  stage_.queue.look(until, stage_.internet.shortest_us(), [this](const Event& event) {
    if (count_ == events_max || !concerns_peer_alone(event.kind())) return false;
    if (count_ == items_.size()) items_.emplace_back();
    Item& item = items_[count_++];
    item.event = event;
    item.is_taken = false;
    item.next = 0;
    return true;
  });
  if (count_ < events_min) {
    count_ = 0;
    return;
  }
  last_.resize(stage_.hosts.size());
  for (auto& firsts : firsts_) firsts.clear();
  for (std::size_t at = 0; at < count_; ++at) {
    const PeerIndex peer = items_[at].event.peer;
    std::size_t& last = last_[peer];
    if (last < at && items_[last].event.peer == peer)
      items_[last].next = at;
    else
      firsts_[peer % firsts_.size()].push_back(at);
    last = at;
  }
  std::transform(firsts_.begin(), firsts_.end(), sizes_.begin(),
                 [](const auto& firsts) { return firsts.size(); });
  crew_.share(sizes_, [this](std::size_t list, std::size_t at) { take_turns(firsts_[list], at); });
}

/// The items of one peer, until it does something to itself.
void LookAhead::take_turns(const std::vector<std::size_t>& firsts, std::size_t at) {
  // Nearly all that a turn touches has fallen out of the caches since the last one of its peer.
  if (at + 2 < firsts.size()) {
    const Item& later = items_[firsts[at + 2]];
    const char* const host = reinterpret_cast<const char*>(&stage_.host(later.event.peer));
    for (std::size_t line = 0; line < sizeof(Host); line += 64) __builtin_prefetch(host + line);
  }
  if (at + 1 < firsts.size()) {
    const Event& next = items_[firsts[at + 1]].event;
    if (const auto& node = stage_.host(next.peer).node) node->prefetch();
    if (next.slot != no_slot) __builtin_prefetch(stage_.queue.payload(next.slot).data.data());
  }
  for (std::size_t item = firsts[at]; take(items_[item]); item = items_[item].next) {
    if (items_[item].next == 0) return;
  }
}

/// Whether the next one of the same peer may follow.
bool LookAhead::take(Item& item) {
  const Event& event = item.event;
  Host& host = stage_.host(event.peer);
  if (!host.alive || host.asleep || host.timer_at < event.time) return false;
  if (event.kind() == Kind::timer) {
    if (host.timer_at != event.time) return true;  // an earlier one was set since
    item.turn.take_timer(stage_, event.peer, event.time);
  } else {
    const Payload& payload = stage_.queue.payload(event.slot);
    const bool speaks_of_link = event.kind() == Kind::frame || event.kind() == Kind::link_closed;
    if (speaks_of_link && !host.find(payload.number)) return true;
    item.turn.take(stage_, event.peer, event.time, event.kind(), payload);
  }
  item.is_taken = true;
  const std::vector<Output>& outputs = item.turn.outputs();
  return item.turn.is_over() && std::none_of(outputs.begin(), outputs.end(), acts_on_itself);
}

}  // namespace membrane::sim
