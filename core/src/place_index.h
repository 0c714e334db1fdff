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
  void insert(Position place, Slot slot) {
    if (2 * ++size_ > cells_.size()) grow();
    cells_[cell_of(place)] = {place, slot};
  }

  /// The place must be in it.
  void erase(Position place) {
    --size_;
    std::size_t hole = cell_of(place);
    cells_[hole].slot = none;
    // Whatever was pushed on by the one that is gone moves up, so that searches still find it.
    for (std::size_t at = next(hole); cells_[at].slot != none; at = next(at)) {
      const Cell moved = cells_[at];
      cells_[at].slot = none;
      cells_[cell_of(moved.place)] = moved;
    }
  }

 private:
  struct Cell {
    Position place = 0;
    Slot slot = none;
  };

  std::size_t next(std::size_t cell) const { return (cell + 1) & (cells_.size() - 1); }

  /// Where the place is, or the free cell where it would go.
  std::size_t cell_of(Position place) const {
    std::uint64_t hash = (place ^ seed_) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
    std::size_t cell =
        static_cast<std::size_t>(hash * 0xd6e8feb86659fd93ull >> 20) & (cells_.size() - 1);
    while (cells_[cell].slot != none && cells_[cell].place != place) cell = next(cell);
    return cell;
  }

  void grow() {
    const std::vector<Cell> old = cells_;
    cells_.assign(old.size() * 2, Cell{});
    for (const Cell& cell : old) {
      if (cell.slot != none) cells_[cell_of(cell.place)] = cell;
    }
  }

  std::uint64_t seed_;
  std::size_t size_ = 0;
  std::vector<Cell> cells_;
};

}  // namespace membrane
