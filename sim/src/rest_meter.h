#pragma once

#include <vector>

#include "census.h"
#include "report.h"
#include "samples.h"

namespace membrane::sim {

/// What it costs to be a member: links, new connections, bytes and memory. Measured in phases that
/// the scenario calls steady; bytes in those among them in which nobody says anything.
class RestMeter {
 public:
  explicit RestMeter(const Census& census) : census_(census) {}

  void begin(TimeUs now, bool is_idle);
  void end(TimeUs now);

  void offers(PeerIndex peer);  ///< makes a connection and offers it
  void connection();            ///< one end of a connection is made
  void sent(PeerIndex peer, std::size_t bytes);
  /// Now and then while it lasts.
  void look(TimeUs now);
  /// A node's heap, once a phase.
  void holds(std::uint64_t bytes) { state_bytes_.add(static_cast<double>(bytes)); }

  /// links {mean, max, opened_per_peer_hour, connections_per_peer_hour}, state_bytes {mean, max},
  /// traffic {idle_bytes_per_s_mean, idle_bytes_per_s_max}
  void report(Report& report) const;

 private:
  const Census& census_;
  bool is_on_ = false;
  bool is_idle_ = false;
  TimeUs since_ = 0;
  TimeUs looked_ = 0;
  double peer_hours_ = 0;
  std::uint64_t offers_ = 0;
  std::uint64_t connections_ = 0;
  std::vector<std::uint64_t> sent_;
  Samples degrees_;
  Samples state_bytes_;
  Samples bytes_per_s_;
};

}  // namespace membrane::sim
