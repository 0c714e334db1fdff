// X25519 key pairs (RFC 7748): what messages for one peer are sealed to.
//
// Threads: const functions of one key may run in several threads at once.
// Errors: an empty optional; nothing throws but std::bad_alloc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "membrane/crypto/key_handle.h"

namespace membrane::crypto {

inline constexpr std::size_t x25519_key_bytes = 32;

using SealingPublicKey = std::array<std::uint8_t, x25519_key_bytes>;

// A key pair that opens what was sealed to its public key.
class SealingKey {
 public:
  // The key pair of `private_key` (32 bytes, clamped as RFC 7748 section 5 says). Empty when it has
  // another length.
  [[nodiscard]] static std::optional<SealingKey> from_private_key(
      std::span<const std::uint8_t> private_key);

  // A fresh key pair. Empty when the system has no randomness.
  [[nodiscard]] static std::optional<SealingKey> generate();

  [[nodiscard]] const SealingPublicKey& public_key() const { return public_key_; }

  // The 32 bytes from which `from_private_key` makes this key again, for keeping it. Secret.
  [[nodiscard]] std::optional<std::array<std::uint8_t, x25519_key_bytes>> private_key() const;

  // Writes the Diffie-Hellman secret with `peer` (32 bytes) to `secret`. False, and `secret` zero,
  // when the peer's key has another length or is of low order, which would make the secret zero.
  [[nodiscard]] bool agree(std::span<const std::uint8_t> peer,
                           std::span<std::uint8_t, x25519_key_bytes> secret) const;

 private:
  SealingKey(KeyHandle key, const SealingPublicKey& public_key);

  KeyHandle key_;
  SealingPublicKey public_key_;
};

}  // namespace membrane::crypto
