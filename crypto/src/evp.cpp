#include "evp.h"

namespace membrane::crypto {

void KeyDeleter::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

KeyHandle import_private_key(int type, std::span<const std::uint8_t> raw) {
  const QuietErrors quiet;
  return KeyHandle(EVP_PKEY_new_raw_private_key(type, nullptr, raw.data(), raw.size()));
}

KeyHandle import_public_key(int type, std::span<const std::uint8_t> raw) {
  const QuietErrors quiet;
  return KeyHandle(EVP_PKEY_new_raw_public_key(type, nullptr, raw.data(), raw.size()));
}

std::optional<RawKey> export_private_key(EVP_PKEY* key) {
  const QuietErrors quiet;
  RawKey raw{};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_private_key(key, raw.data(), &size) != 1) return std::nullopt;
  return raw;
}

std::optional<RawKey> export_public_key(EVP_PKEY* key) {
  const QuietErrors quiet;
  RawKey raw{};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1) return std::nullopt;
  return raw;
}

}  // namespace membrane::crypto
