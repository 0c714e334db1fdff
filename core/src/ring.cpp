#include "ring.h"

#include <algorithm>
#include <bit>

namespace membrane {
namespace {

constexpr std::size_t degree_min = 4;
constexpr std::size_t degree_max = 16;

std::size_t index_of(const std::vector<Position>& ring, Position at) {
  return static_cast<std::size_t>(std::lower_bound(ring.begin(), ring.end(), at) - ring.begin());
}

}  // namespace

std::size_t target_degree(std::size_t network_size) {
  const std::size_t log2_up =
      network_size < 2 ? 0 : static_cast<std::size_t>(std::bit_width(network_size - 1));
  return std::clamp(2 * log2_up, degree_min, degree_max);
}

std::size_t links_to_open_up_to(std::size_t network_size) {
  return std::max(target_degree(network_size) / 2 + 1, degree_min);
}

std::vector<Position> ring_neighbours(const std::vector<Position>& ring, Position self) {
  std::vector<Position> out;
  const std::size_t size = ring.size();
  const std::size_t at = index_of(ring, self);
  for (std::size_t step = 1; step <= ring_neighbours_each_side; ++step) {
    for (const std::size_t other : {(at + step) % size, (at + size - step % size) % size}) {
      const Position peer = ring[other];
      if (peer != self && std::find(out.begin(), out.end(), peer) == out.end()) out.push_back(peer);
    }
  }
  return out;
}

Position draw_long_link(const std::vector<Position>& ring, Position self, Random& random) {
  // In ranks rather than in ids: the distance is distributed as the ring is populated, and each
  // draw hits somebody. First an octave, then a rank within it: 1/distance in steps, in integers,
  // so that every machine draws the same.
  const std::size_t size = ring.size();
  const std::size_t farthest = std::max<std::size_t>(size / 2, 1);
  const auto octave = random.below(static_cast<std::uint64_t>(std::bit_width(farthest)));
  const std::uint64_t drawn =
      (std::uint64_t{1} << octave) + random.below(std::uint64_t{1} << octave);
  const std::size_t rank = std::min(static_cast<std::size_t>(drawn), farthest);
  const std::size_t at = index_of(ring, self);
  const bool up = random.below(2) == 0;
  return ring[(at + (up ? rank : size - rank)) % size];
}

}  // namespace membrane
