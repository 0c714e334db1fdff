// The inside of HPKE, with the ephemeral key and the AEAD as parameters so that published vectors
// can be run. Names are those of RFC 9180 sections 4 and 5.
#pragma once

#include "aead.h"
#include "membrane/crypto/hpke.h"
#include "secret.h"

namespace membrane::crypto {

// What the key schedule (section 5.1) gives for the one message of a single-shot use.
struct HpkeContext {
  Aead aead;
  Secret<32> shared_secret;
  Secret<aead_key_bytes_max> key;
  Secret<aead_nonce_bytes> base_nonce;

  [[nodiscard]] std::span<const std::uint8_t> aead_key() const {
    return std::span(key).first(aead_key_bytes(aead));
  }
};

// The context both sides reach: `own` with `peer` is the ephemeral key with the recipient's when
// sealing, the recipient's with the ephemeral when opening.
[[nodiscard]] std::optional<HpkeContext> hpke_context(Aead aead, const SealingKey& own,
                                                      std::span<const std::uint8_t> peer,
                                                      std::span<const std::uint8_t> ephemeral,
                                                      std::span<const std::uint8_t> recipient,
                                                      std::span<const std::uint8_t> info);

// `seal` with a given ephemeral key, which must never be used twice.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> seal_with(
    Aead aead, const SealingKey& ephemeral, std::span<const std::uint8_t> recipient,
    std::span<const std::uint8_t> info, std::span<const std::uint8_t> aad,
    std::span<const std::uint8_t> plaintext);

// `open` with a given AEAD.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> open_with(
    Aead aead, const SealingKey& recipient, std::span<const std::uint8_t> info,
    std::span<const std::uint8_t> aad, std::span<const std::uint8_t> sealed);

}  // namespace membrane::crypto
