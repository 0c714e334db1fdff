#include "world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace membrane::sim {
namespace {

/// How long after waking a machine has its connection to the server again.
constexpr TimeUs reconnect_us = 500'000;
}  // namespace

World::World(const WorldOptions& options) : stage_(options) {}

World::~World() {
  for (const auto& host : stage_.hosts) heap::retire(host->owner);
}

// ---- Peers --------------------------------------------------------------------------------------

PeerIndex World::add(std::string_view name) {
  const Key secret = stage_.random.key();
  const std::string standard = "peer " + std::to_string(size());
  return start(name.empty() ? std::string_view(standard) : name, secret);
}

PeerIndex World::restart(PeerIndex gone) {
  const std::string name = stage_.host(gone).name;
  return start(name, Key(stage_.host(gone).secret));
}

PeerIndex World::start(std::string_view name, const Key& secret) {
  const auto peer = static_cast<PeerIndex>(size());
  stage_.hosts.push_back(std::make_unique<Host>());
  Host& host = *stage_.hosts.back();
  const Crypto::Identity identity = stage_.crypto->make(peer, secret);
  host.id = identity.id;
  host.secret = secret;
  host.name = name;
  host.owner = heap::new_owner();
  by_position_[host.id.position()] = peer;
  Config config;
  config.id = identity.id;
  config.sealing_key = identity.sealing_key;
  config.name = host.name;
  config.network = stage_.options.network;
  config.peers_max = stage_.options.peers_max;
  config.seed = stage_.random.key();
  {
    const heap::Scope scope(host.owner);
    host.node = Node::create(config, now());
  }
  if (!host.node) std::abort();
  turn_.take(stage_, peer, stage_.now_us, [](Node&, TimeMs) {});
  carry_out(turn_);
  server_.connect(peer, 0);
  return peer;
}

/// What is done to a peer must not come too late for what it has done already.
void World::must_be_in_step() const {
  if (!ahead_.is_ahead()) return;
  std::fputs(
      "World: a peer's fate or an input within Internet::shortest_us of an observer's call\n",
      stderr);
  std::abort();
}

/// Its node goes at the end of the turn: somebody may be looking at it.
void World::end(PeerIndex peer) {
  must_be_in_step();
  Host& host = stage_.host(peer);
  host.alive = false;
  host.asleep = false;
  gone_.push_back(std::move(host.node));
  for (const Event& event : std::exchange(host.waiting, {})) {
    if (event.slot != no_slot) stage_.queue.take(event.slot);
  }
}

void World::crash(PeerIndex peer) {
  if (!alive(peer)) return;
  end(peer);
  server_.silent(peer);
  stage_.push(Transport::silence_us, Kind::connection_lost, peer);
  stage_.observer->on_fate(peer, "crashes");
}

void World::leave(PeerIndex peer) {
  if (!feed(peer, [](Node& node, TimeMs at) { node.leave(at); })) return;
  end(peer);
  server_.disconnect(peer);
  stage_.push(Transport::silence_us, Kind::connection_lost, peer);
  stage_.observer->on_fate(peer, "leaves");
}

void World::sleep(PeerIndex peer, TimeMs for_ms) {
  Host& host = stage_.host(peer);
  if (!host.alive || host.asleep) return;
  must_be_in_step();
  host.asleep = true;
  host.wakes_at = stage_.now_us + for_ms * 1'000;
  ++host.naps;
  server_.silent(peer);
  stage_.push(for_ms * 1'000, Kind::wake, peer, {.number = for_ms, .epoch = host.naps});
  if (for_ms * 1'000 > Transport::silence_us)
    stage_.push(Transport::silence_us, Kind::connection_lost, peer, {.epoch = host.naps});
  stage_.observer->on_fate(peer, "falls asleep");
}

PeerIndex World::find(Position position) const {
  const auto found = by_position_.find(position);
  return found == by_position_.end() ? nobody : found->second;
}

PeerIndex World::find(const PeerId& peer_id) const {
  const PeerIndex peer = find(peer_id.position());
  return peer != nobody && id(peer) == peer_id ? peer : nobody;
}

std::uint64_t World::state_bytes(PeerIndex peer) const {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, heap::bytes(stage_.hosts[peer]->owner)));
}

std::vector<PeerIndex> World::connected(PeerIndex peer) const {
  std::vector<PeerIndex> out;
  for (const Endpoint& endpoint : stage_.hosts[peer]->endpoints) {
    if (endpoint.phase == Endpoint::Phase::open) out.push_back(endpoint.other.peer);
  }
  return out;
}

