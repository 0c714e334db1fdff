#include <gtest/gtest.h>

#include <algorithm>

#include "membrane/limits.h"
#include "network.h"
#include "sdp.h"

/// Networks that have parted, or were never one, find each other through the first-contact server,
/// and a network that is whole hardly troubles it.
namespace membrane::test {
namespace {

using Index = Network::Index;

constexpr TimeMs hour_ms = 3'600'000;

/// Between the first so many and all others nothing comes through; the server hears both sides.
void build_wall(Network& network, std::size_t behind) {
  const auto crosses = [behind](Index a, Index b) { return (a < behind) != (b < behind); };
  network.may_connect = [crosses](Index a, Index b) { return !crosses(a, b); };
  network.tamper_frame = [crosses](Index a, Index b, Channel, Bytes&) { return !crosses(a, b); };
}

void fell_wall(Network& network) {
  network.may_connect = nullptr;
  network.tamper_frame = nullptr;
}

/// Looks every tenth of a second; whether it is so within the limit.
bool comes_true(Network& network, TimeMs limit_ms, const std::function<bool()>& holds) {
  for (TimeMs waited = 0; waited < limit_ms && !holds(); waited += 100) network.run_for(100);
  return holds();
}

bool become_one(Network& network, TimeMs limit_ms) {
  return comes_true(network, limit_ms, [&] { return network.maps_agree(); });
}

/// A network whose members have their maps and links.
void settle(Network& network, std::size_t count) {
  network.add_many(count, 20);
  network.run_for(10'000);
  ASSERT_TRUE(become_one(network, 30'000));
}

/// What has gone to nominees since this was made.
struct Nominations {
  explicit Nominations(Network& network) {
    network.on_nominated = [this](Index asker, Index, const std::string& sdp) {
      ++count;
      if (askers.empty() || askers.back() != asker) askers.push_back(asker);
      known.push_back(sdp_known(sdp));
    };
  }
  std::size_t count = 0;
  std::vector<Index> askers;
  std::vector<std::optional<Position>> known;
};

class Parted : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Parted, HalvesAreOneAgainSoonAfterTheWallHasFallen) {
  for (const std::size_t half : {2u, 10u, 25u}) {
    Network network({.seed = GetParam()});
    settle(network, 2 * half);
    build_wall(network, half);
    network.run_for(60'000);
    ASSERT_EQ(network.node(0).peers().size(), half);
    ASSERT_EQ(network.node(half).peers().size(), half);
    fell_wall(network);
    EXPECT_TRUE(become_one(network, 60'000)) << half;
  }
}

TEST_P(Parted, AFewWhoAreCutOffFindTheManyAgain) {
  Network network({.seed = GetParam()});
  settle(network, 40);
  build_wall(network, 3);
  network.run_for(60'000);
  ASSERT_LE(network.node(0).peers().size(), 3u);  // or fewer, when they had no links to each other
  fell_wall(network);
  EXPECT_TRUE(become_one(network, 60'000));
}

/// Most survivors have lost most of their links; some are left in twos and threes.
TEST_P(Parted, TheSurvivorsOfACrashOfFourInFiveAreOneNetwork) {
  Network network({.seed = GetParam()});
  settle(network, 80);
  for (Index peer = 0; peer < 80; ++peer) {
    if (peer % 5 != GetParam() % 5) network.crash(peer);
  }
  EXPECT_TRUE(become_one(network, 60'000));
}

/// Newcomers come to a restarted server before the members do, and begin a network of their own.
TEST_P(Parted, ARestartedServerBringsOldMembersAndNewcomersTogether) {
  Network network({.seed = GetParam()});
  settle(network, 4);
  network.stop_server();
  network.run_for(5'000);
  network.back_after_ms = [](Index peer) -> TimeMs { return peer < 4 ? 3'000 : 0; };
  network.start_server();
  network.run_for(100);
  network.add_many(3, 20);
  network.run_for(2'000);
  ASSERT_EQ(network.node(4).peers().size(), 3u);
  ASSERT_EQ(network.node(0).peers().size(), 4u);
  EXPECT_TRUE(become_one(network, 15'000));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Parted, testing::Range<std::uint64_t>(1, 4));

TEST(PartedNetworks, WithoutTheServerTheyStayApart) {
  Network network;
  settle(network, 10);
  build_wall(network, 5);
  network.run_for(120'000);
  network.stop_server();
  fell_wall(network);
  EXPECT_FALSE(become_one(network, 300'000));
  network.start_server();
  EXPECT_TRUE(become_one(network, 15'000));
}

/// Each try costs both sides a connection, of the 500 that a browser's tab has.
TEST(PartedNetworks, ThoseThatCannotConnectTryEverMoreRarely) {
  Network network;
  settle(network, 4);
  build_wall(network, 2);
  network.run_for(hour_ms);
  std::vector<std::uint64_t> before;
  for (Index peer = 0; peer < 4; ++peer) before.push_back(network.connections_made(peer));
  network.run_for(hour_ms);
  for (Index peer = 0; peer < 4; ++peer) {
    const std::uint64_t made = network.connections_made(peer) - before[peer];
    EXPECT_LE(made, 3 * hour_ms / limits::contact_look_failed_max_ms);
    EXPECT_EQ(network.counter(peer, "attempts"), 0u);
  }
}

TEST(WholeNetwork, AsksItsServerOnceInAWhileHoweverLargeItIs) {
  for (const std::size_t size : {30u, 60u}) {
    Network network;
    settle(network, size);
    network.run_for(limits::contact_look_per_peer_ms * size);
    network.forget_seen();
    std::vector<std::uint64_t> before;
    for (Index peer = 0; peer < size; ++peer) before.push_back(network.connections_made(peer));
    Nominations nominations(network);
    network.run_for(600'000);
    EXPECT_GE(nominations.askers.size(), 600'000 / limits::contact_look_per_peer_ms / 2) << size;
    EXPECT_LE(nominations.askers.size(), 600'000 / limits::contact_look_per_peer_ms * 3 / 2);
    for (Index peer = 0; peer < size; ++peer) {
      EXPECT_TRUE(network.seen<LinkUp>(peer).empty());
      EXPECT_LE(network.connections_made(peer), before[peer] + 1);  // kept ready
    }
  }
}

TEST(WholeNetwork, NamesAMemberToTheServerAndNeverTheAsker) {
  Network network;
  settle(network, 8);
  std::size_t itself = 0;
  std::size_t unknown = 0;
  std::size_t asked = 0;
  network.on_nominated = [&](Index asker, Index, const std::string& sdp) {
    ++asked;
    const auto known = sdp_known(sdp);
    bool found = false;
    for (Index peer = 0; peer < 8 && known; ++peer)
      found = found || network.id(peer).position() == *known;
    if (!found) ++unknown;
    if (known == network.id(asker).position()) ++itself;
  };
  network.run_for(hour_ms);
  EXPECT_GT(asked, 300u);
  EXPECT_EQ(itself, 0u);
  EXPECT_EQ(unknown, 0u);
}

TEST(WholeNetwork, NewcomersAndThoseWhoLostEverybodyNameNobody) {
  Network network;
  Nominations nominations(network);
  network.add_many(3, 100);
  network.run_for(2'000);
  EXPECT_GE(nominations.count, 2u);
  // Two of three vanish from the third one's sight, which may then meet anybody.
  build_wall(network, 1);
  network.run_for(limits::silence_max_ms + 1'000);
  fell_wall(network);
  EXPECT_TRUE(become_one(network, 30'000));
  const Position alone = network.id(0).position();
  EXPECT_EQ(std::count(nominations.known.begin(), nominations.known.end(), alone), 0);
}

/// A peer that comes back has its last life in everybody's map, and is let in all the same.
TEST(WholeNetwork, WhoComesBackIsNotTakenForItsLastLife) {
  Network network;
  settle(network, 5);
  network.crash(2);
  const Index back = network.restart(2);
  EXPECT_TRUE(
      network.run_until([&] { return network.node(back).state() == State::joined; }, 1'000));
}

/// The server may write into offers what it likes: it can keep somebody out, as it always can, and
/// nothing else.
TEST(WholeNetwork, AServerThatForgesWhatOffersSayHarmsNobodyInside) {
  Network network;
  settle(network, 5);
  const Position member = network.id(0).position();
  network.tamper_contact = [&](std::string& sdp) { sdp = sdp_with_known(sdp, member); };
  const Index outside = network.add("outside");
  network.run_for(60'000);
  EXPECT_EQ(network.node(outside).state(), State::joining);
  EXPECT_LE(network.connections_made(outside), 2u);
  EXPECT_GT(network.rejected(1, Error::refused), 0u);
  network.tamper_contact = [](std::string& sdp) { sdp += "a=membrane-knows:everybody\r\n"; };
  EXPECT_TRUE(become_one(network, 30'000));
}

}  // namespace
}  // namespace membrane::test
