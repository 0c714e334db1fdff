// Bytes that are wiped when they go out of scope.
#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace membrane::crypto {

template <std::size_t Size>
class Secret : public std::array<std::uint8_t, Size> {
 public:
  Secret() : std::array<std::uint8_t, Size>{} {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { OPENSSL_cleanse(this->data(), Size); }
};

}  // namespace membrane::crypto
