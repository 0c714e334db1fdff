#include "hpke_context.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "hmac.h"

namespace membrane::crypto {
namespace {

using ByteView = std::span<const std::uint8_t>;

constexpr std::uint8_t mode_base = 0x00;
constexpr std::array<std::uint8_t, 5> kem_suite = {'K', 'E', 'M', 0x00, 0x20};

std::array<std::uint8_t, 10> hpke_suite(Aead aead) {
  const auto id = static_cast<std::uint16_t>(aead);
  return {'H',
          'P',
          'K',
          'E',
          0x00,
          0x20,
          0x00,
          0x01,
          static_cast<std::uint8_t>(id >> 8),
          static_cast<std::uint8_t>(id & 0xff)};
}

ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// LabeledExtract, section 4.
bool labeled_extract(ByteView suite, ByteView salt, std::string_view label, ByteView input,
                     Digest& out) {
  return hmac_sha256(salt, {as_bytes("HPKE-v1"), suite, as_bytes(label), input}, out);
}

// LabeledExpand, section 4. What base mode needs is never longer than one block of HKDF.
template <std::size_t Size>
bool labeled_expand(ByteView suite, const Digest& key, std::string_view label, ByteView info,
                    std::size_t size, Secret<Size>& out) {
  static_assert(Size <= 32);
  const std::array<std::uint8_t, 2> length = {0, static_cast<std::uint8_t>(size)};
  const std::array<std::uint8_t, 1> first_block = {1};
  Digest block;
  if (!hmac_sha256(key, {length, as_bytes("HPKE-v1"), suite, as_bytes(label), info, first_block},
                   block)) {
    return false;
  }
  std::copy_n(block.begin(), std::min(size, Size), out.begin());
  return true;
}

// ExtractAndExpand, section 4.1: kem_context is the ephemeral public key and the recipient's.
bool derive_shared_secret(ByteView dh, ByteView ephemeral, ByteView recipient, Secret<32>& out) {
  std::array<std::uint8_t, 2 * x25519_key_bytes> kem_context{};
  std::copy(recipient.begin(), recipient.end(),
            std::copy(ephemeral.begin(), ephemeral.end(), kem_context.begin()));
  Digest eae_prk;
  return labeled_extract(kem_suite, {}, "eae_prk", dh, eae_prk) &&
         labeled_expand(kem_suite, eae_prk, "shared_secret", kem_context, 32, out);
}

// KeySchedule, section 5.1, in base mode: the pre-shared key and its id are empty.
bool schedule_keys(ByteView info, HpkeContext& context) {
  const auto suite = hpke_suite(context.aead);
  Digest psk_id_hash;
  Digest info_hash;
  if (!labeled_extract(suite, {}, "psk_id_hash", {}, psk_id_hash) ||
      !labeled_extract(suite, {}, "info_hash", info, info_hash)) {
    return false;
  }
  std::array<std::uint8_t, 1 + 32 + 32> schedule = {mode_base};
  std::copy(info_hash.begin(), info_hash.end(),
            std::copy(psk_id_hash.begin(), psk_id_hash.end(), schedule.begin() + 1));
  Digest secret;
  return labeled_extract(suite, context.shared_secret, "secret", {}, secret) &&
         labeled_expand(suite, secret, "key", schedule, aead_key_bytes(context.aead),
                        context.key) &&
         labeled_expand(suite, secret, "base_nonce", schedule, aead_nonce_bytes,
                        context.base_nonce);
}

}  // namespace

std::optional<HpkeContext> hpke_context(Aead aead, const SealingKey& own, ByteView peer,
                                        ByteView ephemeral, ByteView recipient, ByteView info) {
  Secret<x25519_key_bytes> dh;
  if (!own.agree(peer, dh)) return std::nullopt;
  HpkeContext context{aead, {}, {}, {}};
  if (!derive_shared_secret(dh, ephemeral, recipient, context.shared_secret) ||
      !schedule_keys(info, context)) {
    return std::nullopt;
  }
  return context;
}

}  // namespace membrane::crypto
