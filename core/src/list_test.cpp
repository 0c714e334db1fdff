#include "list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "message.h"
#include "random.h"

namespace membrane {
namespace {

TEST(Sort, PutsListsOfAnyLengthIntoOrder) {
  Random random({});
  for (std::size_t size = 0; size < 20'000; size = size * 3 / 2 + 1) {
    std::vector<std::uint64_t> list(size);
    for (std::uint64_t& value : list) value = random.below(size + 1);
    std::vector<std::uint64_t> expected = list;
    std::sort(expected.begin(), expected.end());
    sort_ascending(list);
    ASSERT_EQ(list, expected) << size;
  }
}

TEST(Sort, GoesByAllFields) {
  std::vector<Item> list{{2, 1}, {1, 9}, {2, 0}, {1, 2}};
  sort_ascending(list);
  EXPECT_EQ(list, (std::vector<Item>{{1, 2}, {1, 9}, {2, 0}, {2, 1}}));
}

TEST(GiveBack, TheRoomOfABurstGoesAndALittleStays) {
  std::vector<std::uint64_t> list(1'000);
  list.clear();
  give_back(list, 1'000);
  EXPECT_EQ(list.capacity(), 1'000u);
  give_back(list, 999);
  EXPECT_EQ(list.capacity(), 0u);
}

}  // namespace
}  // namespace membrane
