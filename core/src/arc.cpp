#include "arc.h"

#include <algorithm>

namespace membrane {

std::vector<Arc> without(const Arc& arc, Position at) {
  if (!contains(arc, at)) return {arc};
  std::vector<Arc> out;
  if (at != arc.first) out.push_back({arc.first, at - 1});
  if (at != arc.last) out.push_back({at + 1, arc.last});
  return out;
}

std::vector<std::pair<Position, Arc>> split(const Arc& arc,
                                            const std::vector<Position>& neighbours) {
  // Ascending from the arc's start: those at or above it, then those that lie behind the ring's
  // seam.
  std::vector<Position> on_arc;
  const auto start = std::lower_bound(neighbours.begin(), neighbours.end(), arc.first);
  const auto take = [&](auto from, auto to) {
    for (; from != to && contains(arc, *from); ++from) on_arc.push_back(*from);
  };
  take(start, neighbours.end());
  take(neighbours.begin(), start);
  std::vector<std::pair<Position, Arc>> out;
  Position first = arc.first;
  for (std::size_t i = 0; i < on_arc.size(); ++i) {
    const bool is_last = i + 1 == on_arc.size();
    const Position last = is_last ? arc.last : on_arc[i] + clockwise(on_arc[i], on_arc[i + 1]) / 2;
    out.push_back({on_arc[i], {first, last}});
    first = last + 1;
  }
  return out;
}

}  // namespace membrane