bool World::feed(PeerIndex peer, const std::function<void(Node&, TimeMs)>& input) {
  Host& host = stage_.host(peer);
  if (!host.alive || host.asleep) return false;
  must_be_in_step();
  turn_.take(stage_, peer, stage_.now_us, input);
  carry_out(turn_);
  return true;
}

bool World::inject(PeerIndex from, PeerIndex to, Channel channel, Bytes frame) {
  if (!alive(from) || asleep(from)) return false;
  return transport_.inject(from, to, channel, std::move(frame));
}

// ---- The world ----------------------------------------------------------------------------------

void World::raise_wall(std::vector<std::uint8_t> side, std::optional<std::uint8_t> server_side) {
  stage_.internet.raise_wall(std::move(side), server_side);
  server_.wall_changed();
  stage_.push(Transport::silence_us, Kind::wall_timeout, nobody, {.epoch = ++walls_});
}

void World::fell_wall() {
  if (!stage_.internet.has_wall()) return;
  ++walls_;
  stage_.internet.fell_wall();
  transport_.wall_fell();
  server_.wall_changed();
}

void World::set_observer(Observer* observer) {
  stage_.observer = observer ? observer : &stage_.none;
}

// ---- Time ---------------------------------------------------------------------------------------

void World::at(TimeUs time_us, std::function<void()> call) {
  Slot slot = static_cast<Slot>(calls_.size());
  if (free_calls_.empty()) {
    calls_.emplace_back();
  } else {
    slot = free_calls_.back();
    free_calls_.pop_back();
  }
  calls_[slot] = std::move(call);
  stage_.queue.push(std::max(time_us, stage_.now_us), Kind::call, slot);
}

void World::run_until(TimeUs time_us) {
  for (;;) {
    ahead_.refresh(time_us);
    const auto event = stage_.queue.pop(time_us);
    if (!event) break;
    prefetch();
    stage_.now_us = event->time;
    ++events_;
    if (Turn* turn = ahead_.taken(*event)) {
      ++events_ahead_;
      settle(*event, *turn);
    } else {
      handle(*event);
    }
    gone_.clear();
  }
  stage_.now_us = std::max(stage_.now_us, time_us);
}

/// Nearly all that an event touches has fallen out of the caches since its peer's last turn. The
/// next events are known, so what they will touch is fetched while others are handled: a step
/// further for each pointer on the way.
void World::prefetch() const {
  const EventQueue& queue = stage_.queue;
  if (const Event* event = queue.ahead(6); event && event->kind() != Kind::call) {
    if (event->peer != nobody) __builtin_prefetch(&stage_.hosts[event->peer]);
    if (event->slot != no_slot) __builtin_prefetch(&queue.payload(event->slot));
  }
  const Event* const event = queue.ahead(3);
  if (!event || event->kind() == Kind::call || event->peer == nobody) return;
  const char* const host = reinterpret_cast<const char*>(stage_.hosts[event->peer].get());
  for (std::size_t line = 0; line < sizeof(Host); line += 64) __builtin_prefetch(host + line);
  if (event->slot != no_slot) __builtin_prefetch(queue.payload(event->slot).data.data());
  const Event* const next = queue.ahead(2);
  if (ahead_.is_ahead() || !next || next->kind() == Kind::call || next->peer == nobody) return;
  if (const auto& node = stage_.hosts[next->peer]->node) node->prefetch();
}

void World::handle(const Event& event) {
  const Kind kind = event.kind();
  if (kind == Kind::timer) return handle_timer(event.peer, event.time);
  if (kind == Kind::call) {
    const auto call = std::exchange(calls_[event.peer], nullptr);
    free_calls_.push_back(event.peer);
    return call();
  }
  if (kind < Kind::timer) {
    Host& host = stage_.host(event.peer);
    if (host.asleep) return host.waiting.push_back(event);
    Payload payload = stage_.queue.take(event.slot);
    if (host.alive) handle_input(event.peer, kind, std::move(payload));
    return;
  }
  Payload payload = event.slot == no_slot ? Payload{} : stage_.queue.take(event.slot);
  switch (kind) {
    case Kind::wake:
      return wake(event.peer, payload);
    case Kind::connection_lost: {
      const Host& host = stage_.host(event.peer);
      if (!host.alive || (host.asleep && host.naps == payload.epoch)) transport_.lost(event.peer);
      return;
    }
    case Kind::wall_timeout:
      if (payload.epoch == walls_) transport_.wall_timeout();
      return;
    case Kind::server_hears:
      return server_.hears(event.peer, std::move(payload));
    case Kind::server_misses:
      return server_.misses(event.peer, payload);
    case Kind::server_drops:
      return server_.drops(event.peer, payload);
    case Kind::server_gives_up:
      return server_.gives_up(payload);
    default:
      return;
  }
}

