#include "probes.h"

#include <gtest/gtest.h>

#include "deliveries.h"
#include "judge_support.h"

/// Which of the questions that peers ask count, and as what.
namespace membrane::sim {
namespace {

constexpr TimeUs settled = Deliveries::settled_us;

Report routing_of(const Probes& probes) {
  Report report;
  probes.report_routing(report);
  return report;
}

TEST(Probes, WhatIsAnsweredSucceedsAndWhatIsNotFails) {
  const Census census = row(4);
  Probes probes(census);
  probes.ask(0, 1, settled, false);
  probes.ask(0, 2, settled, false);
  probes.ask(0, 3, settled, false);
  probes.succeeded(0, 1, settled + second, 3);
  probes.failed(0, 2, "no way");
  probes.close();
  const Report report = routing_of(probes);
  EXPECT_EQ(report.number("routing.sent"), 3);
  EXPECT_EQ(report.number("routing.success"), 1.0 / 3);
  EXPECT_EQ(report.number("routing.hops_mean"), 3);
  EXPECT_EQ(report.number("routing.failed: no way"), 1);
  EXPECT_EQ(report.number("routing.failed: no answer"), 1);
}

TEST(Probes, WhatIsForgivenOrAskedTooSoonCountsForNothing) {
  const Census census = row(3);
  Probes probes(census);
  probes.ask(0, 1, settled, true);
  probes.ask(0, 2, settled - 1, false);
  EXPECT_FALSE(probes.may_ask(0, 1)) << "it is under way all the same";
  EXPECT_TRUE(probes.is_asking(0, 2));
  probes.failed(0, 1, "no way");
  probes.succeeded(0, 2, settled, 1);
  probes.close();
  const Report report = routing_of(probes);
  EXPECT_EQ(report.number("routing.sent"), 0);
  EXPECT_EQ(report.number("routing.success"), std::nullopt);
}

TEST(Probes, WhoDiesOrSleepsMeanwhileOwesNothing) {
  Census census = row(4);
  Probes probes(census);
  for (PeerIndex peer = 1; peer < 4; ++peer) probes.ask(0, peer, settled, false);
  census.gone(1);
  census.asleep(2);
  census.awake(2, settled + second);
  probes.close();
  EXPECT_EQ(routing_of(probes).number("routing.sent"), 1);
}

TEST(Probes, NobodyIsAskedWithoutAWay) {
  Census census = row(3);
  const Probes probes(census);
  EXPECT_TRUE(probes.may_ask(0, 2));
  EXPECT_FALSE(probes.may_ask(1, 1));
  census.gone(1);
  EXPECT_FALSE(probes.may_ask(0, 2));
}

TEST(Probes, ASessionOverRelaysIsCountedAsSuch) {
  const Census census = row(3);
  Probes probes(census);
  probes.ask(0, 1, settled, false);
  probes.ask(0, 2, settled, false);
  probes.succeeded(0, 1, settled + second);
  probes.succeeded(0, 2, settled + second, 0, true);
  Report report;
  probes.report_connect(report);
  EXPECT_EQ(report.number("connect.attempts"), 2);
  EXPECT_EQ(report.number("connect.relayed"), 1);
  EXPECT_EQ(report.number("connect.p50_ms"), 1000);
}

}  // namespace
}  // namespace membrane::sim
