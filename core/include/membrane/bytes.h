#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace membrane {

/// Bytes that somebody owns.
using Bytes = std::vector<std::uint8_t>;

/// Bytes that somebody else owns, for the length of a call.
using ByteView = std::span<const std::uint8_t>;

/// The bytes of a text, without a terminator.
inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Bytes read as text; whether they are UTF-8 is the reader's to check.
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace membrane
