#include "crew.h"

#include <gtest/gtest.h>

#include <thread>

#include "heap.h"

namespace membrane::sim {
namespace {

TEST(Crew, DoesEachPieceOfEachListOnce) {
  for (const std::size_t threads : {0u, 1u, 2u, 5u}) {
    Crew crew(threads);
    EXPECT_EQ(crew.threads(), std::max<std::size_t>(threads, 1));
    for (std::size_t round = 0; round < 300; ++round) {
      std::vector<std::size_t> sizes;
      std::vector<std::vector<int>> done;
      for (std::size_t list = 0; list < crew.threads(); ++list) {
        sizes.push_back((round * 7 + list * 13) % 40);  // some are empty
        done.emplace_back(sizes.back(), 0);
      }
      crew.share(sizes, [&](std::size_t list, std::size_t at) { ++done[list][at]; });
      for (const auto& list : done) EXPECT_EQ(list, std::vector<int>(list.size(), 1));
    }
  }
}

TEST(Crew, AListThatNobodyBeginsWithIsHelpedWith) {
  Crew crew(3);
  std::vector<int> done(1'000, 0);
  crew.share({0, 0, 1'000}, [&](std::size_t, std::size_t at) { ++done[at]; });
  EXPECT_EQ(done, std::vector<int>(1'000, 1));
}

TEST(Heap, CountsForItsOwnerWhateverThreadAsksAndGivesBack) {
  if (!heap::counts()) GTEST_SKIP() << "a sanitizer's allocator";
  const heap::Owner owner = heap::new_owner();
  std::vector<std::unique_ptr<char[]>> pieces(3'000);  // more than a thread keeps for itself
  for (int round = 0; round < 3; ++round) {
    std::thread([&] {
      const heap::Scope scope(owner);
      for (auto& piece : pieces) piece = std::make_unique<char[]>(100);
      heap::hand_over();
    }).join();
    EXPECT_EQ(heap::bytes(owner), 300'000);
    heap::disown(pieces.front().get());
    EXPECT_EQ(heap::bytes(owner), 299'900);
    for (auto& piece : pieces) piece.reset();
    EXPECT_EQ(heap::bytes(owner), 0);
  }
  heap::retire(owner);
}

TEST(Heap, WhatOneThreadGivesBackAnotherGets) {
  if (!heap::counts()) GTEST_SKIP() << "a sanitizer's allocator";
  constexpr std::size_t size = 777;
  std::set<const char*> first;
  std::thread([&] {
    std::vector<std::unique_ptr<char[]>> pieces(3'000);
    for (auto& piece : pieces) first.insert((piece = std::make_unique<char[]>(size)).get());
    pieces.clear();
    heap::hand_over();
  }).join();
  std::size_t again = 0;
  std::thread([&] {
    std::vector<std::unique_ptr<char[]>> pieces(3'000);
    for (auto& piece : pieces) again += first.count((piece = std::make_unique<char[]>(size)).get());
    pieces.clear();
    heap::hand_over();
  }).join();
  EXPECT_EQ(again, 3'000u);
}

}  // namespace
}  // namespace membrane::sim
