#include "router.h"

#include <gtest/gtest.h>

#include <set>

#include "side.h"

namespace membrane::test {
namespace {

constexpr Position step = 0x0101'0101'0101'0101;  // from one place to the next

Position place(std::uint8_t who) { return peer_of(who).position(); }

/// We are 100 in a network without a whole map. Places on the ring are the peers' numbers.
struct RouterTest : testing::Test {
  RouterTest() { side.map.adopt_scope(false); }

  /// A link to `who`, which has links to us and to these.
  LinkId neighbour(std::uint8_t who, std::vector<std::uint8_t> others = {}) {
    others.push_back(100);
    side.know(who, others);
    return side.link_up(who).id;
  }
  /// The first step of ours; 0 when there is none.
  LinkId start(std::uint8_t to, bool nearest = false) {
    course = {};
    return id_of(router.start(place(to), nearest, course));
  }
  /// A message of 90's comes in on a link: where it goes.
  LinkId pass_on(LinkId in, std::uint8_t to, std::uint64_t trail = 7, bool nearest = false) {
    course.trail = trail;
    if (course.hops_left == 0) course.hops_left = 20;
    return id_of(router.pass_on(*side.links.find(in), place(90), place(to), nearest, course));
  }
  LinkId returned(LinkId in, std::uint8_t to, std::uint64_t trail = 7) {
    course = {.hops_left = 20, .returned = true};
    return pass_on(in, to, trail);
  }
  LinkId way_back(LinkId in, std::uint8_t to, std::uint64_t trail = 7) {
    return id_of(router.way_back(*side.links.find(in), place(to), trail));
  }
  static LinkId id_of(const Link* link) { return link ? link->id : 0; }

  Side side{100};
  Router& router = side.router;
  Course course;
};

// ---- Greedy -------------------------------------------------------------------------------------

TEST_F(RouterTest, GoesToTheNeighbourNearestToTheGoal) {
  neighbour(110);
  const LinkId nearest = neighbour(120);
  neighbour(80);
  EXPECT_EQ(start(130), nearest);
  EXPECT_EQ(course.closest, 10 * step);
  EXPECT_EQ(course.hops_left, limits::hops_max);
  EXPECT_FALSE(course.returned || course.back);
}

TEST_F(RouterTest, GoesTheShorterWayRoundTheRing) {
  neighbour(130);
  const LinkId below = neighbour(90);
  EXPECT_EQ(start(250), below);
}

TEST_F(RouterTest, GoesToTheOneWhoseNeighbourIsNearer) {
  const LinkId behind = neighbour(80, {128});
  neighbour(120);
  EXPECT_EQ(start(130), behind);
  EXPECT_EQ(course.closest, 2 * step);
}

TEST_F(RouterTest, ANeighboursNeighbourMustBeatEveryNeighbour) {
  neighbour(80, {120, 119});
  const LinkId nearest = neighbour(120);
  EXPECT_EQ(start(130), nearest);
  EXPECT_EQ(course.closest, 10 * step);
}

TEST_F(RouterTest, AsNearAsWeAreIsNoProgress) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  neighbour(90, {120});
  course.closest = ~Position{0};
  EXPECT_EQ(pass_on(in, 110), in);
  EXPECT_TRUE(course.returned);
  course = {};
  EXPECT_EQ(pass_on(in, 111, 8), out);
}

TEST_F(RouterTest, OurOwnMayBeginWithAStepAway) {
  const LinkId away = neighbour(120);
  EXPECT_EQ(start(101), away);
  EXPECT_EQ(course.closest, 19 * step);
}

TEST_F(RouterTest, ItsGoalIsReachedOverItsOwnLinkEvenASuspectOne) {
  const LinkId direct = neighbour(110);
  neighbour(111);
  side.links.suspect(*side.links.find(direct));
  EXPECT_EQ(start(110), direct);
}

TEST_F(RouterTest, ASuspectIsNoStep) {
  const LinkId silent = neighbour(120, {129});
  const LinkId other = neighbour(110);
  side.links.suspect(*side.links.find(silent));
  EXPECT_EQ(start(130), other);
  EXPECT_EQ(course.closest, 20 * step);
}

TEST_F(RouterTest, ASteppingStoneGoesOnToWhatItWasChosenFor) {
  const LinkId in = neighbour(80);
  const LinkId promised = neighbour(60);
  neighbour(101);
  course.closest = 10 * step;  // somebody knows that we know 60; we are 50 from the goal
  EXPECT_EQ(pass_on(in, 50), promised);
  EXPECT_EQ(course.closest, 10 * step);
}

TEST_F(RouterTest, ASteppingStoneWithoutWhatItWasChosenForIsADeadEnd) {
  const LinkId in = neighbour(80);
  neighbour(61);                  // nearer than we are, but not as near as promised
  neighbour(70, {60, 101, 100});  // nor is it enough to know somebody as near
  course.closest = 10 * step;
  EXPECT_EQ(pass_on(in, 50), in);
  EXPECT_TRUE(course.returned);
}

TEST_F(RouterTest, APromiseIsKeptOrOutdoneAtEveryStep) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(70, {51});
  course.closest = 10 * step;
  EXPECT_EQ(pass_on(in, 50), out);
  EXPECT_EQ(course.closest, 1 * step);
}

