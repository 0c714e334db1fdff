#include "internet.h"

#include <algorithm>
#include <array>
#include <utility>

namespace membrane::sim {
namespace {

constexpr std::size_t regions = 6;

/// Europe, North America east and west, South America, East Asia, Australia. One way in
/// milliseconds, between exchanges: half of what public round-trip tables of cloud regions say,
/// rounded.
constexpr std::array<std::array<TimeUs, regions>, regions> way_ms{{
    {8, 42, 70, 98, 112, 125},
    {42, 10, 33, 60, 84, 100},
    {70, 33, 8, 85, 58, 72},
    {98, 60, 85, 12, 125, 125},
    {112, 84, 58, 125, 15, 58},
    {125, 100, 72, 125, 58, 10},
}};

/// How many of a hundred peers live where.
constexpr std::array<std::uint64_t, regions> share{30, 20, 15, 10, 20, 5};
constexpr std::size_t server_region = 0;

/// An access line: fibre to mobile.
constexpr TimeUs line_us_min = 1'000;
constexpr TimeUs line_us_spread = 14'000;
/// A pair's own detour, of a thousandth part of its way.
constexpr std::uint64_t detour_per_mille = 200;
/// Chance: up to a tenth of the way and a millisecond; one message in a hundred waits longer.
constexpr std::uint64_t jitter_divisor = 10;
constexpr TimeUs jitter_us = 1'000;
constexpr std::uint64_t hiccups_in = 100;
constexpr TimeUs hiccup_us = 30'000;

constexpr std::uint64_t about_region = 1;
constexpr std::uint64_t about_line = 2;
constexpr std::uint64_t about_pair = 3;
constexpr std::uint64_t about_nat = 4;

constexpr TimeUs stun_server_us = 8'000;

}  // namespace

std::size_t Internet::region(PeerIndex peer) const {
  std::uint64_t draw = scale(fixed(peer, about_region), 100);
  std::size_t at = 0;
  while (draw >= share[at]) draw -= share[at++];
  return at;
}

TimeUs Internet::line_us(PeerIndex peer) const {
  // The product of two even draws: most lines are good.
  const std::uint64_t draw = fixed(peer, about_line);
  return line_us_min + scale(draw, scale(mix(draw), line_us_spread));
}

TimeUs Internet::base_us(PeerIndex a, PeerIndex b) const {
  if (options_.latency_ms != 0) return options_.latency_ms * 1'000;
  if (a > b) std::swap(a, b);
  const TimeUs way = way_ms[region(a)][region(b)] * 1'000;
  const std::uint64_t pair = mix(fixed(a, about_pair), b);
  return line_us(a) + line_us(b) + way + scale(pair, way * detour_per_mille / 1'000);
}

TimeUs Internet::delay_us(TimeUs base, Random& random) const {
  if (options_.latency_ms != 0) return base;
  const std::uint64_t draw = random.u64();
  const TimeUs jitter = scale(draw, base / jitter_divisor + jitter_us);
  const std::uint64_t luck = mix(draw);
  return base + jitter + (scale(luck, hiccups_in) == 0 ? scale(mix(luck), hiccup_us) : 0);
}

TimeUs Internet::server_us(PeerIndex peer) const {
  if (options_.latency_ms != 0) return options_.latency_ms * 1'000;
  return line_us(peer) + way_ms[region(peer)][server_region] * 1'000;
}

TimeUs Internet::shortest_us() const {
  if (options_.latency_ms != 0) return options_.latency_ms * 1'000;
  TimeUs out = way_ms[0][0];
  for (const auto& from : way_ms) out = std::min(out, *std::min_element(from.begin(), from.end()));
  return out * 1'000;
}

TimeUs Internet::stun_us(PeerIndex peer) const { return 2 * (line_us(peer) + stun_server_us); }

bool Internet::may_connect(PeerIndex a, PeerIndex b) const {
  if (options_.nat_per_mille == 0) return true;
  if (a > b) std::swap(a, b);
  return scale(mix(fixed(a, about_nat), b), 1'000) >= options_.nat_per_mille;
}

void Internet::raise_wall(std::vector<std::uint8_t> side, std::optional<std::uint8_t> server_side) {
  side_ = std::move(side);
  if (side_.empty()) side_.push_back(0);
  server_side_ = server_side;
}

void Internet::fell_wall() {
  side_.clear();
  server_side_.reset();
}

}  // namespace membrane::sim
