#pragma once

#include <cstddef>
#include <cstdint>

namespace membrane {

/// What a Table keeps in front of each of its entries.
struct alignas(8) TreeNode {
  TreeNode* parent;
  TreeNode* child[2];  ///< before and behind
  std::intptr_t height;
};

/// A balanced search tree without its keys and values (AVL; Knuth, The Art of Computer Programming,
/// volume 3, 6.2.3): the part of Table that is compiled once for all types. It owns no node.
/// The heights of two siblings differ by one at most, whatever order the nodes come in, so nobody
/// can make a search slow.
class Tree {
 public:
  TreeNode* root() const { return root_; }
  TreeNode* first() const;
  TreeNode* last() const;
  std::size_t size() const { return size_; }
  /// The node behind this one; none behind the last.
  static TreeNode* next(const TreeNode* node) { return step(node, true); }
  static TreeNode* previous(const TreeNode* node) { return step(node, false); }

  /// Puts a new node right before another; at the end when that is none.
  void insert_before(TreeNode* behind, TreeNode* node);
  void remove(TreeNode* node);
  /// Lets go of all, each handed to `release`.
  void clear(void (*release)(TreeNode*));
  void swap(Tree& other);

 private:
  static TreeNode* step(const TreeNode* node, bool forwards);
  void replace(TreeNode* node, TreeNode* heir);
  TreeNode* raise(TreeNode* node, bool side);
  void balance(TreeNode* node);

  TreeNode* root_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace membrane