TEST_F(RouterTest, AMessageNeverStepsToItsSenderOrBehindItsBack) {
  const LinkId in = neighbour(80);
  neighbour(90);  // who sent it
  neighbour(70, {90});
  course.closest = ~Position{0};
  // 90 itself is nearest to 92, and 70 is chosen for nobody's sake.
  EXPECT_EQ(pass_on(in, 92, 7, true), in);
  EXPECT_TRUE(course.returned);
}

TEST_F(RouterTest, ToNextToAPlaceTheOneWhoLivesThereIsAStepLikeAnyOther) {
  const LinkId there = neighbour(130);
  neighbour(120);
  EXPECT_EQ(start(130, true), there);
  EXPECT_EQ(course.closest, 0u);
}

// ---- The whole map ------------------------------------------------------------------------------

TEST_F(RouterTest, WithAWholeMapItTakesTheShortestRouteEvenIfItLeadsAway) {
  side.map.adopt_scope(true);
  const LinkId away = neighbour(20, {130});
  neighbour(129);
  side.know(130, {20});
  EXPECT_EQ(start(130), away);
  EXPECT_TRUE(course.by_map);
  EXPECT_EQ(course.closest, 3u);  // of two hops and two spare ones
}

/// Whoever sent it here sees a shorter route than there is: so it cannot circle.
TEST_F(RouterTest, WithAWholeMapARouteThatIsTooLongIsADeadEnd) {
  side.map.adopt_scope(true);
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(20, {30});
  side.know(30, {20, 40});
  side.know(40, {30, 130});
  side.know(130, {40});
  course = {.hops_left = 20, .by_map = true, .closest = 4};
  EXPECT_EQ(pass_on(in, 130), out);
  EXPECT_EQ(course.closest, 3u);
  course = {.hops_left = 20, .by_map = true, .closest = 3};
  EXPECT_EQ(pass_on(in, 130, 8), in);
  EXPECT_TRUE(course.returned);
}

TEST_F(RouterTest, WhatIsReturnedHasAsManyHopsLeftAsWhenItCame) {
  side.map.adopt_scope(true);
  const LinkId in = neighbour(80);
  const LinkId one = neighbour(20, {130});
  const LinkId other = neighbour(30, {130});
  side.know(130, {20, 30});
  course = {.hops_left = 20, .by_map = true, .closest = 2};
  EXPECT_EQ(pass_on(in, 130), one);
  EXPECT_EQ(returned(one, 130), other);
  EXPECT_EQ(course.closest, 1u);
}

TEST_F(RouterTest, HopsOfAMapMeanNothingToWhoHasNone) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  course = {.hops_left = 20, .by_map = true, .closest = 1};
  EXPECT_EQ(pass_on(in, 130), out);
  EXPECT_FALSE(course.by_map);
  EXPECT_EQ(course.closest, 10 * step);
}

TEST_F(RouterTest, WithAWholeMapItGoesAroundASuspect) {
  side.map.adopt_scope(true);
  const LinkId silent = neighbour(20, {130});
  const LinkId around = neighbour(30, {40});
  side.know(40, {30, 130});
  side.know(130, {20, 40});
  side.links.suspect(*side.links.find(silent));
  EXPECT_EQ(start(130), around);
}

