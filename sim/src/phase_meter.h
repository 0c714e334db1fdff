#pragma once

#include <optional>
#include <string>
#include <vector>

#include "census.h"
#include "report.h"
#include "world.h"

namespace membrane::sim {

/// How the network stands in one phase: how many are there, what share of them is in the largest
/// network at its end, and from when on it was one network, and converged, until the end.
class PhaseMeter {
 public:
  PhaseMeter(const World& world, const Census& census) : world_(world), census_(census) {}

  void begin(TimeUs now);
  /// Now and then while it lasts, and when it ends; the census must be up to date.
  void look(TimeUs now);
  bool is_converged() const { return converged_us_.has_value(); }
  std::optional<double> one_after_s() const { return after_s(one_us_); }
  std::optional<double> converged_after_s() const { return after_s(converged_us_); }

  /// NAME {peers, largest_network, one_network_after_s, converged_after_s}
  void report(const std::string& name, Report& report) const;

 private:
  std::optional<double> after_s(const std::optional<TimeUs>& at) const;

  const World& world_;
  const Census& census_;
  TimeUs since_ = 0;
  std::optional<TimeUs> one_us_;
  std::optional<TimeUs> converged_us_;
};

/// Who fell asleep and woke up: how long until each is in the largest network again.
class SleeperMeter {
 public:
  explicit SleeperMeter(const Census& census) : census_(census) {}

  void look(TimeUs now);
  bool has_sleepers() const { return !slept_.empty(); }
  /// sleepers_back_after_s: of the slowest; nothing when one is not back at the end.
  std::optional<double> back_after_s() const;

 private:
  struct Sleeper {
    PeerIndex peer = nobody;
    std::optional<TimeUs> woke;
    std::optional<TimeUs> back;
  };
  const Census& census_;
  std::vector<Sleeper> slept_;
  std::vector<bool> known_;
};

}  // namespace membrane::sim
