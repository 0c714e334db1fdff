#include "membrane/crypto/ed25519.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>

#include "vectors.h"

namespace membrane::crypto {
namespace {

template <std::size_t Size>
Bytes bytes_of(const std::array<std::uint8_t, Size>& array) {
  return {array.begin(), array.end()};
}

TEST(Ed25519, SignsAsTheVectorsSay) {
  int signed_count = 0;
  for (const auto& vector : read_vectors("ed25519.txt")) {
    if (!vector.has("seed")) continue;
    SCOPED_TRACE(vector.text("name"));
    const auto key = SigningKey::from_seed(vector.bytes("seed"));
    ASSERT_TRUE(key);
    EXPECT_EQ(bytes_of(key->public_key()), vector.bytes("public"));
    const auto signature = key->sign(vector.bytes("message"));
    ASSERT_TRUE(signature);
    EXPECT_EQ(bytes_of(*signature), vector.bytes("signature"));
    ++signed_count;
  }
  EXPECT_GE(signed_count, 4);
}

TEST(Ed25519, VerifiesAsTheVectorsSay) {
  for (const auto& vector : read_vectors("ed25519.txt")) {
    SCOPED_TRACE(vector.text("name"));
    EXPECT_EQ(verify(vector.bytes("public"), vector.bytes("message"), vector.bytes("signature")),
              vector.text("result") == "valid");
  }
}

class Ed25519Signed : public testing::Test {
 protected:
  const SigningKey key_ = SigningKey::generate().value();
  const Bytes message_ = from_text("who speaks here");
  const Bytes public_key_ = bytes_of(key_.public_key());
  const Bytes signature_ = bytes_of(key_.sign(message_).value());
};

TEST_F(Ed25519Signed, AFreshKeysSignatureHolds) {
  EXPECT_TRUE(verify(public_key_, message_, signature_));
}

TEST_F(Ed25519Signed, AnyChangedBitIsRefused) {
  for (std::size_t bit = 0; bit < signature_.size() * 8; ++bit) {
    Bytes changed = signature_;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(verify(public_key_, message_, changed)) << "bit " << bit;
  }
  Bytes changed = message_;
  changed.front() ^= 1U;
  EXPECT_FALSE(verify(public_key_, changed, signature_));
}

TEST_F(Ed25519Signed, AnotherKeyIsRefused) {
  const auto other = SigningKey::generate().value();
  EXPECT_FALSE(verify(other.public_key(), message_, signature_));
}

TEST_F(Ed25519Signed, WrongLengthsAreRefused) {
  for (std::size_t size = 0; size < signature_.size(); ++size) {
    EXPECT_FALSE(verify(public_key_, message_, std::span(signature_).first(size))) << size;
  }
  for (std::size_t size = 0; size < public_key_.size(); ++size) {
    EXPECT_FALSE(verify(std::span(public_key_).first(size), message_, signature_)) << size;
  }
  Bytes longer = signature_;
  longer.push_back(0);
  EXPECT_FALSE(verify(public_key_, message_, longer));
  longer = public_key_;
  longer.push_back(0);
  EXPECT_FALSE(verify(longer, message_, signature_));
}

TEST_F(Ed25519Signed, ASeedMakesTheKeyAgain) {
  const auto again = SigningKey::from_seed(key_.seed().value());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key_.public_key());
  EXPECT_EQ(again->sign(message_), key_.sign(message_));
}

TEST_F(Ed25519Signed, FreshKeysDiffer) {
  EXPECT_NE(SigningKey::generate()->public_key(), SigningKey::generate()->public_key());
}

TEST_F(Ed25519Signed, ASeedOfAnotherLengthIsRefused) {
  EXPECT_FALSE(SigningKey::from_seed(Bytes{}));
  EXPECT_FALSE(SigningKey::from_seed(Bytes(31)));
  EXPECT_FALSE(SigningKey::from_seed(Bytes(33)));
}

TEST_F(Ed25519Signed, ARefusalLeavesNoErrorBehind) {
  ERR_clear_error();
  Bytes changed = signature_;
  changed.back() ^= 0x10U;
  EXPECT_FALSE(verify(public_key_, message_, changed));
  EXPECT_FALSE(SigningKey::from_seed(Bytes(5)));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace membrane::crypto