TEST_F(RouterTest, WhoIsInNoMapYetIsSoughtAlongTheRing) {
  side.map.adopt_scope(true);
  neighbour(20);
  const LinkId next_to_it = neighbour(129);
  EXPECT_EQ(start(130), next_to_it);
  EXPECT_EQ(course.closest, step);
}

// ---- Hops ---------------------------------------------------------------------------------------

TEST_F(RouterTest, EachHopIsCountedAndMoreThanAllowedAreCutDown) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  course.hops_left = 255;
  EXPECT_EQ(pass_on(in, 130), out);
  EXPECT_EQ(course.hops_left, limits::hops_max - 1);
  course.hops_left = 1;
  EXPECT_EQ(pass_on(in, 130), 0u);
  EXPECT_EQ(side.rejected(Error::too_far), 1u);
}

// ---- Dead ends ----------------------------------------------------------------------------------

TEST_F(RouterTest, ADeadEndIsReturnedWithOneHopLess) {
  const LinkId in = neighbour(80);
  EXPECT_EQ(pass_on(in, 130), in);
  EXPECT_TRUE(course.returned);
  EXPECT_EQ(course.hops_left, 19);
}

TEST_F(RouterTest, WhatIsReturnedTriesOneOtherWayAndGoesBack) {
  const LinkId in = neighbour(80);
  const LinkId best = neighbour(120);
  const LinkId second = neighbour(110);
  neighbour(105);
  EXPECT_EQ(pass_on(in, 130), best);
  EXPECT_EQ(returned(best, 130), second);
  EXPECT_FALSE(course.returned);
  EXPECT_EQ(course.closest, 20 * step);  // what was promised by the first way counts no more
  EXPECT_EQ(returned(second, 130), in);
  EXPECT_TRUE(course.returned);
}

TEST_F(RouterTest, WhatIsReturnedHasNoOtherWayBackwards) {
  const LinkId in = neighbour(120);  // the nearest to the goal, but it came from there
  const LinkId out = neighbour(115);
  EXPECT_EQ(pass_on(in, 130), out);
  EXPECT_EQ(returned(out, 130), in);
  EXPECT_TRUE(course.returned);
}

TEST_F(RouterTest, OnlyWhoWasSentSomethingCanReturnIt) {
  const LinkId in = neighbour(80);
  const LinkId best = neighbour(120);
  const LinkId liar = neighbour(110);
  EXPECT_EQ(pass_on(in, 130), best);
  EXPECT_EQ(returned(liar, 130), 0u);
  EXPECT_EQ(returned(best, 130, 8), 0u);
  EXPECT_FALSE(course.returned);  // or it would count as ours that failed
  EXPECT_EQ(side.rejected(Error::unknown_request), 2u);
}

TEST_F(RouterTest, OursThatIsReturnedTriesOneOtherWayAndEnds) {
  const LinkId best = neighbour(120);
  const LinkId second = neighbour(110);
  neighbour(105);
  EXPECT_EQ(start(130), best);
  const auto come_back = [&](LinkId in) {
    course.returned = true;
    return id_of(
        router.pass_on(*side.links.find(in), side.context.self, place(130), false, course));
  };
  EXPECT_EQ(come_back(best), second);
  EXPECT_EQ(come_back(second), 0u);
  EXPECT_TRUE(course.returned);
}

TEST_F(RouterTest, WhatComesRoundByAnotherWayIsReturnedAndTheTrailStays) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  const LinkId round = neighbour(70);
  EXPECT_EQ(pass_on(in, 130), out);
  course.closest = ~Position{0};
  EXPECT_EQ(pass_on(round, 130), round);
  EXPECT_TRUE(course.returned);
  EXPECT_EQ(way_back(out, 90), in);
}

TEST_F(RouterTest, WhatComesRoundByTheSameWayIsReturnedAsWell) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  EXPECT_EQ(pass_on(in, 130), out);
  course = {.hops_left = 17};
  EXPECT_EQ(pass_on(in, 130), in);
  EXPECT_TRUE(course.returned);
  EXPECT_EQ(way_back(out, 90), in);
  // One that has come a shorter way is another one; what comes round after it is not.
  course = {.hops_left = 22};
  EXPECT_EQ(pass_on(in, 130), out);
  course = {.hops_left = 20};
  EXPECT_EQ(pass_on(in, 130), in);
}

