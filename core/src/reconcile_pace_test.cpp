#include <gtest/gtest.h>

#include "reconcile.h"
#include "side.h"
#include "states.h"
#include "topics.h"

/// When neighbours compare what they have, and what becomes of what was missing.
namespace membrane::test {
namespace {

/// We are 100, with links to 90, 120 and 130, and have just compared.
struct ReconcilePaceTest : testing::Test {
  ReconcilePaceTest() {
    for (const std::uint8_t who : neighbours) {
      side.know(who, {100});
      links.push_back(side.link_up(who).id);
    }
    reconcile.tick();
    side.forget();
  }

  void pass(TimeMs duration_ms) {
    side.context.now += duration_ms;
    reconcile.tick();
  }
  /// How long until the next comparison; lets it happen.
  TimeMs wait() {
    const TimeMs waited = reconcile.next_timeout() - side.context.now;
    pass(waited);
    EXPECT_EQ(compared(), 1u);
    side.forget();
    return waited;
  }
  /// How many neighbours we compared our messages with.
  std::size_t compared() {
    std::size_t count = 0;
    for (const LinkId link : links) {
      for (const Summary& summary : side.sent<Summary>(link))
        count += summary.store == Store::messages;
    }
    return count;
  }
  /// The names that a neighbour was offered.
  std::vector<Item> offered(LinkId link, Store kind) {
    std::vector<Item> out;
    for (const Have& have : side.sent<Have>(link)) {
      if (have.store == kind) out.insert(out.end(), have.items.begin(), have.items.end());
    }
    return out;
  }
  /// The network becomes one of some 255, of whom we know the neighbours.
  void grow() {
    side.map.adopt_scope(false);
    for (const std::uint8_t who : neighbours)
      side.know(who, {static_cast<std::uint8_t>(who - 2), static_cast<std::uint8_t>(who - 1),
                      static_cast<std::uint8_t>(who + 1), static_cast<std::uint8_t>(who + 2)});
    pace_ms = side.map.estimate() * limits::reconcile_per_peer_ms;
    ASSERT_GT(pace_ms, 2 * limits::reconcile_soon_ms);
    ASSERT_LT(pace_ms, limits::reconcile_idle_ms);
  }

