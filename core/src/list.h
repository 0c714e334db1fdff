#pragma once

#include <algorithm>
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

/// Adds a value to an ascending list, unless it is in it. Says whether it did.
template <typename T>
bool insert_sorted(std::vector<T>& into, T value) {
  const auto at = std::lower_bound(into.begin(), into.end(), value);
  if (at != into.end() && *at == value) return false;
  // Not insert(), which brings half a kilobyte of code.
  const auto place = at - into.begin();
  into.push_back(value);
  std::move_backward(into.begin() + place, into.end() - 1, into.end());
  into[static_cast<std::size_t>(place)] = value;
  return true;
}

/// Takes a value out of an ascending list. Says whether it was in it.
template <typename T>
bool erase_sorted(std::vector<T>& from, T value) {
  const auto at = std::lower_bound(from.begin(), from.end(), value);
  if (at == from.end() || *at != value) return false;
  from.erase(at);
  return true;
}

/// Gives the room of an empty list back that a burst has made larger than this. Not
/// shrink_to_fit(): without exceptions libstdc++ does nothing there.
template <typename T>
void give_back(std::vector<T>& empty, std::size_t room_max) {
  if (empty.capacity() > room_max) std::vector<T>().swap(empty);
}

}  // namespace membrane
