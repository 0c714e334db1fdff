#include "tree.h"

#include <algorithm>
#include <utility>

namespace membrane {
namespace {

TreeNode* outermost(TreeNode* node, bool side) {
  while (node && node->child[side]) node = node->child[side];
  return node;
}

std::intptr_t height_of(const TreeNode* node) { return node ? node->height : 0; }

void measure(TreeNode* node) {
  node->height = 1 + std::max(height_of(node->child[0]), height_of(node->child[1]));
}

void adopt(TreeNode* parent, bool side, TreeNode* child) {
  parent->child[side] = child;
  if (child) child->parent = parent;
}

}  // namespace

TreeNode* Tree::first() const { return outermost(root_, false); }
TreeNode* Tree::last() const { return outermost(root_, true); }

TreeNode* Tree::step(const TreeNode* node, bool forwards) {
  if (node->child[forwards]) return outermost(node->child[forwards], !forwards);
  TreeNode* parent = node->parent;
  for (; parent && parent->child[forwards] == node; parent = parent->parent) node = parent;
  return parent;
}

void Tree::insert_before(TreeNode* behind, TreeNode* node) {
  const bool is_free = behind && !behind->child[0];
  TreeNode* parent = is_free ? behind : outermost(behind ? behind->child[0] : root_, true);
  *node = {parent, {nullptr, nullptr}, 1};
  ++size_;
  if (!parent) {
    root_ = node;
    return;
  }
  parent->child[!is_free] = node;
  balance(parent);
}

void Tree::remove(TreeNode* node) {
  --size_;
  TreeNode* lighter = node->parent;
  if (!node->child[0] || !node->child[1]) {
    replace(node, node->child[!node->child[0]]);
    return balance(lighter);
  }
  TreeNode* heir = outermost(node->child[1], false);
  lighter = heir;
  if (heir->parent != node) {
    lighter = heir->parent;
    replace(heir, heir->child[1]);
    adopt(heir, true, node->child[1]);
  }
  adopt(heir, false, node->child[0]);
  replace(node, heir);
  heir->height = node->height;
  balance(lighter);
}

void Tree::clear(void (*release)(TreeNode*)) {
  TreeNode* node = std::exchange(root_, nullptr);
  size_ = 0;
  while (node) {  // the leaves first
    TreeNode* below = node->child[0] ? node->child[0] : node->child[1];
    if (!below) {
      below = node->parent;
      if (below) below->child[below->child[0] != node] = nullptr;
      release(node);
    }
    node = below;
  }
}

void Tree::swap(Tree& other) {
  std::swap(root_, other.root_);
  std::swap(size_, other.size_);
}

/// Puts the heir, or nobody, where the node was.
void Tree::replace(TreeNode* node, TreeNode* heir) {
  TreeNode* parent = node->parent;
  if (parent)
    adopt(parent, parent->child[1] == node, heir);
  else
    root_ = heir;
  if (heir) heir->parent = parent;
}

/// Turns the child on this side into the parent.
TreeNode* Tree::raise(TreeNode* node, bool side) {
  TreeNode* child = node->child[side];
  replace(node, child);
  adopt(node, side, child->child[!side]);
  adopt(child, !side, node);
  measure(node);
  measure(child);
  return child;
}

/// Restores the heights from here upwards, as far as they changed.
void Tree::balance(TreeNode* node) {
  for (; node; node = node->parent) {
    const std::intptr_t before = node->height;
    const std::intptr_t lean = height_of(node->child[1]) - height_of(node->child[0]);
    const bool side = lean > 0;
    if (lean > 1 || lean < -1) {
      TreeNode* heavy = node->child[side];
      if (height_of(heavy->child[!side]) > height_of(heavy->child[side])) raise(heavy, !side);
      node = raise(node, side);
    } else {
      measure(node);
    }
    if (node->height == before) return;
  }
}

}  // namespace membrane
