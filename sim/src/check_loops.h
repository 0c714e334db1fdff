#pragma once

#include <cstdint>
#include <unordered_map>

#include "membrane/bytes.h"
#include "membrane/limits.h"
#include "verdict.h"

namespace membrane::sim {

/// What a message that is routed from peer to peer shows of its way.
struct Routed {
  std::uint64_t name = 0;  ///< of this very message
  bool returned = false;   ///< on its way back from a dead end
};

/// The routed message in a control frame that goes forwards or has been returned; nothing for
/// others, and for those that go back along a trail, which their questions have made.
std::optional<Routed> routed_in(ByteView frame);

/// No route has a loop: a peer passes a message on once, and once more each time that it was
/// returned to it from a dead end. Asked of honest peers, for as long as they keep its trail: what
/// waited longer at a peer that slept may pass again, since it has hops left.
class CheckLoops {
 public:
  explicit CheckLoops(Verdict& verdict) : verdict_(verdict) {}

  void came(PeerIndex to, const Routed& message, TimeUs now);
  void passed_on(PeerIndex from, const Routed& message, TimeUs now);

 private:
  static constexpr TimeUs kept_us = limits::trail_kept_ms * 1'000;

  struct Visit {
    std::uint32_t passed = 0;
    std::uint32_t returned = 0;
    TimeUs since = 0;  ///< the first
  };
  Visit& visit(PeerIndex peer, const Routed& message, TimeUs now);

  Verdict& verdict_;
  TimeUs turned_ = 0;
  // Two generations; the older one is forgotten when the younger is old. Looked up, never walked.
  std::unordered_map<std::uint64_t, Visit> young_;
  std::unordered_map<std::uint64_t, Visit> old_;
};

}  // namespace membrane::sim
