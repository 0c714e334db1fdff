#include "event_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "membrane/node.h"
#include "random.h"

namespace membrane::sim {
namespace {

TEST(EventQueue, OrdersByTimeAndThenByWhatWasPushedFirst) {
  Random random(7);
  EventQueue queue;
  std::vector<std::pair<TimeUs, PeerIndex>> expected;
  for (PeerIndex i = 0; i < 5'000; ++i) {
    const TimeUs time = random.below(300);  // many at the same time
    queue.push(time, Kind::timer, i);
    expected.emplace_back(time, i);
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [time, peer] : expected) {
    const auto event = queue.pop(never);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->time, time);
    EXPECT_EQ(event->peer, peer);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, ShowsWhatComesNextAndKeepsIt) {
  Random random(9);
  EventQueue queue;
  for (PeerIndex i = 0; i < 3'000; ++i) queue.push(random.below(2'000'000), Kind::timer, i);
  for (int round = 0; round < 200; ++round) {
    const TimeUs span = 1 + random.below(30'000);
    const TimeUs until = random.below(2'500'000);
    const std::size_t most = random.below(40);
    std::vector<Event> seen;
    queue.look(until, span, [&](const Event& event) {
      seen.push_back(event);
      return seen.size() < most;
    });
    std::optional<TimeUs> first;
    for (const Event& event : seen) {
      const auto popped = queue.pop(until);
      ASSERT_TRUE(popped);
      EXPECT_EQ(event.order, popped->order);
      if (!first) first = popped->time;
      EXPECT_LT(popped->time, *first + span);
    }
    if (seen.size() >= most) continue;
    const auto next = queue.pop(until);  // not shown: too late, where anything was
    if (next) {
      ASSERT_TRUE(first);
      EXPECT_GE(next->time, *first + span);
    }
  }
}

TEST(EventQueue, KeepsTheOrderWhilePushesAndPopsTakeTurns) {
  Random random(8);
  EventQueue queue;
  TimeUs now = 0;
  std::size_t popped = 0;
  for (int round = 0; round < 20'000; ++round) {
    // Mostly soon, at times far ahead, as timers are.
    const TimeUs ahead = random.chance(1, 10) ? 20'000'000 : 100'000;
    queue.push(now + random.below(ahead), Kind::frame, 0);
    const TimeUs until = now + random.below(30'000);
    while (const auto event = queue.pop(until)) {
      EXPECT_GE(event->time, now);
      EXPECT_LE(event->time, until);
      now = event->time;
      ++popped;
    }
    now = until;
  }
  while (const auto event = queue.pop(never)) {
    EXPECT_GE(event->time, now);
    now = event->time;
    ++popped;
  }
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(popped, 20'000u);
}

TEST(EventQueue, KindAndPeerComeOutAsTheyWentIn) {
  EventQueue queue;
  const Slot slot = queue.keep({.number = 9, .data = {1, 2}});
  queue.push(5, Kind::contact_answer, 3, slot);
  EXPECT_FALSE(queue.pop(4));
  const auto event = queue.pop(5);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind(), Kind::contact_answer);
  EXPECT_EQ(event->peer, 3u);
  const Payload payload = queue.take(event->slot);
  EXPECT_EQ(payload.number, 9u);
  EXPECT_EQ(payload.data, (Bytes{1, 2}));
}

TEST(EventQueue, APlaceThatWasGivenBackIsUsedAgain) {
  EventQueue queue;
  const Slot first = queue.keep({.number = 1});
  const Slot second = queue.keep({.number = 2});
  EXPECT_NE(first, second);
  queue.take(first);
  EXPECT_EQ(queue.keep({.number = 3}), first);
  EXPECT_EQ(queue.payload(first).number, 3u);
  EXPECT_EQ(queue.payload(second).number, 2u);
}

}  // namespace
}  // namespace membrane::sim
