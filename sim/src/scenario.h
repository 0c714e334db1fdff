#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What happens to a network, and what it must show: a small data file, sim/scenarios/NAME.json.
/// The fields below are the file's keys; one that the file does not name keeps the value here.
/// docs/simulation.md lists them for those who write scenarios.
namespace membrane::sim {

/// A stretch of time in which the same things go on.
struct Phase {
  std::string name;
  double for_s = 0;

  // ---- Once, when it begins ----
  double crash_percent = 0;    ///< of the living vanish without a word
  double leave_percent = 0;    ///< of the living say goodbye
  double sleep_percent = 0;    ///< of the living have their clock stopped
  double sleep_s = 0;          ///< for so long
  double liars_percent = 0;    ///< of the living turn against the others, for good
  std::uint64_t flooders = 0;  ///< so many peers start to send without end, for good

  // ---- While it lasts ----
  std::uint64_t parts = 1;           ///< the Internet is cut into so many
  bool server = true;                ///< first contact answers
  double churn_percent_per_min = 0;  ///< leave or crash, half of them each, and are replaced
  double publishes_per_s = 0;        ///< by peers drawn at random
  double probes_per_s = 0;           ///< routing probes between two drawn at random
  double connects_per_s = 0;         ///< sessions between two that have no link

  // ---- What it counts for ----
  /// What is said here owes nothing to anybody and is in no figure: the network is broken.
  bool forgiven = false;
  /// Links are counted here, and bytes if there is no traffic.
  bool steady = false;
};

/// What a figure of the report must be, as in "<= 0.1".
struct Bound {
  std::string figure;
  std::string relation;  ///< one of = <= >=
  double value = 0;
};

struct Scenario {
  std::string about;
  std::uint64_t peers = 100;
  double join_s = 60;               ///< in which all join, evenly
  double converge_s_max = 120;      ///< after the last join; then the phases begin come what may
  double drain_s = 30;              ///< after the last phase, without traffic or faults
  bool server = true;               ///< false: it is gone for good when the network has converged
  bool real_crypto = false;         ///< Ed25519 and HPKE instead of the keyed stand-in
  std::uint64_t latency_ms = 0;     ///< one way, between any two; 0: the model of the Internet
  std::uint64_t whole_map_max = 0;  ///< the largest network with whole maps; 0: the core's limit
  double blocked_percent = 0;       ///< of all pairs can never connect directly
  double deliver_within_s = 10;     ///< for the figure broadcast.delivered_in_time
  std::uint64_t payload_bytes = 100;
  double flood_per_s = 1'000;  ///< statements and other messages that a flooder makes
  bool swarm = false;          ///< the phases are drawn from the seed (swarm.h)
  std::vector<Phase> phases;
  std::vector<Bound> must;
};

/// A key with dots and a value, as in {"phases.rest.for_s", "60"}.
using Setting = std::pair<std::string, std::string>;

/// The scenario in `text` (JSON) with some of its values replaced. A key of a setting is that of a
/// scalar of the scenario, "PHASE.KEY", or "must.FIGURE". Throws std::runtime_error that says what
/// is wrong where.
Scenario read_scenario(std::string_view text, const std::vector<Setting>& settings);

/// The text of a scenario: read_scenario makes the same of it, but for what a swarm has drawn,
/// which is written down.
std::string write_scenario(const Scenario& scenario);

/// The same from a file, or from NAME.json in `folder` when there is no such file.
Scenario load_scenario(const std::string& name, const std::string& folder,
                       const std::vector<Setting>& settings);

/// The names in `folder`, each with what its `about` says, for --help.
std::map<std::string, std::string> list_scenarios(const std::string& folder);

}  // namespace membrane::sim
