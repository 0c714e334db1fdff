#include "conduct.h"

#include <gtest/gtest.h>

#include "membrane/limits.h"

namespace membrane::test {
namespace {

constexpr Position peer = 7;

struct ConductTest : testing::Test {
  Context context{Config{}, 1'700'000'000'000};
  Conduct conduct{context};

  /// How many of these at once are one too many.
  int enough(Error fault) {
    int count = 1;
    while (!conduct.blame(peer, fault)) ++count;
    return count;
  }
};

TEST_F(ConductTest, WhatHonestPeersDoTooIsNoFault) {
  for (const Error error : {Error::stale, Error::duplicate, Error::full, Error::proof_failed,
                            Error::no_session, Error::unreachable, Error::refused})
    EXPECT_FALSE(conduct.blame(peer, error));
  EXPECT_EQ(conduct.size(), 0u);
}

TEST_F(ConductTest, FewFaultsAreForgivenAndManyAreNot) {
  EXPECT_EQ(enough(Error::bad_signature), 11);
  EXPECT_TRUE(conduct.is_banned(peer));
  EXPECT_FALSE(conduct.is_banned(peer + 1));
  EXPECT_EQ(conduct.banned(), 1u);
}

TEST_F(ConductTest, AFloodIsOneTooMany) { EXPECT_EQ(enough(Error::busy), 1); }

TEST_F(ConductTest, FramesThatDoNotParseAreHardlyForgiven) {
  EXPECT_EQ(enough(Error::malformed), 4);
}

TEST_F(ConductTest, KindsOfFaultsAddUp) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(conduct.blame(peer, Error::bad_signature));
  EXPECT_FALSE(conduct.blame(peer, Error::oversized));
  EXPECT_TRUE(conduct.blame(peer, Error::malformed));
}

TEST_F(ConductTest, TimeForgives) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(conduct.blame(peer, Error::bad_signature));
    context.now += limits::conduct_tolerance_ms / 10;
  }
}

TEST_F(ConductTest, ABanEndsAndLeavesNoToleranceForAWhile) {
  enough(Error::busy);
  context.now += limits::conduct_ban_ms - 1;
  EXPECT_TRUE(conduct.is_banned(peer));
  context.now += 1;
  EXPECT_FALSE(conduct.is_banned(peer));
  EXPECT_TRUE(conduct.blame(peer, Error::bad_signature));
  context.now += limits::conduct_ban_ms + limits::conduct_tolerance_ms;
  EXPECT_EQ(enough(Error::bad_signature), 11);
}

TEST_F(ConductTest, AFullTableForgetsWhoeverIsForgivenFirst) {
  conduct.blame(peer, Error::busy);
  for (Position other = 100; conduct.size() < limits::conduct_peers_max; ++other)
    conduct.blame(other, Error::malformed);
  conduct.blame(1, Error::bad_signature);
  for (Position other = 1'000; other < 1'010; ++other) conduct.blame(other, Error::malformed);
  EXPECT_EQ(conduct.size(), limits::conduct_peers_max);
  EXPECT_TRUE(conduct.is_banned(peer));
  // The one with the least to be forgiven was forgotten: its next fault is its first.
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(conduct.blame(1, Error::bad_signature));
}

TEST_F(ConductTest, TheForgivenAreForgotten) {
  for (Position other = 0; other < 100; ++other) conduct.blame(other, Error::malformed);
  context.now += limits::conduct_tolerance_ms;
  conduct.blame(peer, Error::malformed);
  EXPECT_EQ(conduct.size(), 1u);
}

}  // namespace
}  // namespace membrane::test
