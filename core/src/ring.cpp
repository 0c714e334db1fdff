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

// ---- Distances on a scale of logarithms, within an octave in even steps -------------------------

constexpr unsigned octave = 256;
constexpr unsigned half_around = 63 * octave;
constexpr unsigned once_around = 64 * octave;

unsigned to_scale(Position distance) {
  const auto whole = static_cast<unsigned>(std::bit_width(distance | 1)) - 1;
  const Position within = distance << (63 - whole) << 1 >> 56;
  return whole * octave + static_cast<unsigned>(within);
}

Position from_scale(unsigned scale) {
  const unsigned whole = scale / octave;
  const Position within = scale % octave;
  return (Position{1} << whole) + (whole < 8 ? within >> (8 - whole) : within << (whole - 8));
}

/// Where long links begin: the outer ring neighbour is at two mean gaps, mostly at less.
unsigned nearest_scale(std::size_t network_size) {
  const Position gap = ~Position{0} / std::max<std::size_t>(network_size, 1);
  return std::min(to_scale(gap) + octave * 3 / 4, half_around);
}

bool is_clockwise(Position self, Position place) {
  return clockwise(self, place) <= clockwise(place, self);
}

/// What lies between links on one side, ascending, with both ends of the scale.
std::vector<unsigned> ends_on(bool side, std::size_t network_size,
                              const std::vector<Position>& links, Position self) {
  const unsigned nearest = nearest_scale(network_size);
  std::vector<unsigned> out{nearest, once_around};
  for (const Position link : links) {
    if (is_clockwise(self, link) == side)
      out.push_back(std::max(to_scale(ring_distance(self, link)), nearest));
  }
  std::sort(out.begin(), out.end());
  return out;
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
  unsigned widest = 0;
  unsigned start = 0;
  bool to_clockwise = true;
  const bool first = random.below(2) == 0;
  for (const bool side : {first, !first}) {
    const std::vector<unsigned> ends = ends_on(side, network_size, links, self);
    for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
      if (ends[i + 1] - ends[i] <= widest) continue;
      widest = ends[i + 1] - ends[i];
      start = ends[i];
      to_clockwise = side;
    }
  }
  const auto drawn = static_cast<unsigned>(random.below(widest * 2 / 5 + 1));
  const Position distance = from_scale(std::min(start + widest * 3 / 10 + drawn, half_around));
  return to_clockwise ? self + distance : self - distance;
}

unsigned room_between(std::size_t network_size, const std::vector<Position>& links, Position self,
                      Position place) {
  const std::vector<unsigned> ends = ends_on(is_clockwise(self, place), network_size, links, self);
  const unsigned at = std::max(to_scale(ring_distance(self, place)), ends.front());
  const auto above = std::upper_bound(ends.begin(), ends.end(), at);  // never past once_around
  return std::min(at - *(above - 1), *above - at);
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
