#pragma once

#include <functional>
#include <memory>

#include "faults.h"
#include "load.h"
#include "phase_meter.h"
#include "report.h"
#include "scenario.h"
#include "trace.h"
#include "watch.h"
#include "world.h"

namespace membrane::sim {

/// One run of a scenario: all join, the network settles, the phases follow one another, then all is
/// quiet for a while; the meters and checkers watch throughout. Same scenario and seed, same
/// report.
class Run {
 public:
  /// `trace` may be null and must outlive the run. Of `threads` the run gets faster, and nothing
  /// else.
  Run(const Scenario& scenario, std::uint64_t seed, Trace* trace = nullptr,
      std::size_t threads = 1);

  /// Called about once a virtual second with the name of the phase.
  std::function<void(const std::string& phase)> on_progress;

  void go();

  const World& world() const { return world_; }
  const Watch& watch() const { return watch_; }
  const Report& report() const { return report_; }
  /// What was violated by the network, and then which of the scenario's bounds do not hold.
  const Verdict& verdict() const { return watch_.verdict; }

 private:
  void join();
  void converge();
  void run_phase(const Phase& phase);
  void drain();
  void pass(TimeUs until, const std::string& phase, PhaseMeter* meter);
  void look(PhaseMeter* meter);
  void check_all_tables();
  void await_equal_maps();
  Verdict compare_maps() const;
  void weigh();
  void make_report();
  void report_rejected();
  bool has_adversaries() const;

  const Scenario scenario_;
  std::uint64_t seed_;
  World world_;
  Watch watch_;
  Faults faults_;
  Load load_;
  SleeperMeter sleepers_{watch_.census};
  Report report_;
  std::optional<double> converged_after_s_;
};

}  // namespace membrane::sim
