#include "convergence.h"

#include <algorithm>

namespace membrane::sim {
namespace {

constexpr std::size_t neighbours_each_side = 2;

std::vector<PeerIndex> in_ring_order(const Census& census) {
  std::vector<PeerIndex> out = census.present();
  std::sort(out.begin(), out.end(),
            [&](PeerIndex a, PeerIndex b) { return census.at(a).id < census.at(b).id; });
  return out;
}

bool is_ring_closed(const World& world, const Census& census) {
  const std::vector<PeerIndex> ring = in_ring_order(census);
  for (std::size_t at = 0; at < ring.size(); ++at) {
    for (std::size_t step = 1; step <= std::min(neighbours_each_side, ring.size() - 1); ++step) {
      const PeerIndex a = ring[at];
      const PeerIndex b = ring[(at + step) % ring.size()];
      if (!census.is_linked(a, b) && world.internet().may_connect(a, b)) return false;
    }
  }
  return true;
}

bool are_maps_full(const World& world, const Census& census) {
  const std::vector<PeerIndex> present = census.present();
  return std::all_of(present.begin(), present.end(), [&](PeerIndex peer) {
    const Node& node = world.node(peer);
    return !node.knows_everybody() || node.network_size() >= present.size();
  });
}

}  // namespace

bool is_one_network(const Census& census) {
  const std::size_t present = census.present().size();
  return present != 0 && census.largest().second == present;
}

double share_of_largest(const Census& census) {
  const std::size_t present = census.present().size();
  if (present == 0) return 0;
  return static_cast<double>(census.largest().second) / static_cast<double>(present);
}

bool is_converged(const World& world, const Census& census) {
  return is_one_network(census) && is_ring_closed(world, census) && are_maps_full(world, census);
}

}  // namespace membrane::sim
