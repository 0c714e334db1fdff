#include "random.h"

#include <cstddef>

namespace membrane {
namespace {

using Block = std::array<std::uint32_t, 16>;

constexpr std::uint32_t rotate(std::uint32_t value, int by) {
  return value << by | value >> (32 - by);
}

void quarter_round(Block& x, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
  x[d] = rotate(x[d] ^ (x[a] += x[b]), 16);
  x[b] = rotate(x[b] ^ (x[c] += x[d]), 12);
  x[d] = rotate(x[d] ^ (x[a] += x[b]), 8);
  x[b] = rotate(x[b] ^ (x[c] += x[d]), 7);
}

}  // namespace

Random::Random(const Seed& seed) : state_{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574} {
  for (std::size_t i = 0; i < seed.size(); ++i) {
    state_[4 + i / 4] |= static_cast<std::uint32_t>(seed[i]) << (8 * (i % 4));
  }
}

void Random::refill() {
  block_ = state_;
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < 4; ++i) quarter_round(block_, i, 4 + i, 8 + i, 12 + i);
    for (std::size_t i = 0; i < 4; ++i) {
      quarter_round(block_, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
  }
  for (std::size_t i = 0; i < block_.size(); ++i) block_[i] += state_[i];
  if (++state_[12] == 0) ++state_[13];
  used_ = 0;
}

std::uint32_t Random::u32() {
  if (used_ == block_.size()) refill();
  return block_[used_++];
}

std::uint64_t Random::u64() {
  const std::uint64_t high = u32();
  return high << 32 | u32();
}

std::uint64_t Random::below(std::uint64_t bound) {
  // Draws that would make the first values likelier are drawn again.
  const std::uint64_t unfair = (0 - bound) % bound;
  std::uint64_t draw = u64();
  while (draw < unfair) draw = u64();
  return draw % bound;
}

std::array<std::uint8_t, 32> Random::bytes32() {
  std::array<std::uint8_t, 32> out{};
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const std::uint32_t word = u32();
    for (std::size_t k = 0; k < 4; ++k) out[i + k] = static_cast<std::uint8_t>(word >> (8 * k));
  }
  return out;
}

}  // namespace membrane
