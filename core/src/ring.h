#pragma once

#include <cstddef>
#include <vector>

#include "membrane/id.h"
#include "random.h"

/// Which links a peer should have, from the map alone: no state, no side effects.
namespace membrane {

/// Ring neighbours on each side.
inline constexpr std::size_t ring_neighbours_each_side = 2;

/// How many links a peer aims at in a network of this size: 2·log2(size), within 4 … 16.
std::size_t target_degree(std::size_t network_size);

/// Up to how many links a peer opens long ones. A link has two ends: when each opens half of what
/// it aims at, all end up with about that. Measured with 16 tabs: aiming at 8 each, opening up to 8
/// gives 12, opening up to 5 gives 8.
std::size_t links_to_open_up_to(std::size_t network_size);

/// The peers next to `self` on both sides, nearest first, alternating; fewer when the network is
/// small. `ring` holds everybody's place, ascending, `self` among them.
std::vector<Position> ring_neighbours(const std::vector<Position>& ring, Position self);

/// A peer for a long link, drawn with a probability falling as 1/distance (J. Kleinberg, 2000):
/// every scale of distance is equally likely. Never `self`. The ring must hold somebody else.
Position draw_long_link(const std::vector<Position>& ring, Position self, Random& random);

}  // namespace membrane
