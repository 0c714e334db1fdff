#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace membrane {

/// Puts a list into ascending order: Shell's sort with the gaps of M. Ciura (Best increments for
/// the average case of Shellsort, 2001). For the core's lists, of some thousands at most and often
/// nearly in order, it takes as long as std::sort, which is ten times the code.
template <typename T>
void sort_ascending(std::vector<T>& list) {
  static constexpr std::size_t gaps[] = {8858, 3937, 1750, 701, 301, 132, 57, 23, 10, 4, 1};
  for (const std::size_t gap : gaps) {
    for (std::size_t i = gap; i < list.size(); ++i) {
      const T value = list[i];
      std::size_t at = i;
      for (; at >= gap && value < list[at - gap]; at -= gap) list[at] = list[at - gap];
      list[at] = value;
    }
  }
}

}  // namespace membrane
