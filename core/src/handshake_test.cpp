#include "handshake.h"

#include <gtest/gtest.h>

#include "membrane/limits.h"

namespace membrane::test {
namespace {

Config config(std::uint8_t who, const std::string& network = "net") {
  Config out;
  out.id.bytes.fill(who);
  out.network = network;
  return out;
}

Key nonce(std::uint8_t fill) {
  Key out;
  out.fill(fill);
  return out;
}

/// Two sides that have exchanged their hellos over a link with these fingerprints.
struct Pair {
  Config one = config(1);
  Config two = config(2);
  Handshake offerer{true, Bytes(32, 1), Bytes(32, 2)};
  Handshake answerer{false, Bytes(32, 2), Bytes(32, 1)};

  void exchange(std::uint8_t nonce_one = 1, std::uint8_t nonce_two = 2) {
    const Bytes hello_one = offerer.begin(one, nonce(nonce_one), false);
    const Bytes hello_two = answerer.begin(two, nonce(nonce_two), true);
    EXPECT_EQ(take(answerer, two, hello_one), Error::none);
    EXPECT_EQ(take(offerer, one, hello_two), Error::none);
  }

  static Error take(Handshake& side, const Config& own, const Bytes& frame,
                    const std::optional<PeerId>& expected = {}) {
    const auto message = decode_message(frame);
    return side.take_hello(own, std::get<Hello>(**message), frame, expected);
  }
};

TEST(Handshake, EachSideVerifiesWhatTheOtherSigns) {
  Pair pair;
  EXPECT_FALSE(pair.offerer.has_hello());
  pair.exchange();
  EXPECT_TRUE(pair.offerer.has_hello() && pair.answerer.has_hello());
  EXPECT_EQ(pair.offerer.to_sign(), pair.answerer.to_verify());
  EXPECT_EQ(pair.answerer.to_sign(), pair.offerer.to_verify());
  EXPECT_EQ(pair.offerer.peer(), pair.two.id);
  EXPECT_EQ(pair.answerer.peer(), pair.one.id);
  EXPECT_TRUE(pair.offerer.peer_is_fresh());
  EXPECT_FALSE(pair.answerer.peer_is_fresh());
}

TEST(Handshake, NeitherSideCanReturnTheOthersSignature) {
  Pair pair;
  pair.exchange();
  EXPECT_NE(pair.offerer.to_sign(), pair.offerer.to_verify());
}

TEST(Handshake, NothingThatWasNegotiatedCanDiffer) {
  Pair plain;
  plain.exchange();
  const Bytes expected = plain.offerer.to_sign();
  for (const std::uint8_t other : Bytes{7, 8}) {
    Pair nonces;
    nonces.exchange(other == 7 ? other : std::uint8_t{1}, other == 8 ? other : std::uint8_t{2});
    EXPECT_NE(nonces.offerer.to_sign(), expected);
  }
  Pair middle;
  middle.offerer = Handshake(true, Bytes(32, 1), Bytes(32, 9));
  middle.answerer = Handshake(false, Bytes(32, 2), Bytes(32, 9));
  middle.exchange();
  EXPECT_NE(middle.offerer.to_sign(), middle.answerer.to_verify());
  EXPECT_NE(middle.answerer.to_sign(), middle.offerer.to_verify());
}

TEST(Handshake, TheWholeHelloIsSigned) {
  // A field that a later version appends is skipped but covered.
  Pair plain;
  plain.exchange();
  Pair longer;
  const Bytes hello_one = longer.offerer.begin(longer.one, nonce(1), false);
  Bytes hello_two = longer.answerer.begin(longer.two, nonce(2), true);
  hello_two.push_back(7);
  EXPECT_EQ(Pair::take(longer.offerer, longer.one, hello_two), Error::none);
  EXPECT_NE(longer.offerer.to_sign(), plain.offerer.to_sign());
}

TEST(Handshake, RefusesTheWrongPeer) {
  Pair pair;
  const Bytes hello = pair.answerer.begin(pair.two, nonce(2), false);
  EXPECT_EQ(Pair::take(pair.offerer, pair.one, hello, config(3).id), Error::wrong_peer);
  EXPECT_EQ(Pair::take(pair.offerer, config(2), hello), Error::own_identity);
  EXPECT_EQ(Pair::take(pair.offerer, config(1, "ten"), hello), Error::wrong_network);
  EXPECT_FALSE(pair.offerer.has_hello());
  EXPECT_EQ(Pair::take(pair.offerer, pair.one, hello, pair.two.id), Error::none);
  EXPECT_EQ(Pair::take(pair.offerer, pair.one, hello, pair.two.id), Error::duplicate);
}

TEST(Handshake, RefusesEarlierVersionsAndTakesLaterOnes) {
  Hello hello{0, 0, "net", config(2).id, {}, false};
  Handshake side(true, Bytes(32), Bytes(32));
  EXPECT_EQ(Pair::take(side, config(1), encode_message(hello)), Error::wrong_version);
  hello.version = protocol_version + 1;
  hello.capabilities = ~std::uint64_t{0} >> 2;
  EXPECT_EQ(Pair::take(side, config(1), encode_message(hello)), Error::none);
}

TEST(Handshake, TheHelloFitsIntoAFrame) {
  Handshake side(true, Bytes(32), Bytes(32));
  const Config longest = config(1, std::string(limits::network_size_max, 'n'));
  EXPECT_LT(side.begin(longest, nonce(1), true).size(), limits::frame_size_max);
}

}  // namespace
}  // namespace membrane::test
