#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "observer.h"
#include "random.h"

namespace membrane::sim {

/// How far peers are from each other and who can reach whom.
///
/// A peer lives in one of six regions and behind an access line of its own. One way between two is
/// the way between their regions, both lines, and a detour of the pair; it never changes. Each
/// message takes a little longer by chance. All of it is drawn from the seed and the indices, so
/// nothing is stored for each pair.
class Internet {
 public:
  struct Options {
    std::uint64_t seed = 1;
    /// One way between any two, without chance; 0 for the model.
    std::uint64_t latency_ms = 0;
    /// Pairs of a thousand that can never have a direct connection.
    std::uint64_t nat_per_mille = 0;
  };

  explicit Internet(const Options& options) : options_(options) {}

  /// One way between two, without chance. The same in both directions.
  TimeUs base_us(PeerIndex a, PeerIndex b) const;
  /// One way for one message.
  TimeUs delay_us(PeerIndex a, PeerIndex b, Random& random) const {
    return delay_us(base_us(a, b), random);
  }
  /// The same between two whose base is known.
  TimeUs delay_us(TimeUs base_us, Random& random) const;
  /// To the first-contact server, one way.
  TimeUs server_us(PeerIndex peer) const;
  /// No way between two, or to the server, is shorter than that.
  TimeUs shortest_us() const;
  /// Until the host has learned its public address from a nearby STUN server.
  TimeUs stun_us(PeerIndex peer) const;

  /// Whether the two can ever have a direct connection (both behind hostile NATs when not).
  bool may_connect(PeerIndex a, PeerIndex b) const;

  /// From now on nothing passes between peers of different sides: side[i] is peer i's; who is not
  /// in it is on side 0. The server is reached by its own side alone, or by all.
  void raise_wall(std::vector<std::uint8_t> side, std::optional<std::uint8_t> server_side);
  void fell_wall();
  bool has_wall() const { return !side_.empty(); }
  /// Whether no wall stands between the two.
  bool passes(PeerIndex a, PeerIndex b) const { return side_.empty() || side(a) == side(b); }
  bool reaches_server(PeerIndex peer) const {
    return side_.empty() || !server_side_ || side(peer) == *server_side_;
  }

 private:
  std::uint8_t side(PeerIndex peer) const { return peer < side_.size() ? side_[peer] : 0; }
  std::size_t region(PeerIndex peer) const;
  TimeUs line_us(PeerIndex peer) const;
  /// What is drawn for a peer, once for all.
  std::uint64_t fixed(PeerIndex peer, std::uint64_t what) const {
    return mix(options_.seed ^ what, peer);
  }

  Options options_;
  std::vector<std::uint8_t> side_;
  std::optional<std::uint8_t> server_side_;
};

}  // namespace membrane::sim
