#include <gtest/gtest.h>

#include "membrane/limits.h"
#include "network.h"

/// Connecting on the application's wish: every wish ends in time, one way or the other.
namespace membrane::test {
namespace {

using Index = Network::Index;

Error connect(Network& network, Index from, const PeerId& to, bool session) {
  Error error = Error::none;
  network.feed(from, [&](Node& node, TimeMs now) { error = node.connect(now, to, session); });
  return error;
}

bool linked(Network& network, Index a, Index b) {
  const auto has = [&](Index at, Index other) {
    const auto links = network.node(at).links();
    return std::count(links.begin(), links.end(), network.id(other)) == 1;
  };
  return has(a, b) && has(b, a);
}

/// Two peers of the network that have no link yet.
std::pair<Index, Index> strangers(Network& network) {
  for (Index a = 0; a < network.size(); ++a) {
    for (Index b = a + 1; b < network.size(); ++b) {
      if (!linked(network, a, b)) return {a, b};
    }
  }
  ADD_FAILURE() << "everybody is linked to everybody";
  return {0, 0};
}

/// How many wishes of this peer have come to an end.
std::size_t outcomes(const Network& network, Index peer) {
  return network.seen<Connected>(peer).size() + network.seen<SessionOpened>(peer).size() +
         network.seen<ConnectFailed>(peer).size();
}

/// Sixteen peers at rest, so that some have no link to each other.
struct Connect : testing::Test {
  Network network;

