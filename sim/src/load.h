#pragma once

#include "scenario.h"
#include "watch.h"

namespace membrane::sim {

/// What applications do: publish, look each other up, open sessions. Everyone who takes part is as
/// likely to.
class Load {
 public:
  Load(World& world, Watch& watch, const Scenario& scenario, std::uint64_t seed);

  /// As the phase says, from now until then.
  void run(const Phase& phase, TimeUs until);

 private:
  /// A session lives so long; then both it and its link are closed.
  static constexpr TimeUs session_us = 5'000'000;

  PeerIndex somebody();
  /// Two who may be asked; the second has no link to the first if `apart`.
  std::optional<std::pair<PeerIndex, PeerIndex>> two(const Probes& probes, bool apart);
  void publish(bool forgiven);
  void probe(bool forgiven);
  void connect(bool forgiven);
  void close_later(PeerIndex from, PeerIndex to);

  World& world_;
  Watch& watch_;
  const Scenario& scenario_;
  Random random_;
};

}  // namespace membrane::sim