// ---- Trails -------------------------------------------------------------------------------------

TEST_F(RouterTest, TheNextOfATrailTakesTheSameWay) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  EXPECT_EQ(pass_on(in, 130), out);
  neighbour(129);  // better, but late
  course = {};
  EXPECT_EQ(pass_on(in, 130), out);
  EXPECT_EQ(pass_on(in, 130, 8) == out, false);
  side.links.close(out, Error::closed);
  EXPECT_NE(pass_on(in, 130), 0u);
}

TEST_F(RouterTest, AnAnswerGoesBackTheWayItsQuestionCame) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  ASSERT_EQ(pass_on(in, 130), out);
  EXPECT_EQ(way_back(out, 90), in);
  course = {.hops_left = 20, .back = true, .trail = 7};
  EXPECT_EQ(id_of(router.pass_on(*side.links.find(out), place(130), place(90), false, course)), in);
  EXPECT_TRUE(course.back);
}

TEST_F(RouterTest, AnAnswerFromElsewhereDoesNotFindBack) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  const LinkId liar = neighbour(110);
  ASSERT_EQ(pass_on(in, 130), out);
  EXPECT_EQ(way_back(liar, 90), 0u);    // the question did not go there
  EXPECT_EQ(way_back(out, 91), 0u);     // somebody else asked
  EXPECT_EQ(way_back(out, 90, 8), 0u);  // something else
  side.links.close(in, Error::closed);
  EXPECT_EQ(way_back(out, 90), 0u);
}

TEST_F(RouterTest, ABackMessageWhoseTrailIsLostIsRoutedLikeAnyOther) {
  const LinkId in = neighbour(120);
  const LinkId towards = neighbour(91);
  course = {.hops_left = 20, .back = true, .trail = 7};
  EXPECT_EQ(id_of(router.pass_on(*side.links.find(in), place(130), place(90), false, course)),
            towards);
  EXPECT_FALSE(course.back);
}

TEST_F(RouterTest, NobodyWhoDoesNotKnowATrailCanTurnIt) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  const LinkId liar = neighbour(70);
  ASSERT_EQ(pass_on(in, 130), out);
  for (std::uint64_t guess = 0; guess < 2 * limits::trails_max; ++guess) {
    if (guess != 7 && guess < 100) pass_on(liar, 130, guess);
  }
  // Even who knows it only makes a circle of it, and under another name it is another trail.
  pass_on(liar, 130, 7);
  Course other{.hops_left = 20, .trail = 7};
  router.pass_on(*side.links.find(liar), place(91), place(130), false, other);
  EXPECT_EQ(way_back(out, 90), in);
}

TEST_F(RouterTest, WhatEndedWithUsIsAnsweredAlongItsTrail) {
  const LinkId in = neighbour(80);
  neighbour(91);
  course.trail = 9;
  router.arrived(*side.links.find(in), place(90), course);
  EXPECT_EQ(id_of(router.go_back(place(90), course)), in);
  EXPECT_TRUE(course.back);
  EXPECT_EQ(course.trail, 9u);
  EXPECT_EQ(course.hops_left, limits::hops_max);
}

TEST_F(RouterTest, WithoutItsTrailAnAnswerBeginsOneOfItsOwn) {
  const LinkId towards = neighbour(91);
  course.trail = 9;
  EXPECT_EQ(id_of(router.go_back(place(90), course)), towards);
  EXPECT_FALSE(course.back);
  EXPECT_NE(course.trail, 9u);
}

TEST_F(RouterTest, WhatFollowsOursTakesItsWayWhileItIsThere) {
  const LinkId out = neighbour(120);
  ASSERT_EQ(start(130), out);
  const std::uint64_t trail = course.trail;
  const LinkId better = neighbour(129);
  EXPECT_EQ(id_of(router.follow(place(130), course)), out);
  EXPECT_EQ(course.trail, trail);
  side.links.close(out, Error::closed);
  EXPECT_EQ(id_of(router.follow(place(130), course)), better);
  EXPECT_NE(course.trail, trail);
}

