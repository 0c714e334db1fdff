#include "membrane/id.h"

namespace membrane {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t text_size = 52;

}  // namespace

Position PeerId::position() const {
  Position value = 0;
  for (std::size_t i = 0; i < sizeof(Position); ++i) value = value << 8 | bytes[i];
  return value;
}

std::string PeerId::text() const {
  std::string out;
  out.reserve(text_size);
  std::uint32_t window = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    window = window << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += alphabet[window >> (bits - 5) & 31];
  }
  out += alphabet[window << (5 - bits) & 31];
  return out;
}

std::optional<PeerId> PeerId::parse(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  PeerId id;
  std::uint32_t window = 0;
  int bits = 0;
  std::size_t filled = 0;
  for (const char letter : text) {
    const auto digit = alphabet.find(letter);
    if (digit == std::string_view::npos) return std::nullopt;
    window = window << 5 | static_cast<std::uint32_t>(digit);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    id.bytes[filled++] = static_cast<std::uint8_t>(window >> bits);
  }
  // 52 characters carry 260 bits: the last four must be zero, so that each id has one text.
  if ((window & 15) != 0) return std::nullopt;
  return id;
}

}  // namespace membrane
