#pragma once

#include "scenario.h"

namespace membrane::sim {

/// Makes a scenario of its own from a seed: how many peers (unless `peers_given`), how far from
/// each other, who cannot reach whom, and what goes wrong, one thing after the other and at once.
/// Then all faults stop and progress must come: the network converges, and everything works.
void draw_swarm(Scenario& scenario, std::uint64_t seed, bool peers_given);

}  // namespace membrane::sim
