#pragma once

#include "census.h"
#include "world.h"

namespace membrane::sim {

/// Whether all who take part are one network (Census), and there is somebody.
bool is_one_network(const Census& census);

/// The share of those who take part that is in the largest network; 0 of none.
double share_of_largest(const Census& census);

/// Whether the network is what it should become: one; every peer linked to its two nearest on each
/// side of the ring, where a connection is possible at all; and, at peers that say they know
/// everybody, as many in the map as there are.
bool is_converged(const World& world, const Census& census);

}  // namespace membrane::sim
