#pragma once

#include <cstddef>
#include <iterator>
#include <utility>

#include "tree.h"

namespace membrane {

/// The key of a node: it lies right behind the node itself, whatever comes after it.
template <typename Key>
const Key& key_of(const TreeNode* node) {
  return *reinterpret_cast<const Key*>(node + 1);
}

/// The first node whose key is not lower, or that is higher. Compiled once for each type of key.
template <typename Key>
[[gnu::noinline]] TreeNode* first_from(TreeNode* node, const Key& key) {
  TreeNode* found = nullptr;
  while (node) {
    const bool is_lower = key_of<Key>(node) < key;
    if (!is_lower) found = node;
    node = node->child[is_lower];
  }
  return found;
}
template <typename Key>
[[gnu::noinline]] TreeNode* first_behind(TreeNode* node, const Key& key) {
  TreeNode* found = nullptr;
  while (node) {
    const bool is_higher = key < key_of<Key>(node);
    if (is_higher) found = node;
    node = node->child[!is_higher];
  }
  return found;
}

/// An ordered table with the face of std::map, whose code is downloaded once instead of once for
/// each pair of types. Entries stay where they are until they are erased, iterators too; going
/// through it is in ascending order of the keys. The core's tables are small or looked up by key:
/// it is as fast as std::map (docs/decisions/0005-how-the-module-is-built.md).
template <typename Key, typename Value>
class Table {
 public:
  using value_type = std::pair<const Key, Value>;

 private:
  struct Node : TreeNode {
    template <typename... Args>
    explicit Node(const Key& key, Args&&... args)
        : TreeNode{}, entry(key, Value{std::forward<Args>(args)...}) {}
    value_type entry;
  };
  static_assert(alignof(value_type) <= alignof(TreeNode), "else key_of looks into the padding");

  template <typename Entry>
  class Iterator {
   public:
    using value_type = Table::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = Entry*;
    using reference = Entry&;
    using iterator_category = std::forward_iterator_tag;

    Iterator() = default;
    explicit Iterator(TreeNode* node) : node_(node) {}
    /// One that may change the entry serves as one that may not.
    operator Iterator<const value_type>() const { return Iterator<const value_type>(node_); }

    Entry& operator*() const { return static_cast<Node*>(node_)->entry; }
    Entry* operator->() const { return &**this; }
    Iterator& operator++() {
      node_ = Tree::next(node_);
      return *this;
    }
    Iterator operator++(int) { return std::exchange(*this, Iterator(Tree::next(node_))); }
    friend bool operator==(Iterator, Iterator) = default;

   private:
    friend Table;
    TreeNode* node_ = nullptr;
  };

 public:
  using iterator = Iterator<value_type>;
  using const_iterator = Iterator<const value_type>;

  /// An entry taken out; it ends with this.
  class Taken {
   public:
    explicit Taken(Node* node) : node_(node) {}
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken() { delete node_; }

    explicit operator bool() const { return node_ != nullptr; }
    const Key& key() const { return node_->entry.first; }
    Value& mapped() const { return node_->entry.second; }

   private:
    Node* node_;
  };

  Table() = default;
  Table(Table&& other) noexcept { tree_.swap(other.tree_); }
  Table& operator=(Table&& other) noexcept {
    tree_.swap(other.tree_);
    return *this;
  }
  ~Table() { clear(); }

  iterator begin() { return iterator(tree_.first()); }
  iterator end() { return {}; }
  const_iterator begin() const { return const_iterator(tree_.first()); }
  const_iterator end() const { return {}; }
  /// The entry before; the last one before end(), end() before the first.
  iterator before(const_iterator at) {
    return iterator(at.node_ ? Tree::previous(at.node_) : tree_.last());
  }
  const_iterator before(const_iterator at) const {
    return const_iterator(at.node_ ? Tree::previous(at.node_) : tree_.last());
  }
  std::size_t size() const { return tree_.size(); }
  bool empty() const { return size() == 0; }

  iterator lower_bound(const Key& key) { return iterator(lower(key)); }
  const_iterator lower_bound(const Key& key) const { return const_iterator(lower(key)); }
  iterator upper_bound(const Key& key) { return iterator(upper(key)); }
  const_iterator upper_bound(const Key& key) const { return const_iterator(upper(key)); }
  iterator find(const Key& key) { return iterator(exactly(key, lower(key))); }
  const_iterator find(const Key& key) const { return const_iterator(exactly(key, lower(key))); }
  bool contains(const Key& key) const { return exactly(key, lower(key)) != nullptr; }

  /// The key must be in it.
  Value& at(const Key& key) { return find(key)->second; }
  Value& operator[](const Key& key) { return emplace(key).first->second; }
  /// Adds an entry unless the key has one. The second says whether it did.
  template <typename... Args>
  std::pair<iterator, bool> emplace(const Key& key, Args&&... args) {
    TreeNode* behind = lower(key);
    if (exactly(key, behind)) return {iterator(behind), false};
    return {insert(behind, new Node(key, std::forward<Args>(args)...)), true};
  }
  /// Adds an entry behind those of the same key: in a table that has several a key.
  template <typename... Args>
  iterator emplace_behind(const Key& key, Args&&... args) {
    return insert(upper(key), new Node(key, std::forward<Args>(args)...));
  }

  Taken extract(const_iterator at) {
    if (at.node_) tree_.remove(at.node_);
    return Taken(static_cast<Node*>(at.node_));
  }
  Taken extract(const Key& key) { return extract(find(key)); }
  /// The entry behind the one that goes.
  iterator erase(const_iterator at) {
    TreeNode* behind = Tree::next(at.node_);
    extract(at);
    return iterator(behind);
  }
  std::size_t erase(const Key& key) { return extract(key) ? 1 : 0; }
  void clear() {
    tree_.clear([](TreeNode* node) { delete static_cast<Node*>(node); });
  }

  template <typename Predicate>
  friend std::size_t erase_if(Table& table, Predicate predicate) {
    const std::size_t before = table.size();
    for (iterator at = table.begin(); at != table.end();) {
      const iterator candidate = at++;
      if (predicate(*candidate)) table.extract(candidate);
    }
    return before - table.size();
  }

 private:
  TreeNode* lower(const Key& key) const { return first_from(tree_.root(), key); }
  TreeNode* upper(const Key& key) const { return first_behind(tree_.root(), key); }
  /// The node when it has this key.
  static TreeNode* exactly(const Key& key, TreeNode* node) {
    return node && !(key < key_of<Key>(node)) ? node : nullptr;
  }
  iterator insert(TreeNode* behind, Node* node) {
    tree_.insert_before(behind, node);
    return iterator(node);
  }

  Tree tree_;
};

}  // namespace membrane
