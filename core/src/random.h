#pragma once

#include <array>
#include <cstdint>

namespace membrane {

/// The core's only source of chance: the ChaCha20 key stream (RFC 8439) under a seed that the host
/// drew from the system. Same seed, same draws. Nobody who sees some of its output can tell the
/// rest, so nonces may come from it.
class Random {
 public:
  using Seed = std::array<std::uint8_t, 32>;

  explicit Random(const Seed& seed);

  std::uint32_t u32();
  std::uint64_t u64();
  /// Even over 0 … bound - 1; bound must not be 0.
  std::uint64_t below(std::uint64_t bound);
  std::array<std::uint8_t, 32> bytes32();

 private:
  void refill();

  std::array<std::uint32_t, 16> state_{};
  std::array<std::uint32_t, 16> block_{};
  unsigned used_ = 16;
};

}  // namespace membrane
