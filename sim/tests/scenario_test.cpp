#include "scenario.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "swarm.h"

namespace membrane::sim {
namespace {

constexpr char text[] = R"({
  "about": "A test.",
  "peers": 20,
  "phases": [{ "name": "calm", "for_s": 5 }, { "name": "storm", "crash_percent": 50 }],
  "must": { "broadcast.rmr": "<= 0.1" }
})";

std::string wrong_with(std::string_view scenario, const std::vector<Setting>& settings = {}) {
  try {
    read_scenario(scenario, settings);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(Scenario, IsReadAsItStands) {
  const Scenario scenario = read_scenario(text, {});
  EXPECT_EQ(scenario.about, "A test.");
  EXPECT_EQ(scenario.peers, 20u);
  ASSERT_EQ(scenario.phases.size(), 2u);
  EXPECT_EQ(scenario.phases[0].name, "calm");
  EXPECT_EQ(scenario.phases[0].for_s, 5);
  EXPECT_EQ(scenario.phases[1].crash_percent, 50);
  EXPECT_TRUE(scenario.phases[1].server);
  ASSERT_EQ(scenario.must.size(), 1u);
  EXPECT_EQ(scenario.must[0].figure, "broadcast.rmr");
  EXPECT_EQ(scenario.must[0].relation, "<=");
  EXPECT_EQ(scenario.must[0].value, 0.1);
}

TEST(Scenario, SettingsReplaceValues) {
  const Scenario scenario = read_scenario(text, {{"peers", "7"},
                                                 {"server", "false"},
                                                 {"latency_ms", "50"},
                                                 {"storm.crash_percent", "12.5"},
                                                 {"must.broadcast.rmr", "= 0"},
                                                 {"must.links.mean", "<= 16"}});
  EXPECT_EQ(scenario.peers, 7u);
  EXPECT_FALSE(scenario.server);
  EXPECT_EQ(scenario.latency_ms, 50u);
  EXPECT_EQ(scenario.phases[1].crash_percent, 12.5);
  ASSERT_EQ(scenario.must.size(), 2u);
  EXPECT_EQ(scenario.must[0].relation, "=");
}

TEST(Scenario, MistakesAreNamed) {
  EXPECT_NE(wrong_with("{").find("not JSON"), std::string::npos);
  EXPECT_EQ(wrong_with("[]"), "not an object");
  EXPECT_EQ(wrong_with(R"({"pears": 3})"), "there is no key pears");
  EXPECT_EQ(wrong_with(R"({"peers": "many"})"), "peers must be a number");
  EXPECT_EQ(wrong_with(R"({"peers": 2.5})"), "peers must be a whole number");
  EXPECT_EQ(wrong_with(R"({"peers": -1})"), "peers must be between 0 and 10^9");
  EXPECT_EQ(wrong_with(R"({"peers": 1})"), "peers must be 2 or more");
  EXPECT_EQ(wrong_with(R"({"server": 1})"), "server must be true or false");
  EXPECT_EQ(wrong_with(R"({"phases": {}})"), "phases must be a list");
  EXPECT_EQ(wrong_with(R"({"phases": [{"nap": 1}]})"), "there is no key phases.nap");
  EXPECT_EQ(wrong_with(R"({"must": {"links.mean": "16"}})"),
            "must.links.mean must be like \"<= 0.1\"");
  EXPECT_EQ(wrong_with(text, {{"lull.for_s", "3"}}), "there is no phase lull");
  EXPECT_EQ(wrong_with(R"({"phases": [{"name": "links"}]})"),
            "a phase cannot be called links: the report has figures of that name");
}

TEST(Scenario, AllThatAreThereCanBeRead) {
  const auto known = list_scenarios(MEMBRANE_SCENARIO_FOLDER);
  for (const char* name : {"quiet", "burst", "churn", "crash50", "crash80", "partition", "nat",
                           "sleep", "flood", "liars", "swarm"})
    EXPECT_TRUE(known.contains(name)) << name;
  for (const auto& [name, about] : known) EXPECT_FALSE(about.empty()) << name;
  EXPECT_THROW(load_scenario("nonsense", MEMBRANE_SCENARIO_FOLDER, {}), std::runtime_error);
}

TEST(Swarm, TheSeedDecides) {
  Scenario first;
  Scenario same;
  Scenario other;
  draw_swarm(first, 1, false);
  draw_swarm(same, 1, false);
  draw_swarm(other, 2, false);
  EXPECT_EQ(first.peers, same.peers);
  EXPECT_EQ(first.phases.size(), same.phases.size());
  EXPECT_EQ(first.phases[0].for_s, same.phases[0].for_s);
  EXPECT_FALSE(first.peers == other.peers && first.join_s == other.join_s &&
               first.phases[0].for_s == other.phases[0].for_s);
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    Scenario drawn;
    draw_swarm(drawn, seed, false);
    EXPECT_GE(drawn.peers, 50u);
    EXPECT_LE(drawn.peers, 300u);
  }
  Scenario given;
  given.peers = 20;
  draw_swarm(given, 1, true);
  EXPECT_EQ(given.peers, 20u);
}

}  // namespace
}  // namespace membrane::sim
