#pragma once

#include <cstddef>
#include <vector>

#include "membrane/id.h"
#include "membrane/limits.h"
#include "random.h"

/// Which links a peer should have, from the map alone: no state, no side effects.
namespace membrane {

/// Ring neighbours on each side.
inline constexpr std::size_t ring_neighbours_each_side = 2;

/// How many links a peer aims at in a network of this size: 2·log2(size), within 4 … 16.
std::size_t target_degree(std::size_t network_size);

/// Up to how many links a peer opens long ones, and beyond how many it accepts none. All peers end
/// up between the two and near the target: whoever has few survives a crash of most others less
/// likely, and many cost more than they bring.
inline std::size_t links_to_open_up_to(std::size_t network_size) {
  return target_degree(network_size) - 1;
}
/// How many of them at once while others keep coming: each link has two ends, so they open the
/// rest.
inline std::size_t links_to_open_soon(std::size_t network_size) {
  return network_size > limits::patience_from ? target_degree(network_size) / 2
                                              : links_to_open_up_to(network_size);
}
inline std::size_t links_to_accept_up_to(std::size_t network_size) {
  return target_degree(network_size) + 3;
}

/// The peers next to `self` on both sides, nearest first, alternating; fewer when the network is
/// small. `ring` holds everybody's place, ascending, `self` among them.
std::vector<Position> ring_neighbours(const std::vector<Position>& ring, Position self);

/// Whether a peer is, or would be if it came, among the ring neighbours of `self`.
bool is_next_to(const std::vector<Position>& ring, Position self, Position peer);

/// A place for a long link: in the middle of the widest stretch of distances, on either side, that
/// none of our `links` lies in. Stretches are measured on a scale of logarithms, from the outer
/// ring neighbours to once around, so that links come to lie evenly over all scales: fewer of them
/// then reach everybody in as few hops (G. Manku, M. Bawa, P. Raghavan, "Symphony", 2003, draw each
/// by itself). Where in the middle is left to chance, since neighbours' neighbours shorten routes
/// most when links differ (G. Manku, M. Naor, U. Wieder, "Know thy neighbor's neighbor", 2004).
Position draw_long_place(std::size_t network_size, const std::vector<Position>& links,
                         Position self, Random& random);

/// How evenly a link to `place` would lie between our other `links` on that side: how far it is
/// from the nearest of them, on the same scale, in parts of an octave.
unsigned room_between(std::size_t network_size, const std::vector<Position>& links, Position self,
                      Position place);

/// Up to `count` of the places nearest to one, nearest first. `ring` ascending.
std::vector<Position> nearest_places(const std::vector<Position>& ring, Position to,
                                     std::size_t count);

}  // namespace membrane
