#include "world.h"

#include <gtest/gtest.h>

namespace membrane::sim {
namespace {

TEST(World, ThirtyPeersBecomeOneNetwork) {
  World world;
  for (int i = 0; i < 30; ++i) {
    world.add();
    world.run_for_ms(100);
  }
  world.run_for_ms(20'000);
  for (PeerIndex peer = 0; peer < world.size(); ++peer)
    EXPECT_EQ(world.node(peer).peers().size(), 30u) << peer;
}

}  // namespace
}  // namespace membrane::sim
