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
  std::vector<Position> on_arc;
  for (const Position at : neighbours) {
    if (contains(arc, at)) on_arc.push_back(at);
  }
  std::sort(on_arc.begin(), on_arc.end(), [&](Position a, Position b) {
    return clockwise(arc.first, a) < clockwise(arc.first, b);
  });
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
