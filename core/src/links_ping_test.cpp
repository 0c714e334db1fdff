#include <gtest/gtest.h>

#include "links.h"
#include "side.h"

/// Which links are pinged when.
namespace membrane::test {
namespace {

/// We are 1. Everybody is heard once, when its link comes up.
struct PingTest : testing::Test {
  /// A link that is last heard so long after the start.
  LinkId link_at(std::uint8_t who, TimeMs after_ms) {
    side.context.now = start + after_ms;
    const LinkId link = side.link_up(who).id;
    answer(link);
    side.forget();
    return link;
  }
  void answer(LinkId link) { side.links.received(link, Channel::control, encode_message(Pong{0})); }
  void tick_at(TimeMs after_ms) {
    side.context.now = start + after_ms;
    side.links.tick();
  }
  std::size_t pings(LinkId link) { return side.sent<Ping>(link).size(); }

  Side side;
  const TimeMs start = side.context.now;
};

TEST_F(PingTest, WhoIsDueSoonIsPingedTogetherWithWhoIsDue) {
  const LinkId due = link_at(2, 0);
  const LinkId soon = link_at(3, limits::ping_early_ms);
  const LinkId later = link_at(4, limits::ping_early_ms + 1);
  tick_at(limits::ping_after_ms);
  EXPECT_EQ(pings(due), 1u);
  EXPECT_EQ(pings(soon), 1u);
  EXPECT_EQ(pings(later), 0u);
  tick_at(limits::ping_after_ms + limits::ping_early_ms + 1);
  EXPECT_EQ(pings(due), 1u);  // still not answered
  EXPECT_EQ(pings(soon), 1u);
  EXPECT_EQ(pings(later), 1u);
}

TEST_F(PingTest, NobodyIsPingedEarlyAlone) {
  const LinkId first = link_at(2, 0);
  const LinkId second = link_at(3, 100);
  tick_at(limits::ping_after_ms - 1);
  EXPECT_EQ(pings(first) + pings(second), 0u);
  EXPECT_EQ(side.links.next_timeout(), start + limits::ping_after_ms);
}

TEST_F(PingTest, ASuspectIsNotPingedTogetherWithOthers) {
  const LinkId suspect = link_at(2, 100);
  side.links.suspect(*side.links.find(suspect));
  side.links.find(suspect)->ping_sent = 0;  // answered, and nothing heard since
  side.forget();
  const LinkId due = link_at(3, 100);
  tick_at(limits::ping_after_ms + 100);
  EXPECT_EQ(pings(due), 1u);
  EXPECT_EQ(pings(suspect), 0u);
}

TEST_F(PingTest, WhoWasPingedEarlyIsDueAsLateAsEverybodyAfterItsAnswer) {
  const LinkId due = link_at(2, 0);
  const LinkId soon = link_at(3, 300);
  tick_at(limits::ping_after_ms);
  for (const LinkId link : {due, soon}) {
    ASSERT_EQ(pings(link), 1u);
    answer(link);
  }
  side.forget();
  tick_at(2 * limits::ping_after_ms - 1);
  EXPECT_EQ(pings(due) + pings(soon), 0u);
  tick_at(2 * limits::ping_after_ms);
  EXPECT_EQ(pings(due), 1u);
  EXPECT_EQ(pings(soon), 1u);
}

}  // namespace
}  // namespace membrane::test
