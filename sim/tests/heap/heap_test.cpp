#include "heap.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "recorder.h"

/// Whose memory is whose: only where the simulator's own allocator is at work, so not under
/// sanitizers.
namespace membrane::sim {
namespace {

TEST(Heap, Counts) { EXPECT_TRUE(heap::counts()); }

TEST(Heap, CountsForItsOwnerWhateverThreadAsksAndGivesBack) {
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

TEST(Heap, OfANodeIsKnown) {
  World world;
  const PeerIndex first = world.add();
  const std::uint64_t alone = world.state_bytes(first);
  EXPECT_GT(alone, 1'000u);
  EXPECT_LT(alone, 100'000u);
  add_many(world, 20);
  world.run_for_ms(5'000);
  EXPECT_GT(world.state_bytes(first), alone + 20 * 100);
  world.crash(first);
  world.run_for_ms(1'000);
  EXPECT_LT(world.state_bytes(first), 500u) << "what its node held is free";
}

}  // namespace
}  // namespace membrane::sim
