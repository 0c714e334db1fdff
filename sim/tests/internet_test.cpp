#include "internet.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace membrane::sim {
namespace {

TEST(Internet, RoundTripsAreThoseOfTheInternet) {
  const Internet internet({.seed = 3});
  std::vector<TimeUs> trips;
  for (PeerIndex a = 0; a < 200; ++a) {
    for (PeerIndex b = 0; b < a; ++b) {
      EXPECT_EQ(internet.base_us(a, b), internet.base_us(b, a));
      trips.push_back(2 * internet.base_us(a, b));
    }
  }
  std::sort(trips.begin(), trips.end());
  EXPECT_GE(trips.front(), 10'000u);
  EXPECT_LE(trips.back(), 400'000u);
  const TimeUs median = trips[trips.size() / 2];
  EXPECT_GE(median, 60'000u);
  EXPECT_LE(median, 200'000u);
}

TEST(Internet, NoWayIsShorterThanTheShortest) {
  for (const std::uint64_t latency_ms : {0u, 7u}) {
    const Internet internet({.seed = 3, .latency_ms = latency_ms});
    TimeUs shortest = internet.server_us(0);
    for (PeerIndex a = 0; a < 300; ++a) {
      shortest = std::min(shortest, internet.server_us(a));
      for (PeerIndex b = 0; b < a; ++b) shortest = std::min(shortest, internet.base_us(a, b));
    }
    EXPECT_GE(shortest, internet.shortest_us());
    EXPECT_LE(shortest, 2 * internet.shortest_us());
  }
}

TEST(Internet, AMessageTakesAtLeastItsWayAndSeldomMuchLonger) {
  const Internet internet({.seed = 3});
  Random random(1);
  const TimeUs base = internet.base_us(4, 5);
  TimeUs sum = 0;
  for (int i = 0; i < 1'000; ++i) {
    const TimeUs delay = internet.delay_us(4, 5, random);
    EXPECT_GE(delay, base);
    EXPECT_LE(delay, base + base / 10 + 31'000);
    sum += delay;
  }
  EXPECT_LE(sum / 1'000, base + base / 10);
}

TEST(Internet, AFixedLatencyHasNoChanceInIt) {
  const Internet internet({.seed = 3, .latency_ms = 50});
  Random random(1);
  for (PeerIndex peer = 1; peer < 50; ++peer)
    EXPECT_EQ(internet.delay_us(0, peer, random), 50'000u);
}

TEST(Internet, AsManyPairsAsSaidCannotConnectAndItIsMutual) {
  const Internet internet({.seed = 9, .nat_per_mille = 300});
  int blocked = 0;
  for (PeerIndex a = 0; a < 200; ++a) {
    for (PeerIndex b = 0; b < a; ++b) {
      EXPECT_EQ(internet.may_connect(a, b), internet.may_connect(b, a));
      blocked += internet.may_connect(a, b) ? 0 : 1;
    }
  }
  EXPECT_NEAR(blocked / (200.0 * 199 / 2), 0.3, 0.02);
}

TEST(Internet, AWallPartsSidesAndMayKeepTheServer) {
  Internet internet({});
  EXPECT_TRUE(internet.passes(0, 1));
  internet.raise_wall({0, 1}, std::nullopt);
  EXPECT_FALSE(internet.passes(0, 1));
  EXPECT_TRUE(internet.passes(0, 7)) << "who comes later is on side 0";
  EXPECT_TRUE(internet.reaches_server(1));
  internet.raise_wall({0, 1}, 0);
  EXPECT_FALSE(internet.reaches_server(1));
  EXPECT_TRUE(internet.reaches_server(0));
  internet.fell_wall();
  EXPECT_TRUE(internet.passes(0, 1));
  EXPECT_TRUE(internet.reaches_server(1));
}

}  // namespace
}  // namespace membrane::sim
