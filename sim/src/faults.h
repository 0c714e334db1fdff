#pragma once

#include <memory>

#include "scenario.h"
#include "watch.h"

namespace membrane::sim {

/// What goes wrong: crashes, leaves, sleep, walls, a server that is gone, churn, and peers that
/// turn against the others (adversary.h).
class Faults {
 public:
  Faults(World& world, Watch& watch, const Scenario& scenario, std::uint64_t seed);
  ~Faults();

  /// What happens when the phase begins, and what goes on until then.
  void begin(const Phase& phase, TimeUs until);
  /// No more faults: no wall, and the server as the scenario has it.
  void end();
  void set_server(bool up);

 private:
  std::vector<PeerIndex> some(double percent);
  void set_parts(std::uint64_t parts);
  void churn();

  World& world_;
  Watch& watch_;
  const Scenario& scenario_;
  Random random_;
  std::vector<std::unique_ptr<Tamper>> adversaries_;
};

}  // namespace membrane::sim
