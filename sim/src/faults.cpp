#include "faults.h"

#include <cmath>

#include "adversary.h"
#include "pace.h"

namespace membrane::sim {

Faults::Faults(World& world, Watch& watch, const Scenario& scenario, std::uint64_t seed)
    : world_(world), watch_(watch), scenario_(scenario), random_(seed) {}

Faults::~Faults() = default;

/// So many of those who take part, drawn at random.
std::vector<PeerIndex> Faults::some(double percent) {
  std::vector<PeerIndex> all = watch_.census.present();
  const auto count =
      static_cast<std::size_t>(std::llround(static_cast<double>(all.size()) * percent / 100));
  for (std::size_t at = 0; at < count; ++at)
    std::swap(all[at], all[at + random_.below(all.size() - at)]);
  all.resize(count);
  return all;
}

void Faults::begin(const Phase& phase, TimeUs until) {
  set_server(phase.server && scenario_.server);
  set_parts(phase.parts);
  for (const PeerIndex peer : some(phase.leave_percent)) world_.leave(peer);
  for (const PeerIndex peer : some(phase.crash_percent)) world_.crash(peer);
  for (const PeerIndex peer : some(phase.sleep_percent))
    world_.sleep(peer, static_cast<TimeMs>(phase.sleep_s * 1000));
  if (phase.sleep_percent > 0) watch_.counts_disturbed = true;
  for (const PeerIndex peer : some(phase.liars_percent)) {
    adversaries_.push_back(make_liar(world_, peer, random_.u64()));
    world_.set_tamper(peer, adversaries_.back().get());
    watch_.census.turned(peer);
  }
  for (std::uint64_t count = 0; count < phase.flooders; ++count) {
    const std::vector<PeerIndex> present = watch_.census.present();
    const PeerIndex peer = present[random_.below(present.size())];
    adversaries_.push_back(make_flooder(world_, peer, scenario_.flood_per_s, random_.u64()));
    watch_.census.turned(peer);
  }
  const double per_s =
      phase.churn_percent_per_min / 100 / 60 * static_cast<double>(watch_.census.present().size());
  at_pace(world_, random_, per_s, until, [this] { churn(); });
}

void Faults::end() {
  set_parts(1);
  set_server(scenario_.server);
}

void Faults::set_server(bool up) {
  if (up == world_.server().is_up()) return;
  if (up)
    world_.server().start();
  else
    world_.server().stop();
}

/// A wall falls before another is raised.
void Faults::set_parts(std::uint64_t parts) {
  if (world_.internet().has_wall()) world_.fell_wall();
  std::vector<std::uint8_t> side(world_.size());
  for (PeerIndex peer = 0; peer < world_.size(); ++peer) {
    side[peer] = static_cast<std::uint8_t>(random_.below(parts));
    watch_.census.moved(peer, side[peer]);
  }
  if (parts > 1) world_.raise_wall(std::move(side));
}

void Faults::churn() {
  const std::vector<PeerIndex> present = watch_.census.present();
  if (present.empty()) return;
  const PeerIndex peer = present[random_.below(present.size())];
  if (random_.chance(1, 2))
    world_.leave(peer);
  else
    world_.crash(peer);
  world_.add();
}

}  // namespace membrane::sim
