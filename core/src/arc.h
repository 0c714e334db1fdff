#pragma once

#include <algorithm>
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

/// The longest stretch of an arc into which a peer on it has no link, as far as its links are
/// known: that far a broadcast has to walk there, or find links that we do not know. At the ends of
/// the arc counted twice, since it is walked from one side only.
Position longest_gap(const Arc& arc, Position peer, const std::vector<Position>& links);

/// Neighbours in the order of an arc, each with the part of it that it is to reach.
using Parts = std::vector<std::pair<Position, Arc>>;

/// Gives each of the peers on an arc, in its order, the places around it. `links_of` knows the
/// links of a peer.
template <typename LinksOf>
Parts divide(const Arc& arc, const std::vector<Position>& there, const LinksOf& links_of) {
  Parts out;
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

/// Splits an arc among neighbours that lie on it, of whom `links_of` knows the links: each gets the
/// places around it. The parts cover the arc and do not overlap. One whose links leave a gap longer
/// than `long_gap` is passed over, and reached through those beside it, when they leave gaps
/// shorter by a fifth at least. `neighbours` ascending by place, none twice; those off the arc get
/// nothing.
template <typename LinksOf>
Parts split(const Arc& arc, const std::vector<Position>& neighbours, const LinksOf& links_of,
            Position long_gap) {
  const auto worst_of = [&links_of](const Parts& parts) {
    std::pair<Position, std::size_t> worst;
    for (std::size_t i = 0; i < parts.size(); ++i)
      worst = std::max(worst,
                       {longest_gap(parts[i].second, parts[i].first, links_of(parts[i].first)), i});
    return worst;
  };
  std::vector<Position> there = on_arc(arc, neighbours);
  Parts parts = divide(arc, there, links_of);
  while (parts.size() > 1) {
    const auto [gap, at] = worst_of(parts);
    if (gap <= long_gap) break;
    there.erase(there.begin() + static_cast<std::ptrdiff_t>(at));
    Parts without_it = divide(arc, there, links_of);
    if (worst_of(without_it).first > gap - gap / 5) break;
    parts = std::move(without_it);
  }
  return parts;
}

}  // namespace membrane
