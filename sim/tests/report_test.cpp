#include "report.h"

#include <gtest/gtest.h>

#include "options.h"
#include "samples.h"

namespace membrane::sim {
namespace {

TEST(Report, IsOneJsonObjectWithASectionEach) {
  Report report;
  report.set("seed", std::uint64_t{3});
  report.set("links.mean", 15.5);
  report.set("virtual_s", 600.0);
  report.set("links.max", std::optional<double>());
  EXPECT_EQ(report.json(),
            "{\n  \"seed\": 3,\n  \"virtual_s\": 600,\n"
            "  \"links\": {\"mean\": 15.5, \"max\": null}\n}\n");
  EXPECT_NE(report.table().find("links\n  mean"), std::string::npos);
  EXPECT_EQ(report.number("links.mean"), 15.5);
  EXPECT_FALSE(report.number("links.max"));
  EXPECT_FALSE(report.number("links.median"));
}

TEST(Report, BoundsThatDoNotHoldAreNamed) {
  Report report;
  report.set("a.b", 2.0);
  report.set("a.none", std::optional<double>());
  EXPECT_TRUE(broken_bounds(report, {{"a.b", "<=", 2}, {"a.b", ">=", 2}, {"a.b", "=", 2}}).empty());
  EXPECT_EQ(broken_bounds(report, {{"a.b", "<=", 1.5}}),
            (std::vector<std::string>{"a.b is 2, must be <= 1.5"}));
  EXPECT_EQ(broken_bounds(report, {{"a.none", ">=", 0}}),
            (std::vector<std::string>{"a.none is not measured, must be >= 0"}));
}

TEST(Samples, PercentilesAreNearestRanks) {
  Samples samples;
  EXPECT_FALSE(samples.mean());
  EXPECT_FALSE(samples.percentile(50));
  for (int value = 100; value >= 1; --value) samples.add(value);
  EXPECT_EQ(samples.mean(), 50.5);
  EXPECT_EQ(samples.max(), 100);
  EXPECT_EQ(samples.percentile(50), 50);
  EXPECT_EQ(samples.percentile(99), 99);
  EXPECT_EQ(samples.percentile(100), 100);
  EXPECT_EQ(samples.percentile(0), 1);
}

TEST(Options, AreReadAndMistakesNamed) {
  const auto parse = [](std::vector<std::string_view> arguments) {
    return parse_options(arguments, MEMBRANE_SCENARIO_FOLDER);
  };
  const auto parsed = parse({"quiet", "--peers", "30", "--seed", "7", "--set", "join_s=5",
                             "--threads", "3", "--json", "--no-timing"});
  const auto* options = std::get_if<Options>(&parsed);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->scenario, "quiet");
  EXPECT_EQ(options->seed, 7u);
  EXPECT_EQ(options->threads, 3u);
  EXPECT_TRUE(options->json);
  EXPECT_FALSE(options->timing);
  EXPECT_EQ(replay_command(*options), "./run sim quiet --seed 7 --peers 30 --set 'join_s=5'");
  for (const auto& wrong : std::vector<std::vector<std::string_view>>{{},
                                                                      {"quiet", "burst"},
                                                                      {"quiet", "--seed", "x"},
                                                                      {"quiet", "--seed"},
                                                                      {"quiet", "--set", "x"},
                                                                      {"quiet", "--threads", "0"},
                                                                      {"quiet", "--threads", "9"},
                                                                      {"quiet", "--loud", "x"}}) {
    const auto result = parse(wrong);
    ASSERT_TRUE(std::holds_alternative<Farewell>(result));
    EXPECT_EQ(std::get<Farewell>(result).exit_code, 2);
  }
  EXPECT_EQ(std::get<Farewell>(parse({"--help"})).exit_code, 0);
}

}  // namespace
}  // namespace membrane::sim