TEST_F(RouterTest, TheOldestTrailsAreForgotten) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  constexpr std::uint64_t more = 10;
  for (std::uint64_t trail = 0; trail < limits::trails_max + more; ++trail) {
    course = {};
    ASSERT_EQ(pass_on(in, 130, trail), out);
  }
  EXPECT_EQ(router.size(), limits::trails_max);
  for (std::uint64_t trail = 0; trail < more; ++trail) EXPECT_EQ(way_back(out, 90, trail), 0u);
  for (std::uint64_t trail = more; trail < limits::trails_max + more; ++trail)
    EXPECT_EQ(way_back(out, 90, trail), in);
}

TEST_F(RouterTest, TrailsThatNobodyFollowsAnyMoreAreForgotten) {
  const LinkId in = neighbour(80);
  const LinkId out = neighbour(120);
  constexpr std::uint64_t many = limits::trails_max + 10;  // the oldest is not the first any more
  for (std::uint64_t trail = 0; trail < many; ++trail) {
    course = {};
    ASSERT_EQ(pass_on(in, 130, trail), out);
  }
  side.context.now += limits::trail_kept_ms - 1;
  course = {};
  ASSERT_EQ(pass_on(in, 130, many), out);
  EXPECT_EQ(way_back(out, 90, many - 1), in);
  EXPECT_EQ(router.size(), limits::trails_max);
  side.context.now += limits::trail_kept_ms - 1;
  course = {};
  ASSERT_EQ(pass_on(in, 130, many + 1), out);
  EXPECT_EQ(router.size(), 2u);
  EXPECT_EQ(way_back(out, 90, many), in);
  EXPECT_EQ(way_back(out, 90, many + 1), in);
}

// ---- First steps --------------------------------------------------------------------------------

TEST_F(RouterTest, ASecondTryBeginsWithSomebodyElse) {
  const LinkId best = neighbour(120);
  const LinkId second = neighbour(110);
  EXPECT_EQ(start(130), best);
  const std::uint64_t trail = course.trail;
  EXPECT_EQ(start(130), second);
  EXPECT_NE(course.trail, trail);
  EXPECT_EQ(start(130), best);  // all have been tried
  EXPECT_EQ(start(130), second);
  EXPECT_EQ(start(140), best);  // another goal
}

TEST_F(RouterTest, AWayThatWorkedIsTakenAgain) {
  const LinkId best = neighbour(120);
  neighbour(110);
  EXPECT_EQ(start(130), best);
  router.worked(place(130));
  EXPECT_EQ(start(130), best);
}

TEST_F(RouterTest, WhatWasTriedIsForgottenAfterAWhile) {
  const LinkId best = neighbour(120);
  neighbour(110);
  EXPECT_EQ(start(130), best);
  side.context.now += limits::tried_ms;
  EXPECT_EQ(start(130), best);
}

TEST_F(RouterTest, OnlySoManyGoalsAreRemembered) {
  const LinkId best = neighbour(120);
  const LinkId second = neighbour(110);
  EXPECT_EQ(start(121), best);
  for (std::uint8_t to = 122; to < 122 + limits::tried_max - 1; ++to) EXPECT_EQ(start(to), best);
  EXPECT_EQ(start(121), second);  // still known
  for (std::uint8_t to = 190; to < 190 + limits::tried_max; ++to) start(to);
  EXPECT_EQ(start(121), best);
}

TEST_F(RouterTest, WhoLivesNextToUsIsAskedOfAnybodyByChance) {
  std::set<LinkId> neighbours;
  for (std::uint8_t who = 10; who < 90; who = static_cast<std::uint8_t>(who + 10))
    neighbours.insert(neighbour(who));
  const LinkId silent = *neighbours.begin();
  side.links.suspect(*side.links.find(silent));
  std::set<LinkId> asked;
  for (int i = 0; i < 200; ++i) {
    side.context.now += limits::tried_ms;
    asked.insert(start(100, true));
  }
  neighbours.erase(silent);
  EXPECT_EQ(asked, neighbours);
}

TEST_F(RouterTest, WithoutLinksThereIsNoWay) {
  EXPECT_EQ(start(130), 0u);
  EXPECT_EQ(start(100, true), 0u);
  EXPECT_EQ(id_of(router.follow(place(130), course)), 0u);
  EXPECT_EQ(id_of(router.go_back(place(130), course)), 0u);
  EXPECT_EQ(router.size(), 0u);
}

}  // namespace
}  // namespace membrane::test
