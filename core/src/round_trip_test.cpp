#include "round_trip.h"

#include <gtest/gtest.h>

#include "membrane/limits.h"

namespace membrane::test {
namespace {

TEST(RoundTrip, BeforeTheFirstMeasurementNothingIsKnown) {
  const RoundTrip round_trip;
  EXPECT_FALSE(round_trip.is_known());
  EXPECT_EQ(round_trip.mean_ms(), 0u);
  EXPECT_EQ(round_trip.patience_ms(), limits::patience_unknown_ms);
}

/// RFC 6298, section 2.2: the mean is the sample, the deviation half of it.
TEST(RoundTrip, TheFirstMeasurementIsTakenWithSuspicion) {
  RoundTrip round_trip;
  round_trip.note(400);
  EXPECT_EQ(round_trip.mean_ms(), 400u);
  EXPECT_EQ(round_trip.patience_ms(), 400u + 4 * 200);
}

/// RFC 6298, section 2.3, by hand: deviation 3/4 * 200 + 1/4 * 200, mean 7/8 * 400 + 1/8 * 600.
TEST(RoundTrip, FurtherOnesAreSmoothed) {
  RoundTrip round_trip;
  round_trip.note(400);
  round_trip.note(600);
  EXPECT_EQ(round_trip.mean_ms(), 425u);
  EXPECT_EQ(round_trip.patience_ms(), 425u + 4 * 200);
}

TEST(RoundTrip, ASteadyLinkIsStillGivenTwiceItsTime) {
  RoundTrip round_trip;
  for (int i = 0; i < 100; ++i) round_trip.note(400);
  EXPECT_EQ(round_trip.mean_ms(), 400u);
  EXPECT_EQ(round_trip.patience_ms(), 800u);
}

/// Answers that take 100 and 300 ms in turns are never late.
TEST(RoundTrip, JitterIsNotLateness) {
  RoundTrip round_trip;
  for (int i = 0; i < 100; ++i) {
    round_trip.note(i % 2 == 0 ? 100 : 300);
    EXPECT_GT(round_trip.patience_ms(), 300u);
  }
}

TEST(RoundTrip, PatienceHasBounds) {
  RoundTrip quick;
  quick.note(0);
  EXPECT_TRUE(quick.is_known());
  EXPECT_EQ(quick.patience_ms(), limits::patience_min_ms);
  RoundTrip slow;
  slow.note(~TimeMs{0});
  EXPECT_EQ(slow.mean_ms(), limits::patience_max_ms);
  EXPECT_EQ(slow.patience_ms(), limits::patience_max_ms);
}

}  // namespace
}  // namespace membrane::test
