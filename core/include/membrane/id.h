#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "membrane/bytes.h"

namespace membrane {

/// A place on the ring: the first 64 bits of an id, big-endian. The ring closes after 2^64 - 1.
using Position = std::uint64_t;

/// How far b lies from a going clockwise (upwards).
constexpr Position clockwise(Position a, Position b) { return b - a; }

/// The shorter way round between two places.
constexpr Position ring_distance(Position a, Position b) {
  const Position up = b - a;
  const Position down = a - b;
  return up < down ? up : down;
}

/// Who a peer is: its 32-byte Ed25519 public key (RFC 8032). Text form: 52 characters of lower-case
/// base32 (RFC 4648 §6, no padding).
struct PeerId {
  static constexpr std::size_t size = 32;
  std::array<std::uint8_t, size> bytes{};

  Position position() const;
  ByteView view() const { return bytes; }
  std::string text() const;

  /// The id that a 52-character text stands for; nothing when it is not one.
  static std::optional<PeerId> parse(std::string_view text);

  friend bool operator==(const PeerId&, const PeerId&) = default;
  friend bool operator<(const PeerId& a, const PeerId& b) { return a.bytes < b.bytes; }
};

}  // namespace membrane
