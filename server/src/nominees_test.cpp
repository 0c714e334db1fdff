#include "nominees.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace membrane::server {
namespace {

using namespace std::chrono_literals;

bool anyone(ClientId) { return true; }

TEST(Standing, a_newcomer_comes_after_those_who_waited) {
  const Standing old(0ms);
  const Standing newcomer(60s);
  EXPECT_LT(old.turn(), newcomer.turn());
  EXPECT_GT(newcomer.turn(), Time(60s));
}

TEST(Standing, each_penalty_moves_the_turn_later_and_faults_further_than_impositions) {
  const Time now = 60s;
  const auto after = [&](Penalty penalty) {
    Standing standing(0ms);
    standing.penalise(penalty, now);
    return standing.turn();
  };
  EXPECT_GT(after(Penalty::imposed), now);
  EXPECT_LT(after(Penalty::imposed), after(Penalty::refusal));
  EXPECT_LT(after(Penalty::refusal), after(Penalty::bad_data));
  EXPECT_LT(after(Penalty::bad_data), after(Penalty::silence));
  EXPECT_LT(after(Penalty::silence), after(Penalty::bad_description));
}

TEST(Standing, a_fault_weighs_less_on_one_who_served_long) {
  Standing young(0ms);
  Standing old(0ms);
  young.penalise(Penalty::silence, 60s);
  old.penalise(Penalty::silence, 600s);
  EXPECT_GT(young.turn() - 60s, old.turn() - 600s);
}

TEST(Standing, no_penalty_lasts_for_ever) {
  Standing standing(0ms);
  for (int i = 0; i < 1000; ++i) standing.penalise(Penalty::bad_description, 1s);
  EXPECT_EQ(standing.turn(), Time(1s) + Standing::turn_ahead_max);
}

TEST(Standing, idleness_earns_no_credit) {
  Standing standing(0ms);
  standing.penalise(Penalty::imposed, 3600s);
  EXPECT_GT(standing.turn(), Time(3600s));
}

TEST(Nominees, the_earliest_turn_that_suits_is_first) {
  Nominees nominees;
  EXPECT_FALSE(nominees.first(anyone));
  nominees.insert(1, 30s);
  nominees.insert(2, 10s);
  nominees.insert(3, 20s);
  EXPECT_EQ(nominees.first(anyone), 2U);
  EXPECT_EQ(nominees.first([](ClientId client) { return client != 2; }), 3U);
  EXPECT_FALSE(nominees.first([](ClientId) { return false; }));
  nominees.erase(2, 10s);
  EXPECT_EQ(nominees.first(anyone), 3U);
}

TEST(Nominees, impositions_are_spread_evenly_over_young_and_old) {
  constexpr int clients = 20;
  constexpr int choices = 2000;
  Nominees nominees;
  std::vector<Standing> standings;
  for (int i = 0; i < clients; ++i) {
    standings.emplace_back(Time(i * 100s));
    nominees.insert(ClientId(i), standings.back().turn());
  }
  std::map<ClientId, int> asked;
  for (int i = 0; i < choices; ++i) {
    const ClientId chosen = *nominees.first(anyone);
    ++asked[chosen];
    nominees.erase(chosen, standings[chosen].turn());
    standings[chosen].penalise(Penalty::imposed, 2000s + i * 100ms);
    nominees.insert(chosen, standings[chosen].turn());
  }
  ASSERT_EQ(asked.size(), std::size_t(clients));
  for (const auto& [client, times] : asked) {
    EXPECT_NEAR(times, 100, 10) << client;
  }
}

}  // namespace
}  // namespace membrane::server
