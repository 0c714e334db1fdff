#include "newest.h"

#include <gtest/gtest.h>

namespace membrane {
namespace {

PeerId peer_of(std::uint64_t place) {
  PeerId id;
  for (int byte = 0; byte < 8; ++byte)
    id.bytes[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(place >> (56 - 8 * byte));
  return id;
}

TEST(Newest, OnlyAHigherNumberIsNews) {
  Newest newest;
  EXPECT_TRUE(newest.is_news(peer_of(1), 10));
  EXPECT_FALSE(newest.is_news(peer_of(1), 10));
  EXPECT_FALSE(newest.is_news(peer_of(1), 9));
  EXPECT_TRUE(newest.is_news(peer_of(1), 11));
}

TEST(Newest, EachPeerHasItsOwnNumbers) {
  Newest newest;
  EXPECT_TRUE(newest.is_news(peer_of(1), 10));
  EXPECT_TRUE(newest.is_news(peer_of(2), 5));
}

TEST(Newest, ToLookChangesNothing) {
  Newest newest;
  EXPECT_FALSE(newest.has_reached(peer_of(1), 10));
  EXPECT_TRUE(newest.is_news(peer_of(1), 10));
  EXPECT_TRUE(newest.has_reached(peer_of(1), 10));
  EXPECT_FALSE(newest.has_reached(peer_of(1), 11));
}

TEST(Newest, WhoIsOneTooManyDisplacesAnother) {
  Newest newest;
  for (std::uint64_t place = 1; place <= limits::peers_max; ++place)
    EXPECT_TRUE(newest.is_news(peer_of(place), 10));
  EXPECT_FALSE(newest.is_news(peer_of(1), 10));
  EXPECT_TRUE(newest.is_news(peer_of(limits::peers_max + 1), 10));
  EXPECT_TRUE(newest.is_news(peer_of(1), 10));
}

}  // namespace
}  // namespace membrane
