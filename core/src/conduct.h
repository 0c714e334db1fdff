#pragma once

#include <vector>

#include "context.h"

namespace membrane {

/// What our neighbours have done that no honest peer does, and for how long nobody gets another
/// link for it. docs/protocol.md "Conduct" says why each fault is proof.
///
/// A fault has a weight, a time; time forgives it. Whoever has more than
/// limits::conduct_tolerance_ms to be forgiven is banned: for limits::conduct_ban_ms, and then at
/// the edge of the tolerance. At most limits::conduct_peers_max peers are held; the one that would
/// be forgiven first makes room.
class Conduct {
 public:
  explicit Conduct(const Context& context) : context_(context) {}

  /// Counts a fault of the peer at this place, of the kind that the error says; other errors are no
  /// faults. Says whether the peer is banned now.
  bool blame(Position peer, Error fault);
  bool is_banned(Position peer) const;
  std::size_t banned() const;
  std::size_t size() const { return standings_.size(); }

 private:
  /// When all that the peer at this place has done is forgiven.
  struct Standing {
    Position peer;
    TimeMs clear_at;
  };
  bool is_banned(const Standing& standing) const;
  Standing& standing_of(Position peer);

  const Context& context_;
  std::vector<Standing> standings_;
};

}  // namespace membrane
