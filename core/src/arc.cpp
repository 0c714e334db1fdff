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

std::vector<Position> on_arc(const Arc& arc, const std::vector<Position>& places) {
  std::vector<Position> out;
  const auto start = std::lower_bound(places.begin(), places.end(), arc.first);
  const auto take = [&](auto from, auto to) {
    for (; from != to && contains(arc, *from); ++from) out.push_back(*from);
  };
  take(start, places.end());
  take(places.begin(), start);
  return out;
}

Position cut_between(Position low, const std::vector<Position>& links_of_low, Position high,
                     const std::vector<Position>& links_of_high) {
  const Position length = clockwise(low, high);
  if (length < 2) return low;
  const Arc between{low + 1, high - 1};
  const std::vector<Position> from_low = on_arc(between, links_of_low);
  const std::vector<Position> from_high = on_arc(between, links_of_high);
  Position near = from_low.empty() ? low : from_low.back();
  Position far = from_high.empty() ? high : from_high.front();
  if (clockwise(low, near) >= clockwise(low, far)) near = low, far = high;
  return near + clockwise(near, far) / 2;
}

Position longest_gap(const Arc& arc, Position peer, const std::vector<Position>& links) {
  const auto twice = [](Position length) { return length + std::min(length, ~length); };
  const std::vector<Position> reached = on_arc(arc, links);
  Position longest = 0;
  Position before = arc.first;
  bool is_start = true;
  const auto reach = [&](Position place) {
    const Position gap = clockwise(before, place);
    longest = std::max(longest, is_start ? twice(gap) : gap);
    before = place;
    is_start = false;
  };
  auto at = reached.begin();
  while (at != reached.end() && clockwise(arc.first, *at) < clockwise(arc.first, peer))
    reach(*at++);
  reach(peer);
  while (at != reached.end()) reach(*at++);
  return std::max(longest, twice(clockwise(before, arc.last)));
}

}  // namespace membrane
