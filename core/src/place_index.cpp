#include "place_index.h"

namespace membrane {

void PlaceIndex::insert(Position place, Slot slot) {
  if (2 * ++size_ > cells_.size()) grow();
  cells_[cell_of(place)] = {place, slot};
}

void PlaceIndex::erase(Position place) {
  --size_;
  const std::size_t hole = cell_of(place);
  cells_[hole].slot = none;
  // Whatever was pushed on by the one that is gone moves up, so that searches still find it.
  for (std::size_t at = next(hole); cells_[at].slot != none; at = next(at)) {
    const Cell moved = cells_[at];
    cells_[at].slot = none;
    cells_[cell_of(moved.place)] = moved;
  }
}

std::size_t PlaceIndex::cell_of(Position place) const {
  std::uint64_t hash = (place ^ seed_) * 0x9e3779b97f4a7c15ull;
  hash ^= hash >> 32;
  hash = hash * 0xd6e8feb86659fd93ull >> 20;
  std::size_t cell = static_cast<std::size_t>(hash) & (cells_.size() - 1);
  while (cells_[cell].slot != none && cells_[cell].place != place) cell = next(cell);
  return cell;
}

void PlaceIndex::grow() {
  const std::vector<Cell> old = std::move(cells_);
  cells_.assign(old.size() * 2, Cell{});
  for (const Cell& cell : old) {
    if (cell.slot != none) cells_[cell_of(cell.place)] = cell;
  }
}

}  // namespace membrane
