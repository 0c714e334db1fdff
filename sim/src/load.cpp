#include "load.h"

#include "frames.h"
#include "pace.h"

namespace membrane::sim {

Load::Load(World& world, Watch& watch, const Scenario& scenario, std::uint64_t seed)
    : world_(world), watch_(watch), scenario_(scenario), random_(seed) {
  watch_.on_session = [this](PeerIndex from, PeerIndex to) { close_later(from, to); };
}

void Load::run(const Phase& phase, TimeUs until) {
  at_pace(world_, random_, phase.publishes_per_s, until,
          [this, forgiven = phase.forgiven] { publish(forgiven); });
  at_pace(world_, random_, phase.probes_per_s, until,
          [this, forgiven = phase.forgiven] { probe(forgiven); });
  at_pace(world_, random_, phase.connects_per_s, until,
          [this, forgiven = phase.forgiven] { connect(forgiven); });
}

PeerIndex Load::somebody() {
  const std::vector<PeerIndex> present = watch_.census.present();
  return present.empty() ? nobody : present[random_.below(present.size())];
}

std::optional<std::pair<PeerIndex, PeerIndex>> Load::two(const Probes& probes, bool apart) {
  constexpr int draws_max = 20;
  watch_.refresh();
  for (int draw = 0; draw < draws_max; ++draw) {
    const PeerIndex from = somebody();
    const PeerIndex to = somebody();
    if (from == nobody || !probes.may_ask(from, to)) continue;
    if (!apart || !watch_.census.is_linked(from, to)) return std::pair(from, to);
  }
  return std::nullopt;
}

void Load::publish(bool forgiven) {
  watch_.refresh();
  const PeerIndex origin = somebody();
  if (origin == nobody) return;
  const std::uint64_t number = watch_.deliveries.announce(origin, world_.now_us(), forgiven);
  const Bytes payload = numbered_payload(number, scenario_.payload_bytes);
  Error error = Error::none;
  world_.feed(origin,
              [&](Node& node, TimeMs now) { error = node.publish(now, measured_topic, payload); });
  if (error != Error::none) watch_.deliveries.withdraw();
}

void Load::probe(bool forgiven) {
  const auto pair = two(watch_.routing, false);
  if (!pair) return;
  const auto [from, to] = *pair;
  watch_.routing.ask(from, to, world_.now_us(), forgiven);
  Error error = Error::none;
  world_.feed(from, [&, to = to](Node& node, TimeMs now) {
    error = node.find(now, watch_.census.at(to).id);
  });
  if (error != Error::none) watch_.routing.refused(from, to);
}

void Load::connect(bool forgiven) {
  const auto pair = two(watch_.connects, true);
  if (!pair) return;
  const auto [from, to] = *pair;
  watch_.connects.ask(from, to, world_.now_us(), forgiven);
  watch_.budget.asked(from);
  Error error = Error::none;
  world_.feed(from, [&, to = to](Node& node, TimeMs now) {
    error = node.connect(now, watch_.census.at(to).id, true);
  });
  if (error != Error::none) watch_.connects.refused(from, to);
}

void Load::close_later(PeerIndex from, PeerIndex to) {
  world_.at(world_.now_us() + session_us, [this, from, to] {
    // To close it would withdraw what has been asked for since.
    if (watch_.connects.is_asked(from, to)) return;
    const PeerId peer = watch_.census.at(to).id;
    world_.feed(from, [&](Node& node, TimeMs now) {
      node.close_session(now, peer);
      node.disconnect(now, peer);
    });
  });
}

}  // namespace membrane::sim
