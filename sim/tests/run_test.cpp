#include "run.h"

#include <gtest/gtest.h>

#include <sstream>

#include "svg.h"
#include "swarm.h"

/// Each scenario with few peers and short phases: nothing is violated, and the figures are there.
namespace membrane::sim {
namespace {

constexpr char folder[] = MEMBRANE_SCENARIO_FOLDER;

Scenario small(const std::string& name, std::vector<Setting> settings = {}) {
  settings.insert(settings.begin(), {{"peers", "30"}, {"join_s", "10"}});
  return load_scenario(name, folder, settings);
}

std::string words(const Verdict& verdict) {
  std::string out;
  for (const Violation& violation : verdict.kept())
    out += violation.check + " at " + std::to_string(violation.at) + ": " + violation.what + "\n";
  return out;
}

void expect_good(const Scenario& scenario, std::uint64_t seed = 1) {
  Run run(scenario, seed);
  run.go();
  EXPECT_TRUE(run.verdict().holds()) << words(run.verdict());
  for (const std::string& broken : broken_bounds(run.report(), scenario.must))
    ADD_FAILURE() << broken;
}

TEST(Running, TheSameSeedGivesTheSameReport) {
  const Scenario scenario =
      small("churn",
            {{"churn.for_s", "60"}, {"calm.for_s", "20"}, {"churn.churn_percent_per_min", "30"}});
  const auto report_of = [&](std::uint64_t seed) {
    sim::Run run(scenario, seed);
    run.go();
    return run.report().json();
  };
  const std::string first = report_of(5);
  EXPECT_EQ(first, report_of(5));
  EXPECT_NE(first, report_of(6));
}

TEST(Running, TheSameSeedGivesTheSameTrace) {
  const Scenario scenario = small("liars", {{"lies.for_s", "10"}});
  const auto trace_of = [&] {
    std::ostringstream out;
    Trace trace(out);
    sim::Run run(scenario, 1, &trace);
    run.go();
    return out.str();
  };
  const std::string first = trace_of();
  EXPECT_TRUE(first == trace_of());
  EXPECT_NE(first.find("== phase lies"), std::string::npos);
  EXPECT_NE(first.find("spread to"), std::string::npos);
}

// So far apart that there is much to look ahead at among so few. The trace holds each frame and
// each event of an application, with its time. What takes turns ahead is at its limits where
// connections are made and closed, clocks stop, and frames are forged.
class Threads : public testing::TestWithParam<std::vector<Setting>> {};

TEST_P(Threads, AsManyAsOneLikesGiveTheSameTraceAndReport) {
  std::vector<Setting> settings = GetParam();
  const std::string name = settings.front().second;
  settings.erase(settings.begin());
  const Scenario scenario = small(name, settings);
  const auto all_of = [&](std::size_t threads) {
    std::ostringstream out;
    Trace trace(out);
    sim::Run run(scenario, 7, &trace, threads);
    run.go();
    if (threads == 1)
      EXPECT_EQ(run.world().events_ahead(), 0u);
    else
      EXPECT_GT(run.world().events_ahead(), run.world().events() / 4);
    return out.str() + run.report().json();
  };
  const std::string alone = all_of(1);
  EXPECT_TRUE(alone == all_of(2));
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, Threads,
    testing::Values(std::vector<Setting>{{"scenario", "churn"},
                                         {"latency_ms", "70"},
                                         {"churn.for_s", "20"},
                                         {"churn.churn_percent_per_min", "60"}},
                    std::vector<Setting>{
                        {"scenario", "liars"}, {"latency_ms", "120"}, {"lies.for_s", "10"}},
                    std::vector<Setting>{{"scenario", "sleep"}, {"latency_ms", "90"}},
                    std::vector<Setting>{{"scenario", "partition"}, {"latency_ms", "60"}},
                    std::vector<Setting>{{"scenario", "connect"}},
                    std::vector<Setting>{{"scenario", "burst"},
                                         {"peers", "12"},
                                         {"latency_ms", "150"},
                                         {"real_crypto", "true"}}),
    [](const auto& test) { return test.param.front().second; });

// In a small network everybody makes a connection to look for others with, and keeps it ready.
TEST(Running, Quiet) {
  expect_good(small("quiet", {{"talk.for_s", "60"}, {"must.links.opened_per_peer_hour", "<= 30"}}));
}
TEST(Running, Connect) { expect_good(small("connect")); }
TEST(Running, Burst) { expect_good(small("burst")); }
TEST(Running, Churn) {
  expect_good(
      small("churn", {{"churn.for_s", "120"}, {"must.links.opened_per_peer_hour", "<= 60"}}));
}
TEST(Running, Crash50) { expect_good(small("crash50")); }
// Of so few hardly one would be left with a link.
TEST(Running, Crash80) { expect_good(small("crash80", {{"crash.crash_percent", "60"}})); }
TEST(Running, Crash80WithServer) { expect_good(small("crash80_server")); }
TEST(Running, Partition) { expect_good(small("partition")); }
TEST(Running, PartitionAlone) { expect_good(small("partition_alone")); }
TEST(Running, Nat) { expect_good(small("nat", {{"sessions.for_s", "60"}})); }
TEST(Running, Sleep) { expect_good(small("sleep")); }
TEST(Running, Flood) { expect_good(small("flood", {{"flood.for_s", "20"}})); }
TEST(Running, Liars) { expect_good(small("liars", {{"lies.for_s", "60"}})); }

TEST(Running, Swarm) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Scenario scenario = small("swarm");
    draw_swarm(scenario, seed, true);
    SCOPED_TRACE(seed);
    expect_good(scenario, seed);
  }
}

TEST(Running, RealCryptoDoesTheSame) {
  expect_good(small("burst", {{"peers", "12"}, {"real_crypto", "true"}}));
}

TEST(Running, ItCanBeDrawn) {
  sim::Run run(small("burst"), 1);
  run.go();
  const std::string picture = draw(run.watch().census, run.watch().tree);
  EXPECT_EQ(picture.find("<svg"), 0u);
  EXPECT_NE(picture.find("hsl("), std::string::npos);
  EXPECT_EQ(picture.substr(picture.size() - 7), "</svg>\n");
}

}  // namespace
}  // namespace membrane::sim
