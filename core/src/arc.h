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

/// Splits an arc among neighbours that lie on it: each gets the places nearest to it. The parts
/// cover the arc and do not overlap. `neighbours` ascending by place, none twice; those off the arc
/// get nothing.
std::vector<std::pair<Position, Arc>> split(const Arc& arc,
                                            const std::vector<Position>& neighbours);

}  // namespace membrane
