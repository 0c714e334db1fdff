#include "keeper.h"

#include <gtest/gtest.h>

#include <set>

#include "ring.h"
#include "side.h"

namespace membrane::test {
namespace {

/// We are 100 on a ring of peers whose places are their numbers; 101 is linked to everybody, so
/// that everybody is in the map. Attempts come up, fail or hang as the test says.
struct KeeperTest : testing::Test {
  KeeperTest() {
    connector.hooks = {
        .failed = [this](const PeerId& peer, bool, Error) { keeper.attempt_failed(peer); },
        .late = [](const PeerId&, const Key&) {},
        .agreed = [](const PeerId&) {},
        .offer_failed = [](const PeerId&) {},
        .has_room = [this](const PeerId& peer,
                           bool application) { return keeper.has_room(peer, application); },
        .contact_failed = [](LinkId, bool) {},
    };
    keeper.hooks = {
        .spread = [this](const Statement& statement,
                         ByteView) { spread.push_back(*decode_record(statement.body)); },
        .published = [this] { ++published; },
        .explore = [this](Position place) { explored.push_back(place); },
    };
    side.links.hooks.abandoned = [this](const Link& link, Error reason) {
      connector.link_abandoned(link, reason);
    };
    side.links.hooks.up = [this](Link& link) {
      connector.link_up(link);
      keeper.links_changed(true);
    };
    side.links.hooks.down = [this](const Link& link, Error reason) {
      down.emplace_back(link.peer->bytes[0], reason);
      keeper.links_changed(true);
    };
    side.map.hooks.changed = [this] { keeper.map_changed(); };
  }

  void gather(std::size_t count, std::size_t apart = 1) {
    std::vector<std::uint8_t> everybody{100};
    for (std::size_t i = 2; i < count; ++i)
      everybody.push_back(static_cast<std::uint8_t>(100 + i * apart));
    side.know(101, everybody);
    for (std::size_t i = 2; i < count; ++i) side.know(everybody[i - 1], {101});
    side.link_up(101);
    side.context.now += limits::map_refresh_max_ms;
    side.map.refresh();
  }
  /// Time passes; the offers that are made meanwhile all lead to a link, or all fail, or hang.
  enum class Outcome : std::uint8_t { up, failed, hanging };
  void pass(TimeMs duration_ms, Outcome outcome = Outcome::up) {
    const TimeMs end = side.context.now + duration_ms;
    while (true) {
      const TimeMs next =
          std::min({keeper.next_timeout(), connector.next_timeout(), side.map.next_timeout(), end});
      const TimeMs due = std::max(next, side.context.now);
      side.context.now = due;
      connector.tick();
      keeper.tick();
      settle(outcome);
      side.map.tick();
      side.map.refresh();
      if (due == end && keeper.next_timeout() > end) return;
    }
  }
  void settle(Outcome outcome) {
    for (const OpenConnection& opened : side.all<OpenConnection>()) {
      const Link* link = side.links.find(opened.link);
      if (!link || !dealt_with.insert(opened.link).second) continue;
      dialled.push_back(link->peer->bytes[0]);
      if (outcome == Outcome::up) side.prove(opened.link, link->peer->bytes[0]);
      if (outcome == Outcome::failed) side.links.close(opened.link, Error::refused);
    }
  }
  /// We know our neighbours alone, and look for somebody who lives far away; gives where.
  std::uint8_t explore_far_away() {
    side.map.adopt_scope(false);
    for (const int neighbour : {98, 99, 101, 102}) {
      side.know(static_cast<std::uint8_t>(neighbour), {100});
      side.link_up(static_cast<std::uint8_t>(neighbour));
    }
    pass(limits::map_refresh_around_ms + limits::ring_settle_ms, Outcome::hanging);
    std::erase(explored, side.context.self);
    EXPECT_FALSE(explored.empty());
    EXPECT_LE(explored.size(), limits::ring_attempts_max);
    return static_cast<std::uint8_t>(explored.at(0) >> 56);
  }
  bool is_linked(std::uint8_t who) { return side.links.to(peer_of(who)) != nullptr; }

