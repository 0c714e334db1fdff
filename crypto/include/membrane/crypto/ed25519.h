// Ed25519 signatures (RFC 8032): how a peer proves that it speaks in its own name.
//
// Always holds: `verify` says the same on every platform. Implementations differ on keys and on R
// of small order, for which a signature proves nothing; both are refused here first, as the Web
// Cryptography API asks. Beyond that the equation is the one without cofactor, as in browsers.
//
// Threads: const functions of one key may run in several threads at once.
// Errors: an empty optional or false; nothing throws but std::bad_alloc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "membrane/crypto/key_handle.h"

namespace membrane::crypto {

inline constexpr std::size_t ed25519_key_bytes = 32;
inline constexpr std::size_t ed25519_signature_bytes = 64;

using SigningPublicKey = std::array<std::uint8_t, ed25519_key_bytes>;
using Signature = std::array<std::uint8_t, ed25519_signature_bytes>;

// A key pair for signing. Its public key is the peer's id.
class SigningKey {
 public:
  // The key pair that `seed` (32 bytes, RFC 8032's private key) determines. Empty when the seed has
  // another length.
  [[nodiscard]] static std::optional<SigningKey> from_seed(std::span<const std::uint8_t> seed);

  // A fresh key pair. Empty when the system has no randomness.
  [[nodiscard]] static std::optional<SigningKey> generate();

  [[nodiscard]] const SigningPublicKey& public_key() const { return public_key_; }

  // The 32 bytes from which `from_seed` makes this key again, for keeping it. Secret.
  [[nodiscard]] std::optional<std::array<std::uint8_t, ed25519_key_bytes>> seed() const;

  // The signature of `message`, the same each time. Empty only when OpenSSL fails.
  [[nodiscard]] std::optional<Signature> sign(std::span<const std::uint8_t> message) const;

 private:
  SigningKey(KeyHandle key, const SigningPublicKey& public_key);

  KeyHandle key_;
  SigningPublicKey public_key_;
};

// Whether `signature` (64 bytes) of `message` was made with the key pair of `public_key` (32
// bytes). False for every other length, point or encoding.
[[nodiscard]] bool verify(std::span<const std::uint8_t> public_key,
                          std::span<const std::uint8_t> message,
                          std::span<const std::uint8_t> signature);

}  // namespace membrane::crypto
