#include "swarm.h"

#include <algorithm>

#include "random.h"

namespace membrane::sim {
namespace {

constexpr std::uint64_t peers_min = 50;
constexpr std::uint64_t peers_max = 300;
/// The smallest that a node takes for Config::peers_max.
constexpr std::uint64_t whole_map_min = 32;

double draw(Random& random, std::uint64_t low, std::uint64_t high) {
  return static_cast<double>(random.between(low, high));
}

/// One thing that goes wrong.
void draw_fault(Random& random, Phase& phase) {
  switch (random.below(7)) {
    case 0:
      phase.crash_percent = draw(random, 1, 60);
      return;
    case 1:
      phase.leave_percent = draw(random, 1, 60);
      return;
    case 2:
      phase.sleep_percent = draw(random, 1, 50);
      phase.sleep_s = draw(random, 1, 120);
      return;
    case 3:
      phase.parts = random.between(2, 3);
      return;
    case 4:
      phase.churn_percent_per_min = draw(random, 1, 60);
      return;
    case 5:
      phase.server = false;
      return;
    default:
      return;  // nothing: a pause between two faults
  }
}

Phase draw_chaos(Random& random, std::size_t number) {
  Phase phase;
  phase.name = "chaos" + std::to_string(number);
  phase.for_s = draw(random, 5, 60);
  const std::uint64_t faults = random.between(1, 3);
  for (std::uint64_t fault = 0; fault < faults; ++fault) draw_fault(random, phase);
  phase.publishes_per_s = draw(random, 0, 5);
  phase.probes_per_s = draw(random, 0, 5);
  phase.connects_per_s = draw(random, 0, 2);
  phase.forgiven = true;
  return phase;
}

}  // namespace

void draw_swarm(Scenario& scenario, std::uint64_t seed, bool peers_given) {
  Random random(mix(seed, 3));
  const std::uint64_t peers = random.between(peers_min, peers_max);
  if (!peers_given) scenario.peers = peers;
  scenario.join_s = draw(random, 5, 40);
  scenario.latency_ms = random.chance(1, 2) ? 0 : random.between(1, 150);
  if (random.chance(1, 3)) scenario.blocked_percent = draw(random, 1, 30);
  if (random.chance(1, 3)) scenario.whole_map_max = random.between(whole_map_min, peers_max);
  const std::uint64_t chaos = random.between(1, 4);
  for (std::uint64_t number = 1; number <= chaos; ++number)
    scenario.phases.push_back(draw_chaos(random, number));
  // A sleep is a fault as long as it lasts.
  double asleep_s = 0;
  for (const Phase& phase : scenario.phases) {
    if (phase.sleep_percent > 0) asleep_s = std::max(asleep_s, phase.sleep_s);
    asleep_s = std::max(0.0, asleep_s - phase.for_s);
  }
  Phase waking;
  waking.name = "waking";
  waking.for_s = asleep_s;
  waking.forgiven = true;
  scenario.phases.push_back(waking);
  Phase progress;
  progress.name = "progress";
  progress.for_s = scenario.converge_s_max;
  Phase after;
  after.name = "after";
  after.for_s = 20;
  after.publishes_per_s = 3;
  after.probes_per_s = 5;
  after.connects_per_s = 1;
  scenario.phases.push_back(progress);
  scenario.phases.push_back(after);
  scenario.must.push_back({"progress.largest_network", "=", 1});
  scenario.must.push_back({"progress.converged_after_s", "<=", scenario.converge_s_max});
  scenario.must.push_back({"broadcast.missed", "=", 0});
  scenario.must.push_back({"routing.success", "=", 1});
}

}  // namespace membrane::sim
