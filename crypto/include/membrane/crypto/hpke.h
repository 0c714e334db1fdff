// Hybrid public key encryption (RFC 9180): seals bytes so that one peer alone can open them.
//
// The suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM in base mode, single-shot: each
// call makes one ephemeral key and encrypts one message. Sealed bytes say nothing of who sealed
// them; what needs an origin is signed first. `info` names the use, `aad` what the bytes belong to;
// both must be equal on both sides and neither travels.
//
// Bounds: `sealable_bytes_max` for each of info, aad and plaintext.
// Errors: an empty optional; nothing throws but std::bad_alloc. `open` never says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "membrane/crypto/x25519.h"

namespace membrane::crypto {

// What sealing adds to a message: the ephemeral public key before it, the tag of AES-GCM after it.
inline constexpr std::size_t sealing_overhead_bytes = x25519_key_bytes + 16;

// Longer parts are refused. A guess far above the longest thing sealed, a piece of a relayed
// session (16 KB), that keeps every length within OpenSSL's `int`.
inline constexpr std::size_t sealable_bytes_max = std::size_t{1} << 20;

// Seals `plaintext` to `recipient` (32 bytes): ephemeral public key, ciphertext, tag. Empty when
// the recipient's key has another length or is of low order, when a part is too long, or when the
// system has no randomness.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> seal(
    std::span<const std::uint8_t> recipient, std::span<const std::uint8_t> info,
    std::span<const std::uint8_t> aad, std::span<const std::uint8_t> plaintext);

// Opens what `seal` made for `recipient`. Empty for anything else.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> open(const SealingKey& recipient,
                                                            std::span<const std::uint8_t> info,
                                                            std::span<const std::uint8_t> aad,
                                                            std::span<const std::uint8_t> sealed);

}  // namespace membrane::crypto