  Side side{100};
  Topics topics{side.context, side.map};
  States states{side.context, side.map};
  Broadcast broadcast{side.context, side.links, side.map, topics, states};
  Reconcile reconcile{side.context, side.links, side.map, broadcast};
  const std::vector<std::uint8_t> neighbours{90, 120, 130};
  std::vector<LinkId> links;
  TimeMs pace_ms = 0;
};

// ---- How often ----------------------------------------------------------------------------------

TEST_F(ReconcilePaceTest, WhileNothingHappensItComparesSeldom) {
  for (int round = 0; round < 3; ++round) EXPECT_EQ(wait(), limits::reconcile_idle_ms);
}

TEST_F(ReconcilePaceTest, WhileStatementsComeInASmallNetworkItComparesSoon) {
  reconcile.came();
  EXPECT_EQ(wait(), limits::reconcile_soon_ms);
}

TEST_F(ReconcilePaceTest, InALargerOneTheMoreRarelyTheLargerItIs) {
  grow();
  reconcile.came();
  EXPECT_EQ(wait(), pace_ms);
  pass(1'000);
  reconcile.came();
  EXPECT_EQ(wait(), pace_ms - 1'000);  // more of them do not put it off
  EXPECT_EQ(wait(), pace_ms);
  EXPECT_EQ(wait(), limits::reconcile_idle_ms);  // they were the last
}

TEST_F(ReconcilePaceTest, AfterALossItComparesSoonForAWhile) {
  grow();
  reconcile.came();
  reconcile.expect_losses();
  for (int round = 0; round < 5; ++round) EXPECT_EQ(wait(), limits::reconcile_soon_ms);
  EXPECT_EQ(wait(), limits::reconcile_idle_ms);
}

TEST_F(ReconcilePaceTest, WhatWasPulledIsALoss) {
  grow();
  reconcile.pulled(Store::messages, {7, 1});
  pass(50);  // it is offered to the others
  side.forget();
  EXPECT_EQ(wait(), limits::reconcile_soon_ms - 50);
}

TEST_F(ReconcilePaceTest, WhoseLinksAreOfNoUseComparesWithNobody) {
  side.links.suspect(*side.links.find(links[0]));
  side.links.find(links[1])->leaves_at = never;
  side.links.find(links[2])->is_left_out = true;
  for (int round = 0; round < 3; ++round) pass(limits::reconcile_idle_ms);
  EXPECT_EQ(compared(), 0u);
}

// ---- What was missing ---------------------------------------------------------------------------

TEST_F(ReconcilePaceTest, WhatWasPulledFromOneIsOfferedToTheOthersByNameAllTogether) {
  reconcile.pulled(Store::messages, {7, 2});
  pass(20);
  reconcile.pulled(Store::messages, {3, 9});
  reconcile.pulled(Store::messages, {7, 1});
  reconcile.pulled(Store::records, {5, 4});
  EXPECT_TRUE(side.all<Send>().empty());
  EXPECT_EQ(reconcile.next_timeout(), side.context.now + 30);
  pass(30);
  for (const LinkId link : {links[1], links[2]}) {
    EXPECT_EQ(side.sent<Have>(link).size(), 2u);
    EXPECT_EQ(offered(link, Store::messages), (std::vector<Item>{{3, 9}, {7, 1}, {7, 2}}));
    EXPECT_EQ(offered(link, Store::records), (std::vector<Item>{{5, 4}}));
  }
  side.forget();
  pass(1'000);
  EXPECT_TRUE(side.all<Send>().empty());
  reconcile.pulled(Store::messages, {8, 8});
  pass(50);
  EXPECT_EQ(offered(links[1], Store::messages), (std::vector<Item>{{8, 8}}));  // each once
}

TEST_F(ReconcilePaceTest, WhatCameByItselfIsOfferedToNobody) {
  reconcile.came();
  pass(1'000);
  EXPECT_TRUE(side.all<Send>().empty());
}

TEST_F(ReconcilePaceTest, OnlyThoseWhoAnswerAndStayAreOffered) {
  side.links.suspect(*side.links.find(links[0]));
  side.links.find(links[1])->leaves_at = never;
  reconcile.pulled(Store::states, {7, 1});
  pass(50);
  EXPECT_TRUE(offered(links[0], Store::states).empty());
  EXPECT_TRUE(offered(links[1], Store::states).empty());
  EXPECT_EQ(offered(links[2], Store::states), (std::vector<Item>{{7, 1}}));
}

TEST_F(ReconcilePaceTest, NoMoreIsOfferedThanFitsIntoAMessage) {
  for (Position origin = 0; origin < want_items_max + 10; ++origin)
    reconcile.pulled(Store::messages, {origin, 1});
  pass(50);
  EXPECT_EQ(offered(links[2], Store::messages).size(), want_items_max);
}

TEST_F(ReconcilePaceTest, WithoutAWholeMapTheRecordsOfOthersAreNobodysNews) {
  grow();
  side.forget();
  reconcile.pulled(Store::records, {5, 4});
  pass(limits::reconcile_soon_ms);
  for (const LinkId link : links) EXPECT_TRUE(offered(link, Store::records).empty());
  reconcile.receive(*side.links.find(links[0]), Have{Store::records, {{5, 4}}});
  EXPECT_TRUE(side.sent<Want>(links[0]).empty());
}

TEST_F(ReconcilePaceTest, WhoIsOfferedAsksForWhatItLacks) {
  reconcile.receive(*side.links.find(links[0]), Have{Store::messages, {{7, 1}, {7, 2}}});
  const auto wants = side.sent<Want>(links[0]);
  ASSERT_EQ(wants.size(), 1u);
  EXPECT_EQ(wants[0].items, (std::vector<Item>{{7, 1}, {7, 2}}));
  const Item known{peer_of(90).position(), side.map.sequence_at(peer_of(90).position())};
  reconcile.receive(*side.links.find(links[1]), Have{Store::records, {known}});
  EXPECT_TRUE(side.sent<Want>(links[1]).empty());
}

}  // namespace
}  // namespace membrane::test
