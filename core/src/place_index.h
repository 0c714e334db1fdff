#pragma once

#include <cstdint>
#include <vector>

#include "membrane/id.h"

namespace membrane {

/// Finds a slot by its place on the ring in O(1): an open-addressing table, at most half full. The
/// hash is seeded, so that nobody can choose ids that fall into one corner of it.
class PlaceIndex {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot none = ~Slot{0};

  explicit PlaceIndex(std::uint64_t seed) : seed_(seed), cells_(16) {}

  Slot find(Position place) const { return cells_[cell_of(place)].slot; }
  /// The place must not be in it yet.
  void insert(Position place, Slot slot);
  /// The place must be in it.
  void erase(Position place);

 private:
  struct Cell {
    Position place = 0;
    Slot slot = none;
  };

  std::size_t next(std::size_t cell) const { return (cell + 1) & (cells_.size() - 1); }
  /// Where the place is, or the free cell where it would go.
  std::size_t cell_of(Position place) const;
  void grow();

  std::uint64_t seed_;
  std::size_t size_ = 0;
  std::vector<Cell> cells_;
};

}  // namespace membrane
