#include <gtest/gtest.h>

#include <cstdio>

#include "membrane/limits.h"
#include "network.h"

/// Many peers: bursts, and what an idle network costs.
namespace membrane::test {
namespace {

using Index = Network::Index;

std::size_t links_of_all(Network& network, const std::vector<Index>& living) {
  std::size_t sum = 0;
  for (const Index peer : living) {
    const std::size_t links = network.node(peer).links().size();
    EXPECT_LE(links, limits::links_max) << peer;
    sum += links;
  }
  return sum;
}

TEST(Crowd, AHundredAtOnceAreOneNetworkWithAClosedRing) {
  Network network;
  const auto peers = network.add_many(100, 0);
  network.run_for(20'000);
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 20'000));
  EXPECT_TRUE(network.ring_is_closed(peers));
  links_of_all(network, peers);
}

TEST(Crowd, HalfOfSixtyVanishAndTheRestCloseTheRing) {
  Network network;
  const auto peers = network.add_many(60, 50);
  network.run_for(20'000);
  std::vector<Index> living;
  for (const Index peer : peers) {
    if (peer % 2 == 0)
      network.crash(peer);
    else
      living.push_back(peer);
  }
  network.run_for(60'000);
  EXPECT_TRUE(network.maps_agree());
  EXPECT_TRUE(network.ring_is_closed(living));
}

TEST(Crowd, AtRestForTenMinutesNothingGrows) {
  Network network;
  const auto peers = network.add_many(100, 50);
  network.run_for(60'000);
  ASSERT_TRUE(network.maps_agree());
  ASSERT_TRUE(network.ring_is_closed(peers));
  const auto tables = [&] {
    std::vector<std::uint64_t> out;
    for (const Index peer : peers) {
      for (const char* table :
           {"peers", "links", "attempts", "sessions", "messages kept", "crypto jobs"})
        out.push_back(network.counter(peer, table));
    }
    return out;
  };
  const auto before = tables();
  const std::uint64_t bytes = network.bytes_carried;
  constexpr TimeMs duration_ms = 600'000;
  network.run_for(duration_ms);
  EXPECT_EQ(tables(), before);
  EXPECT_TRUE(network.maps_agree());
  EXPECT_TRUE(network.ring_is_closed(peers));
  const std::uint64_t bytes_per_s =
      (network.bytes_carried - bytes) * 1'000 / duration_ms / peers.size();
  const double degree =
      static_cast<double>(links_of_all(network, peers)) / static_cast<double>(peers.size());
  std::printf("idle, 100 peers: %llu bytes/s a peer, %.1f links a peer\n",
              static_cast<unsigned long long>(bytes_per_s), degree);
  EXPECT_LT(bytes_per_s, 200u);
  EXPECT_LE(degree, limits::links_max);
}

}  // namespace
}  // namespace membrane::test
