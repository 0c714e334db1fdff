#pragma once

#include <cstdint>
#include <cstring>

#include "membrane/bytes.h"
#include "random.h"

namespace membrane::sim {

inline constexpr std::uint64_t odd_a = 0xa0761d6478bd642full;
inline constexpr std::uint64_t odd_b = 0xe7037ed1a0b428dbull;

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t word(const std::uint8_t* from, std::size_t size) {
  std::uint64_t out = 0;
  if (size != 0) std::memcpy(&out, from, size);
  return out;
}

/// A fast keyed hash, 16 bytes a step (after wyhash, Wang Yi 2019).
inline std::uint64_t digest(ByteView bytes, std::uint64_t state) {
  state ^= fold(bytes.size() ^ odd_a, odd_b);
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 16; at += 16, left -= 16)
    state = fold(word(at, 8) ^ odd_a, word(at + 8, 8) ^ state);
  const std::uint64_t low = left > 8 ? word(at, 8) : word(at, left);
  const std::uint64_t high = left > 8 ? word(at + 8, left - 8) : 0;
  return fold(odd_b ^ low, state ^ high ^ odd_a);
}

}  // namespace membrane::sim
