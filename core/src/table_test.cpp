#include "table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "message.h"
#include "random.h"

namespace membrane {
namespace {

using Numbers = Table<std::uint64_t, int>;

std::vector<std::uint64_t> keys_of(const Numbers& table) {
  std::vector<std::uint64_t> out;
  for (const auto& [key, value] : table) out.push_back(key);
  return out;
}

/// Checks the links between the nodes and their balance; returns the height.
std::intptr_t check(const TreeNode* node, const TreeNode* parent) {
  if (!node) return 0;
  EXPECT_EQ(node->parent, parent);
  const std::intptr_t before = check(node->child[0], node);
  const std::intptr_t behind = check(node->child[1], node);
  EXPECT_LE(std::abs(before - behind), 1);
  EXPECT_EQ(node->height, 1 + std::max(before, behind));
  return node->height;
}

TEST(Table, BehavesLikeAMap) {
  Random random({});
  Numbers table;
  std::map<std::uint64_t, int> expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t key = random.below(300);
    switch (random.below(8)) {
      case 0:
      case 1:
        ASSERT_EQ(table.emplace(key, i).second, expected.emplace(key, i).second);
        break;
      case 2:
        table[key] = expected[key] = i;
        break;
      case 3:
      case 4:
        ASSERT_EQ(table.erase(key), expected.erase(key));
        break;
      case 5: {
        const auto found = table.find(key);
        ASSERT_EQ(found == table.end(), !expected.contains(key));
        if (found == table.end()) break;
        ASSERT_EQ(found->second, expected.at(key));
        const auto behind = table.erase(found);
        const auto expected_behind = expected.erase(expected.find(key));
        ASSERT_EQ(behind == table.end(), expected_behind == expected.end());
        if (behind != table.end()) {
          ASSERT_EQ(behind->first, expected_behind->first);
        }
        break;
      }
      case 6: {
        const auto from = table.lower_bound(key);
        const auto expected_from = expected.lower_bound(key);
        ASSERT_EQ(from == table.end(), expected_from == expected.end());
        if (from != table.end()) {
          ASSERT_EQ(from->first, expected_from->first);
        }
        break;
      }
      default: {
        const auto above = table.upper_bound(key);
        const auto expected_above = expected.upper_bound(key);
        ASSERT_EQ(above == table.end(), expected_above == expected.end());
        if (above != table.end()) {
          ASSERT_EQ(above->first, expected_above->first);
        }
        const bool is_first = expected_above == expected.begin();
        ASSERT_EQ(table.before(above) == table.end(), is_first);
        if (!is_first) {
          ASSERT_EQ(table.before(above)->first, std::prev(expected_above)->first);
        }
      }
    }
    ASSERT_EQ(table.size(), expected.size());
    ASSERT_EQ(table.contains(key), expected.contains(key));
  }
  ASSERT_TRUE(std::equal(table.begin(), table.end(), expected.begin(), expected.end()));
}

TEST(Table, AnyOrderOfKeysGivesAFlatTree) {
  constexpr std::size_t size = 4096;
  for (const std::uint64_t step : {1ull, 4095ull, 2049ull, 1531ull}) {
    Tree tree;
    std::vector<TreeNode> nodes(size);
    std::map<std::uint64_t, TreeNode*> sorted;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t key = i * step % size;
      const auto behind = sorted.upper_bound(key);
      tree.insert_before(behind == sorted.end() ? nullptr : behind->second, &nodes[i]);
      sorted.emplace(key, &nodes[i]);
    }
    EXPECT_LE(check(tree.root(), nullptr), 1.45 * std::log2(size));
    for (std::size_t i = 0; i < size; i += 1 + step % 3) {
      tree.remove(sorted.at(i));
      if (i % 64 == 0) check(tree.root(), nullptr);
    }
    check(tree.root(), nullptr);
  }
}

TEST(Table, EntriesStayWhereTheyAre) {
  Table<std::uint64_t, std::string> table;
  std::map<std::uint64_t, const std::string*> places;
  for (std::uint64_t key = 0; key < 100; ++key)
    places[key] = &table.emplace(key * 37 % 101, std::to_string(key)).first->second;
  for (std::uint64_t key = 0; key < 100; key += 2) table.erase(key * 37 % 101);
  for (std::uint64_t key = 1; key < 100; key += 2) {
    ASSERT_EQ(&table.at(key * 37 % 101), places[key]);
    ASSERT_EQ(*places[key], std::to_string(key));
  }
}

TEST(Table, MayLoseEntriesWhileOneGoesThroughIt) {
  Numbers table;
  for (std::uint64_t key = 0; key < 50; ++key) table.emplace(key, 0);
  for (auto at = table.begin(); at != table.end();) {
    const auto candidate = at++;
    if (candidate->first % 3 != 0) table.extract(candidate);
  }
  EXPECT_EQ(table.size(), 17u);
  EXPECT_EQ(erase_if(table, [](const auto& entry) { return entry.first % 2 != 0; }), 8u);
  EXPECT_EQ(keys_of(table), (std::vector<std::uint64_t>{0, 6, 12, 18, 24, 30, 36, 42, 48}));
}

TEST(Table, ExtractHandsOverTheEntry) {
  Table<std::uint64_t, std::unique_ptr<int>> table;
  table.emplace(4, std::make_unique<int>(40));
  table.emplace(5, std::make_unique<int>(50));
  {
    const auto taken = table.extract(4);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken.key(), 4u);
    EXPECT_EQ(*taken.mapped(), 40);
    EXPECT_EQ(table.size(), 1u);
    EXPECT_FALSE(table.extract(4));
  }
  EXPECT_EQ(*table.at(5), 50);
}

TEST(Table, SeveralEntriesOfOneKeyStayInOrder) {
  Numbers table;
  for (const int value : {1, 2, 3}) {
    table.emplace_behind(7, value);
    table.emplace_behind(8, 10 * value);
  }
  table.emplace_behind(6, 0);
  std::vector<int> values;
  for (auto at = table.lower_bound(7); at != table.end() && at->first == 7; ++at)
    values.push_back(at->second);
  EXPECT_EQ(values, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(table.size(), 7u);
}

TEST(Table, KeysOfSeveralFieldsAreOrderedByAll) {
  Table<Item, int> table;
  table.emplace(Item{2, 1}, 3);
  table.emplace(Item{1, 9}, 2);
  table.emplace(Item{1, 2}, 1);
  table.emplace(Item{2, 2}, 4);
  std::vector<int> values;
  for (const auto& [key, value] : table) values.push_back(value);
  EXPECT_EQ(values, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(table.lower_bound({1, 3})->second, 2);
}

TEST(Table, MovesAndEndsWithItsEntries) {
  const auto held = std::make_shared<int>(1);
  Table<std::uint64_t, std::shared_ptr<int>> table;
  for (std::uint64_t key = 0; key < 20; ++key) table.emplace(key, held);
  EXPECT_EQ(held.use_count(), 21);
  {
    Table<std::uint64_t, std::shared_ptr<int>> moved = std::move(table);
    EXPECT_EQ(moved.size(), 20u);
    EXPECT_TRUE(table.empty());
  }
  EXPECT_EQ(held.use_count(), 1);
  table.emplace(3, held);
  table = {};
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace membrane
