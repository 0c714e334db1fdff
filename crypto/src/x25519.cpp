#include "membrane/crypto/x25519.h"

#include <algorithm>
#include <utility>

#include "evp.h"
#include "membrane/crypto/random.h"
#include "secret.h"

namespace membrane::crypto {
namespace {

bool derive(EVP_PKEY* own, EVP_PKEY* peer, std::span<std::uint8_t, x25519_key_bytes> secret) {
  const KeyContext context(EVP_PKEY_CTX_new(own, nullptr));
  std::size_t size = secret.size();
  return context && EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_derive_set_peer(context.get(), peer) == 1 &&
         EVP_PKEY_derive(context.get(), secret.data(), &size) == 1;
}

// OpenSSL refuses this too; RFC 9180 section 7.1.4 makes it our duty, whatever a library does.
// Looks at every byte, so that time does not tell of the secret.
bool is_zero(std::span<const std::uint8_t, x25519_key_bytes> secret) {
  const std::array<std::uint8_t, x25519_key_bytes> zero{};
  return CRYPTO_memcmp(secret.data(), zero.data(), zero.size()) == 0;
}

}  // namespace

SealingKey::SealingKey(KeyHandle key, const SealingPublicKey& public_key)
    : key_(std::move(key)), public_key_(public_key) {}

std::optional<SealingKey> SealingKey::from_private_key(std::span<const std::uint8_t> private_key) {
  KeyHandle key = import_private_key(EVP_PKEY_X25519, private_key);
  if (!key) return std::nullopt;
  const auto public_key = export_public_key(key.get());
  if (!public_key) return std::nullopt;
  return SealingKey(std::move(key), *public_key);
}

std::optional<SealingKey> SealingKey::generate() {
  Secret<x25519_key_bytes> private_key;
  if (!random_bytes(private_key)) return std::nullopt;
  return from_private_key(private_key);
}

std::optional<RawKey> SealingKey::private_key() const { return export_private_key(key_.get()); }

bool SealingKey::agree(std::span<const std::uint8_t> peer,
                       std::span<std::uint8_t, x25519_key_bytes> secret) const {
  const QuietErrors quiet;
  const KeyHandle peer_key = import_public_key(EVP_PKEY_X25519, peer);
  if (peer_key && derive(key_.get(), peer_key.get(), secret) && !is_zero(secret)) return true;
  std::fill(secret.begin(), secret.end(), std::uint8_t{0});
  return false;
}

}  // namespace membrane::crypto
