#include "transport.h"

#include <algorithm>
#include <utility>

namespace membrane::sim {
namespace {

/// A browser makes a certificate and a description, then finds its own address.
constexpr TimeUs description_us = 3'000;
constexpr TimeUs local_candidate_us = 5'000;
/// ICE, DTLS and SCTP: four and a half round trips.
constexpr int ways_to_open = 9;
/// How much later than the last frame a close arrives.
constexpr TimeUs close_us = 50'000;
/// While the other end cannot answer, a handshake is tried again.
constexpr TimeUs retry_us = 500'000;
/// Timers of transports are not in step.
constexpr TimeUs spread_us = 1'000'000;

}  // namespace

// ---- Setting up ---------------------------------------------------------------------------------

Endpoint& Transport::create(PeerIndex peer, LinkId link, bool offers) {
  Host& host = stage_.host(peer);
  ++host.stats.connections;
  stage_.observer->on_connection(peer, offers);
  // The core counts its links upwards, so this is the end but for a hostile core.
  const auto at = std::upper_bound(host.endpoints.begin(), host.endpoints.end(), link,
                                   [](LinkId id, const Endpoint& e) { return id < e.link; });
  Endpoint& endpoint = *host.endpoints.insert(at, Endpoint{});
  endpoint.link = link;
  endpoint.offers = offers;
  return endpoint;
}

void Transport::describe_later(PeerIndex peer, LinkId link) {
  const End end{peer, link};
  const auto push = [&](TimeUs delay_us, Kind kind, const std::string& text) {
    stage_.push(delay_us, kind, peer, {.number = link, .data = Bytes(text.begin(), text.end())});
  };
  push(description_us, Kind::local_description, describe(end));
  push(local_candidate_us, Kind::local_candidate, local_candidate(end));
  push(description_us + stage_.internet.stun_us(peer), Kind::local_candidate,
       public_candidate(end));
}

void Transport::open(PeerIndex peer, LinkId link) {
  create(peer, link, true);
  describe_later(peer, link);
}

void Transport::accept(PeerIndex peer, LinkId link, std::string_view sdp) {
  create(peer, link, false);
  describe_later(peer, link);
  apply(peer, link, sdp);
}

void Transport::apply(PeerIndex peer, LinkId link, std::string_view sdp) {
  Endpoint* endpoint = stage_.find({peer, link});
  const auto other = read_description(sdp);
  if (!endpoint || !other) return;
  endpoint->other = *other;
  endpoint->base_us = stage_.internet.base_us(peer, other->peer);
  try_open(peer, *endpoint);
}

void Transport::add_candidate(PeerIndex peer, LinkId link, std::string_view candidate) {
  Endpoint* endpoint = stage_.find({peer, link});
  if (!endpoint || endpoint->has_candidate || !is_public(candidate)) return;
  endpoint->has_candidate = true;
  try_open(peer, *endpoint);
}

/// The other end, when it means this one too.
Endpoint* Transport::partner(PeerIndex peer, const Endpoint& endpoint) {
  Endpoint* other = stage_.find(endpoint.other);
  return other && other->other == End{peer, endpoint.link} ? other : nullptr;
}

void Transport::try_open(PeerIndex peer, Endpoint& mine) {
  using Phase = Endpoint::Phase;
  Endpoint* theirs = partner(peer, mine);
  if (!theirs || mine.phase > Phase::blocked || theirs->phase > Phase::blocked) return;
  const PeerIndex other = mine.other.peer;
  if (!mine.has_candidate || !theirs->has_candidate || mine.offers == theirs->offers) return;
  if (mine.phase == Phase::gathering) mine.since_us = theirs->since_us = stage_.now_us;
  mine.phase = theirs->phase = Phase::blocked;
  if (other == peer || !stage_.internet.may_connect(peer, other)) {
    tell_closed({peer, mine.link}, silence_us);
    return tell_closed(mine.other, silence_us);
  }
  if (!stage_.internet.passes(peer, other)) return;  // until the wall falls
  mine.phase = theirs->phase = Phase::opening;
  TimeUs delay_us = 0;
  for (int way = 0; way < ways_to_open; ++way)
    delay_us += stage_.internet.delay_us(mine.base_us, stage_.random);
  const End offerer = mine.offers ? End{peer, mine.link} : mine.other;
  stage_.push(delay_us, Kind::link_opened, offerer.peer, {.number = offerer.link});
}

bool Transport::opened(PeerIndex peer, const Payload& payload) {
  using Phase = Endpoint::Phase;
  Endpoint* mine = stage_.find({peer, payload.number});
  if (!mine || (mine->phase != Phase::opening && payload.detail == 0)) return false;
  if (payload.detail == 0) {  // the offerer's turn: it opens for both, or for none
    Endpoint* theirs = partner(peer, *mine);
    if (!theirs) return false;
    const Host& other = stage_.host(mine->other.peer);
    if (!other.alive || other.asleep || !stage_.internet.passes(peer, mine->other.peer)) {
      try_again(peer, *mine);
      return false;
    }
    mine->phase = theirs->phase = Phase::open;
    stage_.push(0, Kind::link_opened, mine->other.peer, {.number = theirs->link, .detail = 1});
  }
  ++stage_.host(peer).stats.opened;
  stage_.observer->on_opened(peer, mine->other.peer);
  return true;
}

void Transport::try_again(PeerIndex peer, Endpoint& mine) {
  if (stage_.now_us < mine.since_us + silence_us)
    return stage_.push(retry_us, Kind::link_opened, peer, {.number = mine.link});
  give_up(mine.other);
  give_up({peer, mine.link});
}

// ---- Frames -------------------------------------------------------------------------------------

void Transport::send(PeerIndex peer, Send&& send) {
  Endpoint* endpoint = stage_.find({peer, send.link});
  if (!endpoint || endpoint->phase != Endpoint::Phase::open) return;
  Tamper* tamper = stage_.host(peer).tamper;
  if (tamper && !tamper->on_send(peer, endpoint->other.peer, send.channel, send.data)) return;
  carry(peer, *endpoint, send.channel, std::move(send.data));
}

bool Transport::inject(PeerIndex peer, PeerIndex to, Channel channel, Bytes frame) {
  for (Endpoint& endpoint : stage_.host(peer).endpoints) {
    if (endpoint.phase != Endpoint::Phase::open || endpoint.other.peer != to) continue;
    carry(peer, endpoint, channel, std::move(frame));
    return true;
  }
  return false;
}

void Transport::carry(PeerIndex peer, Endpoint& endpoint, Channel channel, Bytes&& frame) {
  const PeerIndex to = endpoint.other.peer;
  PeerStats& stats = stage_.host(peer).stats;
  ++stats.frames_sent;
  stats.bytes_sent += frame.size();
  stage_.observer->on_frame_sent(peer, to, channel, frame);
  Payload payload{.number = endpoint.other.link,
                  .other = peer,
                  .detail = static_cast<std::uint8_t>(channel),
                  .data = std::move(frame)};
  if (stage_.internet.passes(peer, to)) return deliver(endpoint, std::move(payload), 0);
  held_[{peer, endpoint.link}].push_back(std::move(payload));
}

void Transport::deliver(Endpoint& endpoint, Payload&& frame, TimeUs extra_us) {
  const TimeUs arrival =
      stage_.now_us + extra_us + stage_.internet.delay_us(endpoint.base_us, stage_.random);
  endpoint.last_arrival_us = std::max(endpoint.last_arrival_us, arrival);
  stage_.queue.push(endpoint.last_arrival_us, Kind::frame, endpoint.other.peer,
                    stage_.queue.keep(std::move(frame)));
}

// ---- The end ------------------------------------------------------------------------------------

void Transport::tell_closed(const End& end, TimeUs delay_us) {
  stage_.push(delay_us, Kind::link_closed, end.peer, {.number = end.link});
}

/// The transport at this end has waited long enough.
void Transport::give_up(const End& end) {
  Endpoint* endpoint = stage_.find(end);
  if (!endpoint || endpoint->phase == Endpoint::Phase::dead) return;
  endpoint->phase = Endpoint::Phase::dead;
  tell_closed(end, stage_.random.below(spread_us));
}

void Transport::close(PeerIndex peer, LinkId link) {
  Host& host = stage_.host(peer);
  Endpoint* mine = host.find(link);
  if (!mine) return;
  const Endpoint gone = *mine;
  const Endpoint* theirs = partner(peer, gone);
  held_.erase({peer, link});
  host.endpoints.erase(host.endpoints.begin() + (mine - host.endpoints.data()));
  if (!theirs || theirs->phase < Endpoint::Phase::opening) return;
  const Host& other = stage_.host(gone.other.peer);
  if (!stage_.internet.passes(peer, gone.other.peer)) return tell_closed(gone.other, silence_us);
  if (other.asleep && !stage_.options.sleeper_hears_closes)
    return tell_closed(gone.other, other.wakes_at - stage_.now_us + silence_us);
  const TimeUs last = std::max(gone.last_arrival_us, stage_.now_us) - stage_.now_us;
  const TimeUs way = stage_.internet.delay_us(peer, gone.other.peer, stage_.random);
  tell_closed(gone.other, std::max(last, way) + close_us);
}

void Transport::lost(PeerIndex peer) {
  for (const Endpoint& mine : stage_.host(peer).endpoints) {
    if (partner(peer, mine)) give_up(mine.other);
  }
  if (!stage_.host(peer).alive) stage_.host(peer).endpoints.clear();
}

void Transport::woke_late(PeerIndex peer) {
  for (Endpoint& mine : stage_.host(peer).endpoints) {
    const Endpoint* theirs = partner(peer, mine);
    const bool is_over = !theirs || theirs->phase == Endpoint::Phase::dead;
    if (mine.phase != Endpoint::Phase::open || !is_over) continue;
    mine.phase = Endpoint::Phase::dead;
    tell_closed({peer, mine.link}, silence_us + stage_.random.below(spread_us));
  }
}

// ---- Walls --------------------------------------------------------------------------------------

void Transport::wall_fell() {
  for (auto& [from, frames] : std::exchange(held_, {})) {
    Endpoint* endpoint = stage_.find({from.first, from.second});
    if (!endpoint || endpoint->phase != Endpoint::Phase::open) continue;
    // The transport's next repetition gets through.
    const TimeUs extra_us = stage_.random.below(spread_us);
    for (Payload& frame : frames) deliver(*endpoint, std::move(frame), extra_us);
  }
  for (PeerIndex peer = 0; peer < stage_.hosts.size(); ++peer) {
    for (Endpoint& endpoint : stage_.host(peer).endpoints) {
      if (endpoint.phase == Endpoint::Phase::blocked && endpoint.offers) try_open(peer, endpoint);
    }
  }
}

void Transport::wall_timeout() {
  held_.clear();
  for (PeerIndex peer = 0; peer < stage_.hosts.size(); ++peer) {
    for (const Endpoint& endpoint : stage_.host(peer).endpoints) {
      if (endpoint.phase == Endpoint::Phase::open &&
          !stage_.internet.passes(peer, endpoint.other.peer))
        give_up({peer, endpoint.link});
    }
  }
}

}  // namespace membrane::sim
