#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "membrane/output.h"

namespace membrane::sim {

__extension__ using Wide = unsigned __int128;

/// A bijection that spreads each bit over all others (the finaliser of SplitMix64, Steele 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

/// One number that stands for two, in this order.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return mix(a + 0x9e3779b97f4a7c15ull * (b + 1));
}

/// A draw from 0 … bound - 1 out of 64 even bits. For bounds far below 2^64 it is even.
constexpr std::uint64_t scale(std::uint64_t bits, std::uint64_t bound) {
  return static_cast<std::uint64_t>(static_cast<Wide>(bits) * bound >> 64);
}

/// The world's own chance, apart from that of the nodes: xoshiro256** (Blackman and Vigna 2018).
/// Same seed, same draws.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = mix(seed += 0x9e3779b97f4a7c15ull);
  }

  std::uint64_t u64() {
    const std::uint64_t out = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return out;
  }

  /// Even over 0 … bound - 1; 0 when the bound is 0.
  std::uint64_t below(std::uint64_t bound) { return scale(u64(), bound); }
  /// From low to high, both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool chance(std::uint64_t of, std::uint64_t in) { return below(in) < of; }

  Key key() {
    Key out{};
    for (std::size_t at = 0; at < out.size(); at += 8) {
      const std::uint64_t word = u64();
      for (std::size_t i = 0; i < 8; ++i) out[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
    return out;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int by) {
    return x << by | x >> (64 - by);
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace membrane::sim
