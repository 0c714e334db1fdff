// OpenSSL's EVP objects with owners, and what both curves share: raw keys in and out.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "membrane/crypto/key_handle.h"

namespace membrane::crypto {

template <auto free_function>
struct EvpDeleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    free_function(object);
  }
};

using DigestContext = std::unique_ptr<EVP_MD_CTX, EvpDeleter<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, EvpDeleter<EVP_CIPHER_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, EvpDeleter<EVP_PKEY_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, EvpDeleter<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, EvpDeleter<EVP_MAC_CTX_free>>;

// Leaves the thread's error queue as it was: others read their own errors from it (a TLS stream
// takes a stale entry for a broken connection).
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

using RawKey = std::array<std::uint8_t, 32>;

// A key of `type` (EVP_PKEY_ED25519 or EVP_PKEY_X25519) from its 32 raw bytes; null for others.
KeyHandle import_private_key(int type, std::span<const std::uint8_t> raw);
KeyHandle import_public_key(int type, std::span<const std::uint8_t> raw);

std::optional<RawKey> export_private_key(EVP_PKEY* key);
std::optional<RawKey> export_public_key(EVP_PKEY* key);

}  // namespace membrane::crypto