  Side side{100};
  Envelopes envelopes{side.context, side.links, side.router};
  Connector connector{side.context, side.links, side.map, envelopes};
  Keeper keeper{side.context, side.links, side.map, connector};
  std::vector<Record> spread;
  std::vector<std::pair<std::uint8_t, Error>> down;
  std::vector<std::uint8_t> dialled;
  std::set<LinkId> dealt_with;
  std::vector<Position> explored;
  int published = 0;
};

// ---- Our record ---------------------------------------------------------------------------------

TEST_F(KeeperTest, AloneTheRecordIsWrittenButToldToNobody) {
  keeper.links_changed(true);
  pass(1'000);
  EXPECT_EQ(published, 1);
  EXPECT_TRUE(spread.empty());
  EXPECT_FALSE(keeper.record_is_out());
}

TEST_F(KeeperTest, LinksThatComeUpTogetherShareOneRecord) {
  side.link_up(102);
  side.link_up(103);
  side.link_up(98);
  pass(limits::record_coalesce_min_ms - 1);
  EXPECT_TRUE(spread.empty());
  pass(1);
  ASSERT_EQ(spread.size(), 1u);
  EXPECT_EQ(spread[0].links, (std::vector{peer_of(98).position(), peer_of(102).position(),
                                          peer_of(103).position()}));
  EXPECT_TRUE(keeper.record_is_out());
}

TEST_F(KeeperTest, WithoutLinksTheRecordIsNotOutAnyMore) {
  const LinkId link = side.link_up(102).id;
  pass(100);
  EXPECT_TRUE(keeper.record_is_out());
  side.links.lost(link);
  EXPECT_FALSE(keeper.record_is_out());
}

TEST_F(KeeperTest, RecordsArePaced) {
  side.link_up(102);
  constexpr TimeMs duration_ms = 60'000;
  for (TimeMs passed = 0; passed < duration_ms; passed += 100) {
    keeper.renamed();
    pass(100);
  }
  EXPECT_LE(spread.size(), limits::record_burst + duration_ms / limits::record_interval_min_ms + 1);
  EXPECT_GE(spread.size(), duration_ms / limits::record_interval_max_ms);
}

TEST_F(KeeperTest, TheRecordIsRenewedAtHalfItsLifeAndTheDeadlineIsNeverInThePast) {
  side.link_up(102);
  pass(1'000);
  ASSERT_EQ(spread.size(), 1u);
  pass(limits::record_lifetime_s * 500);
  EXPECT_EQ(spread.size(), 2u);
  pass(limits::record_lifetime_s * 1'000);
  EXPECT_EQ(spread.size(), 4u);
}

TEST_F(KeeperTest, ARecordOfOurLastLifeIsOutbid) {
  side.link_up(102);
  pass(1'000);
  const std::uint64_t ahead = side.context.now + 1'000'000;
  keeper.overtaken(ahead);
  pass(5'000);
  EXPECT_EQ(spread.size(), 2u);
  EXPECT_GT(side.map.sequence_at(side.context.self), ahead);
}

TEST_F(KeeperTest, AFullJobTableDelaysTheRecordAndNoMore) {
  side.link_up(102);
  std::vector<JobId> jobs;
  while (const auto job = side.context.jobs.add(Jobs::Kind::verify, [](bool, ByteView) {}))
    jobs.push_back(*job);
  pass(5'000);
  EXPECT_TRUE(spread.empty());
  EXPECT_GT(side.rejected(Error::full), 0u);
  for (const JobId job : jobs) side.context.jobs.finish(Jobs::Kind::verify, job, true, {});
  pass(20'000);
  EXPECT_EQ(spread.size(), 1u);
}

TEST_F(KeeperTest, MoreLinksThanARecordHoldsAreNotAllNamed) {
  for (std::uint8_t who = 0; who < 99; ++who) side.link_up(who);
  for (std::uint8_t who = 101; who < 120; ++who) side.link_up(who);
  pass(100);
  ASSERT_FALSE(spread.empty());
  EXPECT_EQ(spread.back().links.size(), limits::record_links_max);
}

// ---- Our links ----------------------------------------------------------------------------------

TEST_F(KeeperTest, TheRingNeighboursAreDialledFirstThenLongLinksUpToEnough) {
  gather(40, 6);
  pass(20'000);
  const auto neighbours = ring_neighbours(side.map.ring(), side.context.self);
  ASSERT_EQ(neighbours.size(), 4u);
  for (const Position neighbour : neighbours) EXPECT_NE(side.links.to(neighbour), nullptr);
  EXPECT_EQ(side.links.up().size(), links_to_open_up_to(40));
  EXPECT_TRUE(down.empty());
}

TEST_F(KeeperTest, ASmallNetworkIsFullyMeshed) {
  gather(4);
  pass(20'000);
  EXPECT_EQ(side.links.up().size(), 3u);
  EXPECT_EQ(dialled.size(), 2u);
}

TEST_F(KeeperTest, AfterThatItRests) {
  gather(10);
  pass(20'000);
  const auto before = dialled.size();
  const TimeMs next = keeper.next_timeout();
  EXPECT_GT(next, side.context.now + 600'000);  // the record's renewal
  pass(600'000);
  EXPECT_EQ(dialled.size(), before);
}

TEST_F(KeeperTest, OnlyAFewAreDialledAtOnce) {
  gather(40);
  pass(limits::connect_timeout_ms - 1, Outcome::hanging);
  EXPECT_LE(dialled.size(), limits::ring_attempts_max);
  EXPECT_GT(dialled.size(), 0u);
}

TEST_F(KeeperTest, TheLowerIdDialsAtOnceAndTheHigherWaits) {
  side.know(101, {100, 99});
  side.know(99, {101});
  side.link_up(101);
  side.map.refresh();
  pass(limits::ring_settle_ms);
  EXPECT_TRUE(dialled.empty());  // 99 is lower, and its move
  pass(2 * limits::ring_interval_ms);
  EXPECT_EQ(dialled, std::vector<std::uint8_t>{99});
}

TEST_F(KeeperTest, WhoCannotBeReachedIsLeftAloneLongerAndLonger) {
  gather(3);
  pass(600'000, Outcome::failed);
  // 1.5 to 4.5 s, 3 to 9 s, … up to 450 s: some ten tries in ten minutes.
  EXPECT_GE(dialled.size(), 4u);
  EXPECT_LE(dialled.size(), 12u);
}

TEST_F(KeeperTest, DiallingIsPacedOverall) {
  gather(80);
  pass(60'000, Outcome::failed);
  EXPECT_LE(dialled.size(), limits::ring_open_burst + 60'000 / limits::ring_open_interval_ms + 1);
}

// ---- Without a whole map ------------------------------------------------------------------------

TEST_F(KeeperTest, SomebodyIsAskedNowAndThenWhoLivesNextToUs) {
  side.map.adopt_scope(false);
  side.know(101, {100});
  side.link_up(101);
  pass(20 * limits::ring_check_ms, Outcome::hanging);
  const auto checks = std::count(explored.begin(), explored.end(), side.context.self);
  EXPECT_GE(checks, 13);
  EXPECT_LE(checks, 41);
}

TEST_F(KeeperTest, AndWhoLivesNextToANeighbourThatCannotBeReached) {
  side.map.adopt_scope(false);
  side.know(101, {100, 102});
  side.link_up(101);
  const Position beyond = peer_of(102).position();
  pass(4 * limits::ring_check_ms, Outcome::hanging);
  EXPECT_EQ(std::count(explored.begin(), explored.end(), beyond), 0);
  side.know(102, {101});
  pass(10 * limits::ring_check_ms, Outcome::failed);
  EXPECT_GE(std::count(explored.begin(), explored.end(), beyond), 2);
}

TEST_F(KeeperTest, WhoIsKnownByPlaceAloneIsAskedForOfWhoeverNamesIt) {
  side.map.adopt_scope(false);
  side.know(101, {100, 102});
  side.know(90, {100});
  const LinkId below = side.link_up(90).id;
  const LinkId hub = side.link_up(101).id;
  side.map.refresh();
  pass(2'000);
  EXPECT_TRUE(dialled.empty());
  EXPECT_TRUE(side.sent<Want>(below).empty());
  const auto wants = side.sent<Want>(hub);
  ASSERT_FALSE(wants.empty());
  EXPECT_EQ(wants[0].store, Store::records);
  EXPECT_EQ(wants[0].items, (std::vector<Item>{{peer_of(102).position(), 0}}));
  side.know(102, {101});
  pass(2'000);
  EXPECT_EQ(dialled, std::vector<std::uint8_t>{102});
}

TEST_F(KeeperTest, LongLinksAreExploredFirstAndGoToWhoeverHasNoneNearUs) {
  const std::uint8_t near = explore_far_away();
  const auto who = [near](int offset) { return static_cast<std::uint8_t>(near + offset); };
  side.know(who(-1), {95, who(-3), who(-2), who(0), who(1)});
  side.know(who(0), {95, who(-2), who(-1), who(1), who(2)});
  side.know(who(1), {who(-1), who(0), who(2), who(3)});
  side.know(who(2), {95, who(0), who(1), who(3), who(4)});
  keeper.explored(explored[0]);
  pass(limits::ring_settle_ms, Outcome::hanging);
  ASSERT_FALSE(dialled.empty());
  EXPECT_EQ(dialled[0], who(1));
}

TEST_F(KeeperTest, LongLinksGoToWhoeverHasJustEnoughNotToWhoeverHasMore) {
  const std::uint8_t near = explore_far_away();
  const auto who = [near](int offset) { return static_cast<std::uint8_t>(near + offset); };
  const std::size_t enough = target_degree(side.map.estimate());
  std::vector<std::uint8_t> too_many;
  for (int offset = 2; too_many.size() <= enough; ++offset) too_many.push_back(who(offset));
  std::vector<std::uint8_t> just_enough{95};
  for (int offset = 2; just_enough.size() < enough; ++offset) just_enough.push_back(who(offset));
  side.know(who(0), too_many);
  side.know(who(1), just_enough);
  keeper.explored(explored[0]);
  pass(limits::ring_settle_ms, Outcome::hanging);
  ASSERT_FALSE(dialled.empty());
  EXPECT_EQ(dialled[0], who(1));
}

TEST_F(KeeperTest, ExplorationsThatLeadToNoLinkGoOnMoreAndMoreSlowly) {
  side.map.adopt_scope(false);
  for (const int at : {98, 99, 101, 102}) {
    const auto next_to = [at](int step) { return static_cast<std::uint8_t>(at + step); };
    side.know(next_to(0), {next_to(-2), next_to(-1), next_to(1), next_to(2)});
    side.link_up(next_to(0));
  }
  std::vector<int> seconds;
  const auto pass_a_minute = [&] {
    seconds.clear();
    for (int second = 0; second < 60; ++second) {
      pass(limits::ring_interval_ms, Outcome::hanging);
      std::erase(explored, side.context.self);
      if (!explored.empty()) seconds.push_back(second);
      for (const Position place : std::exchange(explored, {})) keeper.explored(place);
    }
  };
  pass_a_minute();
  EXPECT_GE(seconds.size(), 5u);
  pass_a_minute();
  EXPECT_GE(seconds.size(), 1u);
  EXPECT_LE(seconds.size(), 3u);
  EXPECT_TRUE(dialled.empty());
  side.link_up(103);  // what has changed may have changed for others, too
  pass_a_minute();
  EXPECT_GE(seconds.size(), 5u);
}

// ---- Room ---------------------------------------------------------------------------------------

TEST_F(KeeperTest, RoomEndsAtTheLimitsForRingNeighboursLater) {
  gather(80);
  std::uint8_t who = 150;
  while (side.links.up().size() < links_to_accept_up_to(80)) side.link_up(who++);
  EXPECT_FALSE(keeper.has_room(peer_of(130), false));
  EXPECT_TRUE(keeper.has_room(peer_of(130), true));
  EXPECT_TRUE(keeper.has_room(peer_of(102), false));
  while (side.links.up().size() < limits::links_max) side.link_up(who++);
  EXPECT_TRUE(keeper.has_room(peer_of(102), false));
  while (side.links.up().size() < limits::links_max + 4) side.link_up(who++);
  EXPECT_FALSE(keeper.has_room(peer_of(102), false));
  EXPECT_TRUE(keeper.has_room(peer_of(102), true));
  who = 0;
  while (side.links.up().size() < limits::links_max + limits::application_links_max)
    side.link_up(who++).application = true;
  EXPECT_FALSE(keeper.has_room(peer_of(130), true));
}

TEST_F(KeeperTest, TooManyAreTrimmedTheYoungestFirstNoneOfTheRingNoneOfTheApplication) {
  gather(60);
  for (std::uint8_t who = 120; who < 120 + limits::links_max + 3; ++who) {
    side.know(who, {100, 101});  // there is another way to it
    side.link_up(who).application = who == 120 + limits::links_max + 2;
  }
  side.map.refresh();
  pass(10'000, Outcome::hanging);
  EXPECT_TRUE(down.empty());
  pass(10'000, Outcome::hanging);
  // Above the limit are those three, and 101.
  const std::vector<std::pair<std::uint8_t, Error>> youngest{
      {139, Error::trimmed}, {140, Error::trimmed}, {141, Error::trimmed}};
  EXPECT_EQ(down, youngest);
  std::size_t of_the_ring = 0;
  for (const auto& [position, id] : side.links.up())
    of_the_ring += side.links.find(id)->application ? 0u : 1u;
  EXPECT_EQ(of_the_ring, limits::links_max);
}

/// Others must not send anything over a link that is about to be closed.
TEST_F(KeeperTest, ALinkIsTakenOutOfTheRecordBeforeItIsClosed) {
  gather(60);
  for (std::uint8_t who = 120; who < 120 + limits::links_max; ++who) {
    side.know(who, {100, 101});
    side.link_up(who);
  }
  side.map.refresh();
  const Position leaver = peer_of(120 + limits::links_max - 1).position();
  const auto is_told = [&] {
    const std::vector<Position>& links = spread.back().links;
    return std::binary_search(links.begin(), links.end(), leaver);
  };
  pass(5'000, Outcome::hanging);
  EXPECT_TRUE(is_told());
  while (is_told()) pass(100, Outcome::hanging);
  EXPECT_FALSE(side.links.to(leaver)->is_usable());
  pass(limits::spreading_ms - 200, Outcome::hanging);
  EXPECT_TRUE(down.empty());
  pass(limits::ring_interval_ms + 200, Outcome::hanging);
  EXPECT_FALSE(down.empty());
}

TEST_F(KeeperTest, ALinkThatIsWantedAfterAllStays) {
  gather(60);
  for (std::uint8_t who = 120; who < 120 + limits::links_max; ++who) {
    side.know(who, {100, 101});
    side.link_up(who);
  }
  side.map.refresh();
  const Position leaver = peer_of(120 + limits::links_max - 1).position();
  while (!side.links.to(leaver)->is_leaving()) pass(100, Outcome::hanging);
  side.links.to(leaver)->application = true;
  pass(60'000, Outcome::hanging);
  ASSERT_NE(side.links.to(leaver), nullptr);
  EXPECT_FALSE(side.links.to(leaver)->is_leaving());
  EXPECT_TRUE(std::binary_search(spread.back().links.begin(), spread.back().links.end(), leaver));
}

TEST_F(KeeperTest, ALinkThatItsPeerLeavesOutIsNotUsedAnyMore) {
  gather(60);
  side.know(120, {101});
  side.link_up(120);
  const auto hear = [this](std::vector<std::uint8_t> links) {
    side.know(120, links);
    keeper.record_came(peer_of(120).position());
    return side.links.to(peer_of(120).position())->is_usable();
  };
  EXPECT_TRUE(hear({101})) << "it has not said so yet";
  EXPECT_TRUE(hear({100, 101}));
  EXPECT_FALSE(hear({101}));
  EXPECT_FALSE(hear({101, 102}));
  EXPECT_TRUE(hear({100, 101}));
}

TEST_F(KeeperTest, TheOnlyWayToSomebodyIsNotTrimmed) {
  gather(10);
  for (std::uint8_t who = 150; who < 150 + limits::links_max + 3; ++who) {
    side.know(who, {100});
    side.link_up(who);
  }
  side.map.refresh();
  pass(60'000, Outcome::hanging);
  for (const auto& [who, reason] : down) EXPECT_LT(who, 150);
}

}  // namespace
}  // namespace membrane::test
