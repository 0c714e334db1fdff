#include "membrane/crypto/x25519.h"

#include <gtest/gtest.h>

#include "vectors.h"

namespace membrane::crypto {
namespace {

using DhSecret = std::array<std::uint8_t, x25519_key_bytes>;

TEST(X25519, BothSidesAgree) {
  const auto one = SealingKey::generate().value();
  const auto other = SealingKey::generate().value();
  DhSecret first{};
  DhSecret second{};
  ASSERT_TRUE(one.agree(other.public_key(), first));
  ASSERT_TRUE(other.agree(one.public_key(), second));
  EXPECT_EQ(first, second);
  EXPECT_NE(first, DhSecret{});
}

TEST(X25519, APrivateKeyMakesTheKeyAgain) {
  const auto key = SealingKey::generate().value();
  const auto again = SealingKey::from_private_key(key.private_key().value());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key.public_key());
}

TEST(X25519, APeerOfLowOrderIsRefused) {
  const auto key = SealingKey::generate().value();
  for (const auto& vector : read_vectors("x25519_low_order.txt")) {
    SCOPED_TRACE(vector.text("name"));
    DhSecret secret;
    secret.fill(0xaa);
    EXPECT_FALSE(key.agree(vector.bytes("public"), secret));
    EXPECT_EQ(secret, DhSecret{});
  }
}

TEST(X25519, KeysOfAnotherLengthAreRefused) {
  const auto key = SealingKey::generate().value();
  DhSecret secret{};
  for (const std::size_t size : {0U, 31U, 33U}) {
    EXPECT_FALSE(SealingKey::from_private_key(Bytes(size, 9)));
    EXPECT_FALSE(key.agree(Bytes(size, 9), secret));
  }
}

}  // namespace
}  // namespace membrane::crypto
