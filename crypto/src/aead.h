// AES-GCM, as the AEADs 0x0001 and 0x0002 of RFC 9180 section 7.3 use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace membrane::crypto {

// The product uses AES-256-GCM alone; AES-128-GCM is here for the RFC's own test vectors.
enum class Aead : std::uint16_t { aes_128_gcm = 0x0001, aes_256_gcm = 0x0002 };

inline constexpr std::size_t aead_nonce_bytes = 12;
inline constexpr std::size_t aead_tag_bytes = 16;
inline constexpr std::size_t aead_key_bytes_max = 32;

constexpr std::size_t aead_key_bytes(Aead aead) { return aead == Aead::aes_128_gcm ? 16 : 32; }

// Appends ciphertext and tag to `out`. `key` has `aead_key_bytes`, lengths fit an `int`.
[[nodiscard]] bool aead_encrypt(Aead aead, std::span<const std::uint8_t> key,
                                std::span<const std::uint8_t, aead_nonce_bytes> nonce,
                                std::span<const std::uint8_t> aad,
                                std::span<const std::uint8_t> plaintext,
                                std::vector<std::uint8_t>& out);

// The plaintext, or empty when anything was changed. `ciphertext` ends in the tag.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> aead_decrypt(
    Aead aead, std::span<const std::uint8_t> key,
    std::span<const std::uint8_t, aead_nonce_bytes> nonce, std::span<const std::uint8_t> aad,
    std::span<const std::uint8_t> ciphertext);

}  // namespace membrane::crypto
