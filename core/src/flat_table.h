#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace membrane {

/// An ordered table for a few dozen entries that is gone through and looked up in all the time: the
/// entries lie side by side. Adding and erasing moves what lies behind, so an entry is not held on
/// to while either may happen.
template <typename Key, typename Value>
class FlatTable {
 public:
  using value_type = std::pair<Key, Value>;
  using Entries = std::vector<value_type>;
  using iterator = typename Entries::iterator;
  using const_iterator = typename Entries::const_iterator;

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  const_iterator lower_bound(const Key& key) const {
    return std::partition_point(entries_.begin(), entries_.end(),
                                [&](const value_type& entry) { return entry.first < key; });
  }
  const_iterator find(const Key& key) const {
    const auto at = lower_bound(key);
    return at != end() && at->first == key ? at : end();
  }
  iterator find(const Key& key) {
    return begin() + (std::as_const(*this).find(key) - entries_.cbegin());
  }
  bool contains(const Key& key) const { return find(key) != end(); }

  /// The key must not be in it.
  Value& add(const Key& key, Value value) {
    auto at = static_cast<std::size_t>(lower_bound(key) - begin());
    const std::size_t place = at;
    entries_.emplace_back(key, std::move(value));
    // Not insert(), which brings half a kilobyte of code.
    for (; at + 1 < entries_.size(); ++at) std::swap(entries_[at], entries_.back());
    return entries_[place].second;
  }
  void erase(const_iterator at) { entries_.erase(at); }

 private:
  Entries entries_;
};

}  // namespace membrane
