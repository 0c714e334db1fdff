#pragma once

#include <utility>
#include <vector>

#include "message.h"

namespace membrane {

/// Whether a place lies on an arc.
inline bool contains(const Arc& arc, Position at) {
  return clockwise(arc.first, at) <= clockwise(arc.first, arc.last);
}

/// The whole ring but one place.
inline Arc all_but(Position at) { return {at + 1, at - 1}; }

/// What is left of an arc without one place: nothing, one or two arcs.
std::vector<Arc> without(const Arc& arc, Position at);

/// Those of some places, ascending and none twice, that lie on an arc: in its order.
std::vector<Position> on_arc(const Arc& arc, const std::vector<Position>& places);

/// Where an arc is cut between two peers on it: in the middle of what neither has a link into, as
/// far as their links are known; in the middle between them when each reaches past the other. What
/// is returned goes to the lower one.
Position cut_between(Position low, const std::vector<Position>& links_of_low, Position high,
                     const std::vector<Position>& links_of_high);

/// Splits an arc among neighbours that lie on it, of whom `links_of` knows the links: each gets the
/// places around it. The parts cover the arc and do not overlap. `neighbours` ascending by place,
/// none twice; those off the arc get nothing.
template <typename LinksOf>
std::vector<std::pair<Position, Arc>> split(const Arc& arc, const std::vector<Position>& neighbours,
                                            const LinksOf& links_of) {
  const std::vector<Position> there = on_arc(arc, neighbours);
  std::vector<std::pair<Position, Arc>> out;
  Position first = arc.first;
  for (std::size_t i = 0; i < there.size(); ++i) {
    const bool is_last = i + 1 == there.size();
    const Position last =
        is_last ? arc.last
                : cut_between(there[i], links_of(there[i]), there[i + 1], links_of(there[i + 1]));
    out.push_back({there[i], {first, last}});
    first = last + 1;
  }
  return out;
}

}  // namespace membrane
