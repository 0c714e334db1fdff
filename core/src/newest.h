#pragma once

#include "membrane/id.h"
#include "membrane/limits.h"
#include "table.h"

namespace membrane {

/// The highest number that each peer has used so far, against replay: who repeats an old one says
/// no news. A peer's numbers rise; those of one kind keep their own table, because messages of two
/// kinds may take different ways and overtake each other.
///
/// Of peers_max peers at most: one more displaces another, whose old numbers are news again.
class Newest {
 public:
  /// Whether `number` is higher than any of that peer before; from now on it is not.
  bool is_news(const PeerId& from, std::uint64_t number) {
    const auto known = numbers_.find(from.position());
    if (known != numbers_.end() && number <= known->second) return false;
    if (known == numbers_.end() && numbers_.size() >= limits::peers_max)
      numbers_.erase(numbers_.begin());
    numbers_[from.position()] = number;
    return true;
  }

  /// Whether `number` has been reached, without a change.
  bool has_reached(const PeerId& from, std::uint64_t number) const {
    const auto known = numbers_.find(from.position());
    return known != numbers_.end() && number <= known->second;
  }

 private:
  Table<Position, std::uint64_t> numbers_;
};

}  // namespace membrane
