#pragma once

#include "rate.h"
#include "table.h"

namespace membrane {

/// What a store keeps of one origin, so that room is made where most is taken.
struct Origin {
  explicit Origin(const Rate& tolerated) : rate(tolerated) {}

  Rate rate;                ///< of what is taken from it
  std::uint64_t floor = 0;  ///< nothing up to this sequence is taken any more
  std::size_t held = 0;     ///< its statements
  std::size_t bytes = 0;    ///< that they take
  TimeMs last_heard = 0;
  bool is_stranger = false;  ///< was not in the map when it was heard last
};

using Origins = Table<Position, Origin>;

/// The one with most of this; of several the first on the ring. There must be one. O(origins): who
/// makes room pays for it by dropping more than one at a time, or has had a signature checked.
Origins::iterator heaviest(Origins& origins, std::size_t (*weight)(const Origin&));

}  // namespace membrane
