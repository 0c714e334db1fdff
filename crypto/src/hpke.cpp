#include "membrane/crypto/hpke.h"

#include <algorithm>

#include "evp.h"
#include "hpke_context.h"

namespace membrane::crypto {
namespace {

using ByteView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

bool within_bounds(ByteView info, ByteView aad, std::size_t message_bytes) {
  return std::max({info.size(), aad.size(), message_bytes}) <= sealable_bytes_max;
}

}  // namespace

std::optional<Bytes> seal_with(Aead aead, const SealingKey& ephemeral, ByteView recipient,
                               ByteView info, ByteView aad, ByteView plaintext) {
  if (!within_bounds(info, aad, plaintext.size())) return std::nullopt;
  const QuietErrors quiet;
  const auto& enc = ephemeral.public_key();
  const auto context = hpke_context(aead, ephemeral, recipient, enc, recipient, info);
  if (!context) return std::nullopt;
  Bytes sealed;
  sealed.reserve(plaintext.size() + sealing_overhead_bytes);
  sealed.assign(enc.begin(), enc.end());
  if (!aead_encrypt(aead, context->aead_key(), context->base_nonce, aad, plaintext, sealed)) {
    return std::nullopt;
  }
  return sealed;
}

std::optional<Bytes> open_with(Aead aead, const SealingKey& recipient, ByteView info, ByteView aad,
                               ByteView sealed) {
  if (sealed.size() < sealing_overhead_bytes) return std::nullopt;
  if (!within_bounds(info, aad, sealed.size() - sealing_overhead_bytes)) return std::nullopt;
  const QuietErrors quiet;
  const ByteView enc = sealed.first(x25519_key_bytes);
  const auto context = hpke_context(aead, recipient, enc, enc, recipient.public_key(), info);
  if (!context) return std::nullopt;
  return aead_decrypt(aead, context->aead_key(), context->base_nonce, aad,
                      sealed.subspan(x25519_key_bytes));
}

std::optional<Bytes> seal(ByteView recipient, ByteView info, ByteView aad, ByteView plaintext) {
  const auto ephemeral = SealingKey::generate();
  if (!ephemeral) return std::nullopt;
  return seal_with(Aead::aes_256_gcm, *ephemeral, recipient, info, aad, plaintext);
}

std::optional<Bytes> open(const SealingKey& recipient, ByteView info, ByteView aad,
                          ByteView sealed) {
  return open_with(Aead::aes_256_gcm, recipient, info, aad, sealed);
}

}  // namespace membrane::crypto
