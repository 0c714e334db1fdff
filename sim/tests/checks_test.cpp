#include <gtest/gtest.h>

#include "check_budget.h"
#include "check_loops.h"
#include "check_maps.h"
#include "check_once.h"
#include "check_tables.h"
#include "judge_support.h"
#include "membrane/limits.h"

/// Each checker finds what is planted, and nothing where nothing is.
namespace membrane::sim {
namespace {

struct Checks : testing::Test {
  Verdict verdict;

  void expect_found(const std::string& check, const std::string& words) const {
    ASSERT_FALSE(verdict.holds());
    EXPECT_EQ(verdict.kept()[0].check, check);
    EXPECT_NE(verdict.kept()[0].what.find(words), std::string::npos) << verdict.kept()[0].what;
  }
};

TEST_F(Checks, OnceFindsAMessageHeardTwice) {
  CheckOnce once(verdict);
  const TopicMessage message{"news", made_up(1), 7, {}};
  once.heard(2, message, 0);
  once.heard(3, message, 0);
  once.heard(2, {"news", made_up(1), 8, {}}, 0);
  once.heard(2, {"news", made_up(2), 7, {}}, 0);
  EXPECT_TRUE(verdict.holds());
  once.heard(2, message, second);
  expect_found("once", "peer 2 heard message 7");
  EXPECT_EQ(verdict.kept()[0].at, second);
}

TEST_F(Checks, LoopsFindAMessageThatPassesAgain) {
  CheckLoops loops(verdict);
  loops.passed_on(1, {.name = 5}, 0);
  loops.passed_on(2, {.name = 5}, 0);
  loops.passed_on(1, {.name = 6}, 0);
  EXPECT_TRUE(verdict.holds());
  loops.passed_on(1, {.name = 5}, second);
  expect_found("loops", "passes peer 1 for the 2th time");
}

TEST_F(Checks, LoopsAllowASecondTryAfterADeadEnd) {
  CheckLoops loops(verdict);
  loops.passed_on(1, {.name = 5}, 0);
  loops.came(1, {.name = 5, .returned = true}, 0);
  loops.passed_on(1, {.name = 5}, 0);
  loops.passed_on(1, {.name = 5, .returned = true}, 0);
  EXPECT_TRUE(verdict.holds());
  loops.passed_on(1, {.name = 5}, 0);
  EXPECT_FALSE(verdict.holds());
}

TEST_F(Checks, LoopsRememberAsLongAsTheTrailIsKept) {
  CheckLoops loops(verdict);
  loops.passed_on(1, {.name = 5}, 29 * second);
  loops.passed_on(2, {.name = 6}, 31 * second);
  loops.passed_on(1, {.name = 5}, 58 * second);
  EXPECT_FALSE(verdict.holds());
}

TEST_F(Checks, LoopsAllowWhatWaitedLongerAtASleeper) {
  CheckLoops loops(verdict);
  loops.passed_on(1, {.name = 5}, 0);
  loops.passed_on(1, {.name = 5}, limits::trail_kept_ms * 1000 + 1);
  EXPECT_TRUE(verdict.holds());
}

TEST_F(Checks, BudgetAllowsTheBurstAndThePace) {
  CheckBudget budget(verdict);
  const auto burst = limits::ring_open_burst + limits::contact_seek_burst;
  for (std::uint64_t open = 0; open < burst; ++open) budget.offers(1, 0);
  budget.asked(1);
  budget.offers(1, 0);
  budget.offers(1, limits::ring_open_interval_ms * 1000 + 1000);
  EXPECT_TRUE(verdict.holds());
}

TEST_F(Checks, BudgetFindsOneConnectionTooMany) {
  CheckBudget budget(verdict);
  const auto burst = limits::ring_open_burst + limits::contact_seek_burst;
  for (std::uint64_t open = 0; open <= burst; ++open) budget.offers(1, 0);
  expect_found("budget", "peer 1 opens");
}

TEST_F(Checks, TablesFindOneEntryTooMany) {
  check_tables(4, {{"things", 10, 10}, {"others", 0, 5}}, 0, verdict);
  EXPECT_TRUE(verdict.holds());
  check_tables(4, {{"things", 11, 10}}, 0, verdict);
  expect_found("tables", "peer 4 has 11 things, its limit is 10");
}

struct Maps : Checks {
  Census census = row(3);
  std::vector<PeerId> all{made_up(0), made_up(1), made_up(2)};
  std::vector<std::pair<PeerId, PeerId>> edges{{made_up(0), made_up(1)}, {made_up(1), made_up(2)}};
};

TEST_F(Maps, AgreeWhenAllHoldTheTruth) {
  check_maps(census, {{0, all, edges}, {1, all, edges}, {2, all, edges}}, 0, verdict);
  EXPECT_TRUE(verdict.holds());
}

TEST_F(Maps, FindAPeerThatIsMissing) {
  check_maps(census, {{0, all, edges}, {1, {made_up(0), made_up(1)}, edges}}, 0, verdict);
  expect_found("maps", "map of peer 1 lacks 1 of 3");
}

TEST_F(Maps, FindAGhost) {
  all.push_back(made_up(9));
  check_maps(census, {{0, all, edges}}, 0, verdict);
  expect_found("maps", "has 1 that are not there");
}

TEST_F(Maps, FindAnEdgeThatOthersDoNotSee) {
  check_maps(census, {{0, all, edges}, {2, all, {edges[0]}}}, 0, verdict);
  expect_found("maps", "map of peer 2 has other edges than that of peer 0");
}

TEST_F(Maps, ArePerNetwork) {
  census.set_links(1, {made_up(0)});
  check_maps(census,
             {{0, {made_up(0), made_up(1)}, {edges[0]}},
              {1, {made_up(0), made_up(1)}, {edges[0]}},
              {2, {made_up(2)}, {}}},
             0, verdict);
  EXPECT_TRUE(verdict.holds());
}

TEST_F(Checks, AVerdictKeepsTheFirstFewInWordsAndCountsAll) {
  for (TimeUs at = 0; at < 20; ++at) verdict.violated("one", at, "again");
  verdict.violated("two", 20, "at last");
  EXPECT_EQ(verdict.count(), 21u);
  ASSERT_EQ(verdict.kept().size(), 6u);
  EXPECT_EQ(verdict.kept()[0].at, 0u);
  EXPECT_EQ(verdict.kept()[5].what, "at last");
  Verdict sum;
  sum.violated("two", 1, "first");
  sum.add(verdict);
  EXPECT_EQ(sum.count(), 22u);
  ASSERT_EQ(sum.kept().size(), 7u);
  EXPECT_EQ(sum.kept()[0].what, "first");
}

}  // namespace
}  // namespace membrane::sim
