#include "phase_meter.h"

#include <algorithm>

#include "convergence.h"

namespace membrane::sim {

void PhaseMeter::begin(TimeUs now) {
  since_ = now;
  one_us_.reset();
  converged_us_.reset();
}

void PhaseMeter::look(TimeUs now) {
  const bool is_one = is_one_network(census_);
  if (!is_one) one_us_.reset();
  if (is_one && !one_us_) one_us_ = now;
  const bool is_good = is_one && sim::is_converged(world_, census_);
  if (!is_good) converged_us_.reset();
  if (is_good && !converged_us_) converged_us_ = now;
}

std::optional<double> PhaseMeter::after_s(const std::optional<TimeUs>& at) const {
  if (!at) return std::nullopt;
  return static_cast<double>(*at - since_) / 1e6;
}

void PhaseMeter::report(const std::string& name, Report& report) const {
  report.set(name + ".peers", static_cast<std::uint64_t>(census_.present().size()));
  report.set(name + ".largest_network", share_of_largest(census_));
  report.set(name + ".one_network_after_s", one_after_s());
  report.set(name + ".converged_after_s", converged_after_s());
}

void SleeperMeter::look(TimeUs now) {
  known_.resize(census_.size());
  for (PeerIndex peer = 0; peer < census_.size(); ++peer) {
    if (census_.at(peer).awake || known_[peer]) continue;
    known_[peer] = true;
    slept_.push_back({peer, {}, {}});
  }
  for (Sleeper& sleeper : slept_) {
    if (sleeper.back || !census_.takes_part(sleeper.peer)) continue;
    sleeper.woke = census_.at(sleeper.peer).unbroken_us;
    if (census_.networks()[sleeper.peer] == census_.largest().first) sleeper.back = now;
  }
}

std::optional<double> SleeperMeter::back_after_s() const {
  TimeUs slowest = 0;
  for (const Sleeper& sleeper : slept_) {
    if (!census_.at(sleeper.peer).alive) continue;
    if (!sleeper.woke || !sleeper.back) return std::nullopt;
    slowest = std::max(slowest, *sleeper.back - *sleeper.woke);
  }
  return static_cast<double>(slowest) / 1e6;
}

}  // namespace membrane::sim