  void SetUp() override { settle(); }
  void settle() {
    network.add_many(16);
    network.run_for(20'000);
    network.forget_seen();
  }
};

TEST_F(Connect, OwnIdentityIsAnInvalidArgument) {
  EXPECT_EQ(connect(network, 0, network.id(0), true), Error::invalid_argument);
}

TEST_F(Connect, SomebodyUnknownIsUnreachableAsSoonAsThoseAtThePlaceHaveSaidSo) {
  PeerId nobody;
  nobody.bytes.fill(7);
  EXPECT_EQ(connect(network, 0, nobody, true), Error::none);
  EXPECT_TRUE(network.run_until([&] { return outcomes(network, 0) == 1; }, 1'000));
  const auto failed = network.seen<ConnectFailed>(0);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].peer, nobody);
  EXPECT_TRUE(failed[0].session);
  EXPECT_EQ(failed[0].reason, Error::unreachable);
}

TEST_F(Connect, ANewcomerReachesSomebodyWhomItsMapLacksYet) {
  const Index newcomer = network.add();
  ASSERT_TRUE(network.run_until([&] { return !network.node(newcomer).links().empty(); }, 5'000));
  const std::vector<PeerId> known = network.node(newcomer).peers();
  Index stranger = 0;
  while (stranger < newcomer && std::count(known.begin(), known.end(), network.id(stranger)) != 0)
    ++stranger;
  ASSERT_LT(stranger, newcomer) << "the map is whole already: nothing is tried here";
  EXPECT_EQ(connect(network, newcomer, network.id(stranger), true), Error::none);
  EXPECT_TRUE(network.run_until([&] { return outcomes(network, newcomer) != 0; }, 1'000));
  EXPECT_EQ(network.seen<SessionOpened>(newcomer).size(), 1u);
}

TEST_F(Connect, AStrangerIsConnectedThroughRelaysAlone) {
  const auto [a, b] = strangers(network);
  network.stop_server();
  EXPECT_EQ(connect(network, a, network.id(b), false), Error::none);
  EXPECT_TRUE(network.run_until([&, a = a] { return !network.seen<Connected>(a).empty(); }, 500));
  EXPECT_TRUE(linked(network, a, b));
}

TEST_F(Connect, AWishForALinkThatExistsIsFulfilledAtOnce) {
  const PeerId neighbour = network.node(0).links().front();
  EXPECT_EQ(connect(network, 0, neighbour, false), Error::none);
  EXPECT_EQ(network.seen<Connected>(0).size(), 1u);
}

TEST_F(Connect, ARefusingApplicationEndsTheWishAsRefused) {
  const auto [a, b] = strangers(network);
  network.on_asked = [](Index, const Asked&) { return false; };
  connect(network, a, network.id(b), true);
  EXPECT_TRUE(network.run_until([&, a = a] { return outcomes(network, a) == 1; }, 500));
  ASSERT_EQ(network.seen<ConnectFailed>(a).size(), 1u);
  EXPECT_EQ(network.seen<ConnectFailed>(a)[0].reason, Error::refused);
  EXPECT_EQ(network.seen<Asked>(b).size(), 1u);
}

TEST_F(Connect, ARefusedSessionOverALinkLeavesTheLink) {
  network.on_asked = [](Index, const Asked&) { return false; };
  const PeerId neighbour = network.node(0).links().front();
  connect(network, 0, neighbour, true);
  EXPECT_TRUE(network.run_until([&] { return outcomes(network, 0) == 1; }, 500));
  EXPECT_EQ(network.seen<ConnectFailed>(0).at(0).reason, Error::refused);
  EXPECT_EQ(network.node(0).links().front(), neighbour);
}

TEST_F(Connect, APairThatCannotConnectIsToldWithinTheLimit) {
  const auto [a, b] = strangers(network);
  network.may_connect = [](Index, Index) { return false; };
  connect(network, a, network.id(b), false);
  EXPECT_TRUE(network.run_until([&, a = a] { return outcomes(network, a) == 1; },
                                limits::connect_timeout_ms + 100));
  EXPECT_EQ(network.seen<ConnectFailed>(a).at(0).reason, Error::timed_out);
  EXPECT_EQ(network.counter(a, "attempts"), 0u);
}

TEST_F(Connect, CrossingWishesThatCannotConnectBothEnd) {
  const auto [a, b] = strangers(network);
  network.may_connect = [](Index, Index) { return false; };
  connect(network, a, network.id(b), false);
  connect(network, b, network.id(a), true);
  network.run_for(2 * limits::connect_timeout_ms + 1'000);
  EXPECT_EQ(network.seen<ConnectFailed>(a).size(), 1u);
  EXPECT_TRUE(network.seen<ConnectFailed>(b).empty());
  ASSERT_EQ(network.seen<SessionOpened>(b).size(), 1u);
  EXPECT_TRUE(network.seen<SessionOpened>(b)[0].relayed);
}

TEST_F(Connect, AWishThatMeetsTheOthersFailingOfferEnds) {
  const auto [a, b] = strangers(network);
  network.may_connect = [](Index, Index) { return false; };
  connect(network, a, network.id(b), false);
  network.run_for(200);  // the offer has arrived
  connect(network, b, network.id(a), false);
  network.run_for(2 * limits::connect_timeout_ms + 1'000);
  EXPECT_EQ(outcomes(network, b), 1u);
}

TEST_F(Connect, CrossingWishesWithRefusingApplicationsBothEnd) {
  const auto [a, b] = strangers(network);
  network.on_asked = [](Index, const Asked&) { return false; };
  connect(network, a, network.id(b), true);
  connect(network, b, network.id(a), true);
  network.run_for(2 * limits::connect_timeout_ms + 1'000);
  EXPECT_EQ(outcomes(network, a), 1u);
  EXPECT_EQ(outcomes(network, b), 1u);
}

TEST_F(Connect, CrossingWishesGiveOneLinkAndOneSession) {
  const auto [a, b] = strangers(network);
  connect(network, a, network.id(b), true);
  connect(network, b, network.id(a), true);
  network.run_for(2'000);
  EXPECT_TRUE(linked(network, a, b));
  EXPECT_EQ(network.seen<SessionOpened>(a).size(), 1u);
  EXPECT_EQ(network.seen<SessionOpened>(b).size(), 1u);
  EXPECT_EQ(network.seen<ConnectFailed>(a).size() + network.seen<ConnectFailed>(b).size(), 0u);
}

TEST_F(Connect, ManyPairsAtTheSameTimeEachEndWithOneLink) {
  for (Index a = 0; a < network.size(); ++a) {
    for (const std::size_t step : {3u, 5u, 13u})
      connect(network, a, network.id((a + step) % network.size()), a % 2 == 0);
  }
  network.run_for(10'000);
  for (Index a = 0; a < network.size(); ++a) {
    EXPECT_EQ(network.seen<ConnectFailed>(a).size(), 0u) << a;
    for (const std::size_t step : {3u, 5u, 13u})
      EXPECT_TRUE(linked(network, a, (a + step) % network.size())) << a << " +" << step;
  }
  EXPECT_TRUE(network.maps_agree());
}

TEST_F(Connect, WhoVanishesWhileBeingAskedCostsOneTimelyFailure) {
  const auto [a, b] = strangers(network);
  network.crash(b);
  connect(network, a, network.id(b), true);
  EXPECT_TRUE(network.run_until([&, a = a] { return outcomes(network, a) == 1; },
                                limits::connect_timeout_ms + 100));
}

TEST_F(Connect, AnApplicationThatNeverAnswersCostsOneTimelyFailure) {
  const auto [a, b] = strangers(network);
  network.on_asked = [](Index, const Asked&) { return std::nullopt; };
  connect(network, a, network.id(b), true);
  network.run_for(limits::asked_timeout_ms + limits::connect_timeout_ms);
  EXPECT_EQ(outcomes(network, a), 1u);
  EXPECT_EQ(network.counter(b, "attempts"), 0u);
}

TEST(ConnectLimits, ApplicationLinksEndAtTheirLimitAndTheMapStaysWhole) {
  Network network;
  const std::size_t count = limits::links_max + limits::application_links_max + 8;
  network.add_many(count, 10);
  network.run_for(20'000);
  network.forget_seen();
  for (Index peer = 1; peer < network.size(); ++peer) {
    connect(network, 0, network.id(peer), false);
    network.run_for(200);
  }
  network.run_for(20'000);
  EXPECT_EQ(outcomes(network, 0), count - 1);
  EXPECT_FALSE(network.seen<ConnectFailed>(0).empty());
  for (const ConnectFailed& failed : network.seen<ConnectFailed>(0))
    EXPECT_EQ(failed.reason, Error::full);
  EXPECT_GE(network.node(0).links().size(), limits::application_links_max);
  EXPECT_LE(network.node(0).links().size(), limits::record_links_max);
  EXPECT_TRUE(network.maps_agree());
}

TEST(AskLinks, TheApplicationIsAskedBeforeEachLink) {
  Network network({.ask_links = true});
  network.add_many(10);
  network.run_for(20'000);
  EXPECT_TRUE(network.maps_agree());
  std::size_t asked = 0;
  for (Index peer = 0; peer < network.size(); ++peer) {
    for (const Asked& question : network.seen<Asked>(peer)) asked += question.session ? 0u : 1u;
  }
  EXPECT_GT(asked, 0u);
}

TEST(AskLinks, WhoRefusesAllLinksStaysReachableOverItsFirst) {
  Network network({.ask_links = true});
  network.add_many(10);
  network.on_asked = [](Index at, const Asked&) { return at != 10; };
  network.add("shy");
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 20'000));
}

}  // namespace
}  // namespace membrane::test
