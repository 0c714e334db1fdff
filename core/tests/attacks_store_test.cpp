#include "attacks.h"

/// Attacks on the store of messages: who says very much must not push out what others said.
namespace membrane::test {
namespace {

using Index = Network::Index;

TEST_F(Attack, AFloodOfLargeMessagesTakesNobodyElsesFromThoseWhoMissedThem) {
  gather(6);
  const Index apart = liar == 2 ? 3 : 2;
  bool is_cut = true;
  network.tamper_frame = [&](Index from, Index to, Channel, Bytes&) {
    return !is_cut || (from != apart && to != apart);
  };
  const Index speaker = liar == 4 ? 5 : 4;
  ASSERT_EQ(publish(speaker, "to all"), Error::none);
  const std::string large(limits::topic_payload_size_max, 'x');
  std::size_t flood_bytes = 0;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 15; ++i)
      flood_bytes += publish(liar, large) == Error::none ? large.size() : 0u;
    network.run_for(500);
  }
  EXPECT_GT(flood_bytes, 2 * limits::stored_message_bytes_max);
  EXPECT_EQ(times_heard(apart, "to all"), 0u);
  is_cut = false;
  EXPECT_TRUE(network.run_until([&] { return times_heard(apart, "to all") == 1; }, 20'000));
  expect_unmoved();
}

}  // namespace
}  // namespace membrane::test
