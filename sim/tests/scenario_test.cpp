#include "scenario.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <tuple>

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

// ---- Written ------------------------------------------------------------------------------------

/// All that a phase says. Does not compile when a field is added, so that none is left out.
auto parts_of(const Phase& phase) {
  const auto& [name, for_s, crash, leave, sleep, sleep_s, liars, flooders, parts, server, churn,
               publishes, probes, connects, forgiven, steady] = phase;
  return std::tie(name, for_s, crash, leave, sleep, sleep_s, liars, flooders, parts, server, churn,
                  publishes, probes, connects, forgiven, steady);
}
auto parts_of(const Bound& bound) { return std::tie(bound.figure, bound.relation, bound.value); }

void expect_same(const Scenario& one, const Scenario& other, const std::string& what) {
  const auto& [about, peers, join, converge, drain, server, crypto, latency, whole_map, blocked,
               within, payload, flood, swarm, phases, must] = one;
  EXPECT_EQ(std::tie(about, peers, join, converge, drain, server, crypto, latency),
            std::tie(other.about, other.peers, other.join_s, other.converge_s_max, other.drain_s,
                     other.server, other.real_crypto, other.latency_ms))
      << what;
  EXPECT_EQ(std::tie(whole_map, blocked, within, payload, flood, swarm),
            std::tie(other.whole_map_max, other.blocked_percent, other.deliver_within_s,
                     other.payload_bytes, other.flood_per_s, other.swarm))
      << what;
  ASSERT_EQ(phases.size(), other.phases.size()) << what;
  for (std::size_t i = 0; i < phases.size(); ++i)
    EXPECT_EQ(parts_of(phases[i]), parts_of(other.phases[i])) << what << ", " << phases[i].name;
  ASSERT_EQ(must.size(), other.must.size()) << what;
  for (std::size_t i = 0; i < must.size(); ++i)
    EXPECT_EQ(parts_of(must[i]), parts_of(other.must[i])) << what << ", " << must[i].figure;
}

TEST(WrittenScenario, NamesWhatIsNotAsUsual) {
  EXPECT_EQ(write_scenario(read_scenario(text, {{"server", "false"}, {"calm.parts", "3"}})), R"({
  "about": "A test.",
  "peers": 20,
  "server": false,
  "phases": [
    {"name":"calm","for_s":5E0,"parts":3},
    {"name":"storm","crash_percent":5E1}
  ],
  "must": {
    "broadcast.rmr": "<= 0.1"
  }
}
)");
}

TEST(WrittenScenario, ReadsBackTheSame) {
  for (const auto& [name, about] : list_scenarios(MEMBRANE_SCENARIO_FOLDER)) {
    Scenario scenario = load_scenario(name, MEMBRANE_SCENARIO_FOLDER, {});
    const Scenario read = read_scenario(write_scenario(scenario), {});
    scenario.swarm = false;  // what is written is drawn
    expect_same(read, scenario, name);
  }
}

TEST(WrittenScenario, OfWhichNothingIsAsUsualReadsBackTheSame) {
  const Scenario scenario = read_scenario(R"({
    "about": "\"Quoted\", and\nüber two lines", "peers": 1234567, "join_s": 0.1,
    "converge_s_max": 1.5, "drain_s": 0, "server": false, "real_crypto": true, "latency_ms": 7,
    "whole_map_max": 64, "blocked_percent": 0.333333333333, "deliver_within_s": 1e-3,
    "payload_bytes": 1000000000, "flood_per_s": 12345.678,
    "phases": [{"name": "all", "for_s": 0.1, "crash_percent": 1, "leave_percent": 2,
                "sleep_percent": 3, "sleep_s": 4, "liars_percent": 5, "flooders": 6, "parts": 7,
                "server": false, "churn_percent_per_min": 8, "publishes_per_s": 9,
                "probes_per_s": 10, "connects_per_s": 11, "forgiven": true, "steady": true},
               {"name": "nothing"}],
    "must": {"one.figure": "= 0", "another": ">= 0.25", "a third": "<= 1500"}
  })",
                                          {});
  expect_same(read_scenario(write_scenario(scenario), {}), scenario, "all");
}

TEST(WrittenScenario, OfASwarmIsWhatItsSeedHasDrawn) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Scenario scenario = load_scenario("swarm", MEMBRANE_SCENARIO_FOLDER, {});
    draw_swarm(scenario, seed, false);
    const Scenario read = read_scenario(write_scenario(scenario), {});
    EXPECT_FALSE(read.swarm);  // nothing is drawn again
    EXPECT_GE(read.phases.size(), 4u);
    scenario.swarm = false;
    expect_same(read, scenario, std::to_string(seed));
  }
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
