#include "membrane/id.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "random.h"

namespace membrane::test {
namespace {

TEST(Id, TextComesBack) {
  Random random({});
  for (int i = 0; i < 1000; ++i) {
    const PeerId id{random.bytes32()};
    const std::string text = id.text();
    EXPECT_EQ(text.size(), 52u);
    EXPECT_EQ(PeerId::parse(text), id);
  }
}

TEST(Id, TextOfTheExtremes) {
  EXPECT_EQ(PeerId{}.text(), std::string(52, 'a'));
  PeerId last;
  last.bytes.fill(0xff);
  EXPECT_EQ(last.text(), std::string(51, '7') + "q");
}

TEST(Id, EachIdHasOneText) {
  const std::string text(52, 'a');
  // The last letter carries one bit of the id and four that must be zero.
  for (const char letter : std::string("abcdefghijklmnopqrstuvwxyz234567")) {
    EXPECT_EQ(PeerId::parse(text.substr(1) + letter).has_value(), letter == 'a' || letter == 'q');
  }
}

TEST(Id, WhatIsNoIdIsRefused) {
  const std::string text(52, 'a');
  EXPECT_FALSE(PeerId::parse(""));
  EXPECT_FALSE(PeerId::parse(text.substr(1)));
  EXPECT_FALSE(PeerId::parse(text + "a"));
  for (const char letter : std::string("A018=\0-", 7)) {
    for (const std::size_t at : {0u, 25u, 51u}) {
      std::string bad = text;
      bad[at] = letter;
      EXPECT_FALSE(PeerId::parse(bad)) << bad;
    }
  }
}

TEST(Id, PlaceIsTheFirstEightBytes) {
  PeerId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(i + 1);
  EXPECT_EQ(id.position(), 0x0102030405060708u);
}

TEST(Id, RingDistanceIsTheShorterWayRound) {
  EXPECT_EQ(ring_distance(3, 3), 0u);
  EXPECT_EQ(ring_distance(3, 5), 2u);
  EXPECT_EQ(ring_distance(5, 3), 2u);
  EXPECT_EQ(ring_distance(~Position{0}, 1), 2u);
  EXPECT_EQ(ring_distance(0, Position{1} << 63), Position{1} << 63);
  EXPECT_EQ(clockwise(~Position{0}, 1), 2u);
  EXPECT_EQ(clockwise(1, ~Position{0}), ~Position{0} - 1);
}

}  // namespace
}  // namespace membrane::test
