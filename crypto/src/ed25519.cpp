#include "membrane/crypto/ed25519.h"

#include <algorithm>
#include <utility>

#include "evp.h"
#include "membrane/crypto/random.h"
#include "secret.h"

namespace membrane::crypto {
namespace {

// The y coordinates of the eight points whose order divides the cofactor, in every encoding that
// decoders accept (p and p + 1 stand for 0 and 1). The sign of x is the top bit, left out here.
constexpr std::array<RawKey, 7> small_order_y = {{
    {0x00},
    {0x01},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
}};

// `point` has 32 bytes.
bool has_small_order(std::span<const std::uint8_t> point) {
  RawKey y;
  std::copy(point.begin(), point.end(), y.begin());
  y.back() &= 0x7f;
  return std::find(small_order_y.begin(), small_order_y.end(), y) != small_order_y.end();
}

}  // namespace

SigningKey::SigningKey(KeyHandle key, const SigningPublicKey& public_key)
    : key_(std::move(key)), public_key_(public_key) {}

std::optional<SigningKey> SigningKey::from_seed(std::span<const std::uint8_t> seed) {
  KeyHandle key = import_private_key(EVP_PKEY_ED25519, seed);
  if (!key) return std::nullopt;
  const auto public_key = export_public_key(key.get());
  if (!public_key) return std::nullopt;
  return SigningKey(std::move(key), *public_key);
}

std::optional<SigningKey> SigningKey::generate() {
  Secret<ed25519_key_bytes> seed;
  if (!random_bytes(seed)) return std::nullopt;
  return from_seed(seed);
}

std::optional<RawKey> SigningKey::seed() const { return export_private_key(key_.get()); }

std::optional<Signature> SigningKey::sign(std::span<const std::uint8_t> message) const {
  const QuietErrors quiet;
  const DigestContext context(EVP_MD_CTX_new());
  Signature signature{};
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
    return std::nullopt;
  }
  return signature;
}

bool verify(std::span<const std::uint8_t> public_key, std::span<const std::uint8_t> message,
            std::span<const std::uint8_t> signature) {
  if (public_key.size() != ed25519_key_bytes) return false;
  if (signature.size() != ed25519_signature_bytes) return false;
  if (has_small_order(public_key) || has_small_order(signature.first(ed25519_key_bytes))) {
    return false;
  }
  const QuietErrors quiet;
  const KeyHandle key = import_public_key(EVP_PKEY_ED25519, public_key);
  const DigestContext context(EVP_MD_CTX_new());
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace membrane::crypto
