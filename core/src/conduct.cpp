#include "conduct.h"

#include <algorithm>

#include "membrane/limits.h"

namespace membrane {
namespace {

/// How long it takes until a fault is forgiven, derived from the tolerance: the eleventh forged
/// statement is one too many, the fourth frame that does not parse, and any flood.
TimeMs weight_ms(Error fault) {
  switch (fault) {
    case Error::bad_signature:
      return limits::conduct_tolerance_ms / 10;
    case Error::malformed:
    case Error::oversized:
      return limits::conduct_tolerance_ms / 3;
    case Error::busy:
      return limits::conduct_tolerance_ms + 1;
    default:
      return 0;
  }
}

}  // namespace

bool Conduct::blame(Position peer, Error fault) {
  const TimeMs weight = weight_ms(fault);
  if (weight == 0) return false;
  Standing& standing = standing_of(peer);
  standing.clear_at = std::max(standing.clear_at, context_.now) + weight;
  if (!is_banned(standing)) return false;
  standing.clear_at = context_.now + limits::conduct_tolerance_ms + limits::conduct_ban_ms;
  return true;
}

Conduct::Standing& Conduct::standing_of(Position peer) {
  std::erase_if(standings_,
                [this](const Standing& standing) { return standing.clear_at <= context_.now; });
  const auto found =
      std::find_if(standings_.begin(), standings_.end(),
                   [peer](const Standing& standing) { return standing.peer == peer; });
  if (found != standings_.end()) return *found;
  if (standings_.size() >= limits::conduct_peers_max) {
    standings_.erase(std::min_element(
        standings_.begin(), standings_.end(),
        [](const Standing& a, const Standing& b) { return a.clear_at < b.clear_at; }));
  }
  return standings_.emplace_back(Standing{peer, 0});
}

bool Conduct::is_banned(const Standing& standing) const {
  return standing.clear_at > context_.now + limits::conduct_tolerance_ms;
}

bool Conduct::is_banned(Position peer) const {
  return std::any_of(standings_.begin(), standings_.end(), [&](const Standing& standing) {
    return standing.peer == peer && is_banned(standing);
  });
}

std::size_t Conduct::banned() const {
  return static_cast<std::size_t>(
      std::count_if(standings_.begin(), standings_.end(),
                    [this](const Standing& standing) { return is_banned(standing); }));
}

}  // namespace membrane
