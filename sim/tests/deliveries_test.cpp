#include "deliveries.h"

#include <gtest/gtest.h>

#include "broadcast_figures.h"
#include "check_everybody.h"
#include "judge_support.h"

namespace membrane::sim {
namespace {

constexpr TimeUs later = 20 * second;

/// What is said in a row of four, where each passes it on to the next.
struct FourInARow : testing::Test {
  Census census = row(4);
  Deliveries deliveries{census};
  Verdict verdict;

  std::uint64_t say() { return deliveries.announce(0, later, false); }
  void pass(std::uint64_t number, PeerIndex from, PeerIndex to, TimeUs after = second) {
    deliveries.copy_came(number, from, to);
    deliveries.heard(number, to, later + after);
  }
  Report figures() {
    Report report;
    report_broadcast(deliveries, 10 * second, report);
    return report;
  }
};

TEST_F(FourInARow, AMessageThatReachesAllIsFlawless) {
  const auto number = say();
  for (PeerIndex peer = 1; peer < 4; ++peer) pass(number, peer - 1, peer, peer * second);
  check_everybody(deliveries, later, verdict);
  EXPECT_TRUE(verdict.holds());
  const Report report = figures();
  EXPECT_EQ(report.number("broadcast.rmr"), 0);
  EXPECT_EQ(report.number("broadcast.ldh_mean"), 2);
  EXPECT_EQ(report.number("broadcast.ldh_max"), 3);
  EXPECT_EQ(report.number("broadcast.last_ms_p50"), 3000);
  EXPECT_EQ(report.number("broadcast.missed"), 0);
  EXPECT_EQ(report.number("broadcast.delivered_in_time"), 1);
}

TEST_F(FourInARow, WhoeverHearsNothingIsNamed) {
  const auto number = say();
  pass(number, 0, 1);
  pass(number, 1, 2);
  check_everybody(deliveries, later, verdict);
  ASSERT_EQ(verdict.kept().size(), 1u);
  EXPECT_EQ(verdict.kept()[0].what, "peer 3 never heard message 0, said by peer 0 at 20000 ms");
  EXPECT_EQ(figures().number("broadcast.missed"), 1);
}

TEST_F(FourInARow, CopiesBeyondTheFirstAreRedundant) {
  const auto number = say();
  for (PeerIndex peer = 1; peer < 4; ++peer) pass(number, peer - 1, peer);
  for (int copy = 0; copy < 3; ++copy) deliveries.copy_came(number, 1, 0);
  EXPECT_EQ(figures().number("broadcast.rmr"), 1);
}

TEST_F(FourInARow, HearingTwiceIsCounted) {
  const auto number = say();
  pass(number, 0, 1);
  deliveries.heard(number, 1, later + 2 * second);
  EXPECT_EQ(figures().number("broadcast.duplicated"), 1);
}

TEST_F(FourInARow, LateIsNotInTime) {
  const auto number = say();
  pass(number, 0, 1, 11 * second);
  pass(number, 1, 2);
  pass(number, 2, 3);
  EXPECT_NEAR(*figures().number("broadcast.delivered_in_time"), 2.0 / 3, 1e-9);
}

TEST_F(FourInARow, NothingIsOwedToTheDeadTheAsleepAndTheCutOff) {
  say();
  census.gone(3);
  census.asleep(2);
  census.awake(2, later + second);
  census.set_links(1, {});
  census.set_links(0, {made_up(2)});
  census.set_links(2, {made_up(0)});
  check_everybody(deliveries, later, verdict);
  EXPECT_TRUE(verdict.holds());
}

TEST_F(FourInARow, NothingIsOwedToNewcomersAndForWhatIsForgiven) {
  census.add(made_up(4), later - second);
  census.joined(4, later - second);
  link(census, 3, 4);
  const auto number = say();
  EXPECT_TRUE(deliveries.messages()[number].receipts[3].owed);
  EXPECT_FALSE(deliveries.messages()[number].receipts[4].owed);
  const auto forgiven = deliveries.announce(0, later, true);
  EXPECT_FALSE(deliveries.messages()[forgiven].receipts[3].owed);
}

TEST_F(FourInARow, WhoeverIsNotConnectedIsCountedApart) {
  census.set_links(3, {});
  say();
  EXPECT_EQ(figures().number("broadcast.unconnected"), 1);
  EXPECT_EQ(figures().number("broadcast.owed"), 2);
}

}  // namespace
}  // namespace membrane::sim
