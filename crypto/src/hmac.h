// HMAC-SHA256 (RFC 2104), the one primitive under HKDF (RFC 5869).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "secret.h"

namespace membrane::crypto {

using Digest = Secret<32>;

// Writes the code of the concatenated `parts` under `key` to `out`. An empty key counts as one of
// zeros, which is the same to HMAC. False only when OpenSSL fails.
[[nodiscard]] bool hmac_sha256(std::span<const std::uint8_t> key,
                               std::initializer_list<std::span<const std::uint8_t>> parts,
                               Digest& out);

}  // namespace membrane::crypto
