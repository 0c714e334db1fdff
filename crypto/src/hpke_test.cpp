#include "membrane/crypto/hpke.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>

#include "hpke_context.h"
#include "vectors.h"

namespace membrane::crypto {
namespace {

Bytes joined(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

template <typename Range>
Bytes bytes_of(const Range& range) {
  return {range.begin(), range.end()};
}

// One published vector with its keys made.
struct Case {
  explicit Case(const Vector& vector)
      : aead(static_cast<Aead>(vector.bytes("aead_id").at(1))),
        ephemeral(SealingKey::from_private_key(vector.bytes("skEm")).value()),
        recipient(SealingKey::from_private_key(vector.bytes("skRm")).value()),
        info(vector.bytes("info")),
        aad(vector.bytes("aad")),
        plaintext(vector.bytes("pt")),
        sealed(joined(vector.bytes("pkEm"), vector.bytes("ct"))) {}

  Aead aead;
  SealingKey ephemeral;
  SealingKey recipient;
  Bytes info;
  Bytes aad;
  Bytes plaintext;
  Bytes sealed;
};

TEST(HpkeVectors, TheKeyScheduleIsThePublishedOne) {
  for (const auto& vector : read_vectors("hpke.txt")) {
    SCOPED_TRACE(vector.text("name"));
    const Case c(vector);
    EXPECT_EQ(bytes_of(c.ephemeral.public_key()), vector.bytes("pkEm"));
    EXPECT_EQ(bytes_of(c.recipient.public_key()), vector.bytes("pkRm"));
    const auto& enc = c.ephemeral.public_key();
    const auto& recipient = c.recipient.public_key();
    const auto context = hpke_context(c.aead, c.ephemeral, recipient, enc, recipient, c.info);
    ASSERT_TRUE(context);
    EXPECT_EQ(bytes_of(context->shared_secret), vector.bytes("shared_secret"));
    EXPECT_EQ(bytes_of(context->aead_key()), vector.bytes("key"));
    EXPECT_EQ(bytes_of(context->base_nonce), vector.bytes("base_nonce"));
  }
}

TEST(HpkeVectors, BothAeadsAreCovered) {
  const auto vectors = read_vectors("hpke.txt");
  for (const auto aead : {Aead::aes_128_gcm, Aead::aes_256_gcm}) {
    EXPECT_TRUE(std::any_of(vectors.begin(), vectors.end(),
                            [&](const Vector& vector) { return Case(vector).aead == aead; }));
  }
}

TEST(HpkeVectors, SealsAndOpensAsPublished) {
  for (const auto& vector : read_vectors("hpke.txt")) {
    SCOPED_TRACE(vector.text("name"));
    const Case c(vector);
    EXPECT_EQ(seal_with(c.aead, c.ephemeral, c.recipient.public_key(), c.info, c.aad, c.plaintext),
              c.sealed);
    EXPECT_EQ(open_with(c.aead, c.recipient, c.info, c.aad, c.sealed), c.plaintext);
  }
}

TEST(HpkeVectors, ThePublicFunctionsUseAes256) {
  for (const auto& vector : read_vectors("hpke.txt")) {
    SCOPED_TRACE(vector.text("name"));
    const Case c(vector);
    EXPECT_EQ(open(c.recipient, c.info, c.aad, c.sealed).has_value(), c.aead == Aead::aes_256_gcm);
  }
}

class HpkeSealed : public testing::Test {
 protected:
  [[nodiscard]] std::optional<Bytes> opened(const Bytes& sealed) const {
    return open(recipient_, info_, aad_, sealed);
  }

  const SealingKey recipient_ = SealingKey::generate().value();
  const Bytes info_ = from_text("membrane offer");
  const Bytes aad_ = from_text("from, to");
  const Bytes plaintext_ = from_text("a session description");
  const Bytes sealed_ = seal(recipient_.public_key(), info_, aad_, plaintext_).value();
};

TEST_F(HpkeSealed, TheRecipientOpensIt) {
  EXPECT_EQ(sealed_.size(), plaintext_.size() + sealing_overhead_bytes);
  EXPECT_EQ(opened(sealed_), plaintext_);
}

TEST_F(HpkeSealed, EachSealingDiffers) {
  EXPECT_NE(seal(recipient_.public_key(), info_, aad_, plaintext_), sealed_);
}

TEST_F(HpkeSealed, NothingAndMuchAreSealedToo) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{16000}, sealable_bytes_max}) {
    const Bytes plaintext(size, 7);
    const auto sealed = seal(recipient_.public_key(), {}, {}, plaintext);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(open(recipient_, {}, {}, *sealed), plaintext);
  }
}

TEST_F(HpkeSealed, AnotherRecipientDoesNotOpenIt) {
  EXPECT_FALSE(open(SealingKey::generate().value(), info_, aad_, sealed_));
}

TEST_F(HpkeSealed, AnyChangedBitIsRefused) {
  for (std::size_t bit = 0; bit < sealed_.size() * 8; ++bit) {
    Bytes changed = sealed_;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(opened(changed)) << "bit " << bit;
  }
}

TEST_F(HpkeSealed, AnotherInfoOrAadIsRefused) {
  EXPECT_FALSE(open(recipient_, from_text("membrane answer"), aad_, sealed_));
  EXPECT_FALSE(open(recipient_, info_, from_text("to, from"), sealed_));
  EXPECT_FALSE(open(recipient_, info_, {}, sealed_));
}

TEST_F(HpkeSealed, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < sealed_.size(); ++size) {
    EXPECT_FALSE(opened({sealed_.begin(), sealed_.begin() + static_cast<std::ptrdiff_t>(size)}))
        << size;
  }
  Bytes longer = sealed_;
  longer.push_back(0);
  EXPECT_FALSE(opened(longer));
}

TEST_F(HpkeSealed, ARecipientKeyOfAnotherLengthIsRefused) {
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    EXPECT_FALSE(seal(Bytes(size, 9), info_, aad_, plaintext_)) << size;
  }
}

TEST_F(HpkeSealed, LowOrderKeysAreRefusedOnBothSides) {
  for (const auto& vector : read_vectors("x25519_low_order.txt")) {
    SCOPED_TRACE(vector.text("name"));
    const Bytes point = vector.bytes("public");
    EXPECT_FALSE(seal(point, info_, aad_, plaintext_));
    Bytes sealed = sealed_;
    std::copy(point.begin(), point.end(), sealed.begin());
    EXPECT_FALSE(opened(sealed));
  }
}

TEST_F(HpkeSealed, WhatIsTooLongIsRefused) {
  const Bytes fits(sealable_bytes_max);
  const Bytes long_one(sealable_bytes_max + 1);
  const auto& key = recipient_.public_key();
  EXPECT_TRUE(seal(key, fits, fits, fits));
  EXPECT_FALSE(seal(key, long_one, aad_, plaintext_));
  EXPECT_FALSE(seal(key, info_, long_one, plaintext_));
  EXPECT_FALSE(seal(key, info_, aad_, long_one));
}

TEST_F(HpkeSealed, ARefusalLeavesNoErrorBehind) {
  ERR_clear_error();
  EXPECT_FALSE(open(recipient_, info_, {}, sealed_));
  EXPECT_FALSE(seal(Bytes(32), info_, aad_, plaintext_));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace membrane::crypto