/// A turn that was taken ahead: what is left to do.
void World::settle(const Event& event, Turn& turn) {
  if (event.slot != no_slot && !admits(event.peer, event.kind(), stage_.queue.take(event.slot)))
    std::abort();  // it reached further than the look ahead takes account of
  carry_out(turn);
}

void World::handle_timer(PeerIndex peer, TimeUs time) {
  Host& host = stage_.host(peer);
  if (!host.alive || host.timer_at != time) return;  // an earlier one was set since
  if (host.asleep) {
    host.timer_at = never;
    return;
  }
  turn_.take_timer(stage_, peer, time);
  carry_out(turn_);
}

/// What came while it slept comes now, in order; then its timer, which is overdue; then it finds
/// what it has lost.
void World::wake(PeerIndex peer, const Payload& payload) {
  Host& host = stage_.host(peer);
  if (!host.alive || !host.asleep || host.naps != payload.epoch) return;
  host.asleep = false;
  host.timer_at = never;
  stage_.observer->on_fate(peer, "wakes up");
  for (const Event& event : std::exchange(host.waiting, {}))
    handle_input(peer, event.kind(), stage_.queue.take(event.slot));
  feed(peer, [](Node& node, TimeMs at) { node.tick(at); });
  if (payload.number * 1'000 > Transport::silence_us) transport_.woke_late(peer);
  if (server_.audible(peer)) server_.connect(peer, reconnect_us);
}

// ---- Inputs -------------------------------------------------------------------------------------

void World::handle_input(PeerIndex peer, Kind kind, Payload&& payload) {
  if (!admits(peer, kind, payload)) return;
  turn_.take(stage_, peer, stage_.now_us, kind, payload);
  carry_out(turn_);
}

/// Whether what comes reaches the node; whoever watches is told.
bool World::admits(PeerIndex peer, Kind kind, const Payload& payload) {
  Host& host = stage_.host(peer);
  switch (kind) {
    case Kind::frame:
      if (!host.find(payload.number)) return false;
      ++host.stats.frames_received;
      host.stats.bytes_received += payload.data.size();
      stage_.observer->on_frame(payload.other, peer, static_cast<Channel>(payload.detail),
                                payload.data);
      return true;
    case Kind::link_opened:
      return transport_.opened(peer, payload);
    case Kind::link_closed:
      return host.find(payload.number) != nullptr;
    default:
      return kind < Kind::contact_opened || kind > Kind::contact_failed ||
             server_.concerns(peer, kind, payload);
  }
}

// ---- Outputs ------------------------------------------------------------------------------------

void World::carry_out(Turn& turn) {
  for (;;) {
    for (Output& output : turn.outputs()) carry_out(turn, std::move(output));
    turn.outputs().clear();
    if (turn.is_over()) break;
    turn.go_on(stage_);
  }
  if (turn.timer_us() != never) stage_.queue.push(turn.timer_us(), Kind::timer, turn.peer());
  turn.finish();
}

void World::carry_out(Turn& turn, Output&& output) {
  const PeerIndex peer = turn.peer();
  if (auto* send = std::get_if<Send>(&output)) return transport_.send(peer, std::move(*send));
  if (const auto* o = std::get_if<OpenConnection>(&output)) return transport_.open(peer, o->link);
  if (const auto* o = std::get_if<AcceptOffer>(&output))
    return transport_.accept(peer, o->link, o->sdp);
  if (const auto* o = std::get_if<ApplyAnswer>(&output))
    return transport_.apply(peer, o->link, o->sdp);
  if (const auto* o = std::get_if<AddCandidate>(&output))
    return transport_.add_candidate(peer, o->link, o->candidate);
  if (const auto* o = std::get_if<CloseConnection>(&output)) return transport_.close(peer, o->link);
  if (const auto* o = std::get_if<ContactSend>(&output)) return server_.say(peer, *o);
  if (auto answer = do_job(*stage_.crypto, peer, output))
    return stage_.push(stage_.options.crypto_us, answer->kind, peer, std::move(answer->payload));
  stage_.observer->on_event(peer, output);
  if (const auto* o = std::get_if<Asked>(&output))
    turn.answer(o->request, stage_.observer->on_asked(peer, *o));
}

}  // namespace membrane::sim
