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

bool is_next_to(const std::vector<Position>& ring, Position self, Position peer) {
  const std::size_t size = ring.size();
  if (size <= 2 * ring_neighbours_each_side) return true;
  const std::size_t at = index_of(ring, self);
  const Position above = ring[(at + ring_neighbours_each_side) % size];
  const Position below = ring[(at + size - ring_neighbours_each_side) % size];
  return clockwise(self, peer) <= clockwise(self, above) ||
         clockwise(peer, self) <= clockwise(below, self);
}

Position draw_long_place(std::size_t network_size, const std::vector<Position>& links,
                         Position self, Random& random) {
  // The mean gap lies in octave 64 - log2(size); the ring neighbours cover the one above it.
  const unsigned farthest = 62;
  const unsigned lowest =
      std::min(65 - static_cast<unsigned>(std::bit_width(network_size)), farthest);
  const auto side_and_octave = [&](Position place) {
    const bool up = clockwise(self, place) <= clockwise(place, self);
    const unsigned octave =
        static_cast<unsigned>(std::bit_width(std::max<Position>(ring_distance(self, place), 1))) -
        1;
    return 2 * std::clamp(octave, lowest, farthest) + (up ? 1u : 0u);
  };
  std::vector<unsigned> held(2 * farthest + 2);
  for (const Position link : links) ++held[side_and_octave(link)];
  const auto first = held.begin() + 2 * static_cast<std::ptrdiff_t>(lowest);
  const unsigned fewest = *std::min_element(first, held.end());
  // Odd octaves clockwise and even ones anticlockwise come first, so that links reach evenly far.
  std::vector<unsigned> ours;
  std::vector<unsigned> others;
  for (unsigned index = 2 * lowest; index < held.size(); ++index) {
    if (held[index] == fewest) ((index / 2 + index) % 2 == 0 ? ours : others).push_back(index);
  }
  const std::vector<unsigned>& among = ours.empty() ? others : ours;
  const unsigned index = among[static_cast<std::size_t>(random.below(among.size()))];
  const Position scale = Position{1} << index / 2;
  const Position distance = scale + random.below(scale);
  return index % 2 == 1 ? self + distance : self - distance;
}

std::vector<Position> nearest_places(const std::vector<Position>& ring, Position to,
                                     std::size_t count) {
  std::vector<Position> out;
  const std::size_t size = ring.size();
  const std::size_t at = index_of(ring, to) + size;
  std::size_t above = at;
  std::size_t below = at - 1;
  while (out.size() < std::min(count, size)) {
    const bool is_above = clockwise(to, ring[above % size]) <= clockwise(ring[below % size], to);
    out.push_back(ring[(is_above ? above++ : below--) % size]);
  }
  return out;
}

}  // namespace membrane
