#pragma once

#include <map>
#include <string>

#include "census.h"
#include "report.h"
#include "samples.h"

namespace membrane::sim {

/// Questions that peers ask the network about other peers, each of which ends well or badly:
/// lookups and connects. A question counts when it is not forgiven, both are honest, connected and
/// settled when it is asked, and both are still there, awake throughout, at its end. One without an
/// end fails.
class Probes {
 public:
  explicit Probes(const Census& census) : census_(census) {}

  /// Whether these two may be asked: nothing is under way between them, and both qualify.
  bool may_ask(PeerIndex from, PeerIndex to) const;
  bool is_asked(PeerIndex from, PeerIndex to) const { return open_.contains({from, to}); }
  void ask(PeerIndex from, PeerIndex to, TimeUs now, bool forgiven);
  /// Its node refused the command.
  void refused(PeerIndex from, PeerIndex to);
  bool is_asking(PeerIndex from, PeerIndex to) const { return open_.contains({from, to}); }
  void succeeded(PeerIndex from, PeerIndex to, TimeUs now, unsigned hops = 0, bool relayed = false);
  void failed(PeerIndex from, PeerIndex to, const std::string& reason);
  /// Those that are still open have failed.
  void close();

  /// routing {sent, success, hops_mean, hops_p99}
  void report_routing(Report& report) const;
  /// connect {attempts, success, relayed, p50_ms, p99_ms}
  void report_connect(Report& report) const;

 private:
  using Question = std::pair<PeerIndex, PeerIndex>;

  struct Asked {
    TimeUs at = 0;
    bool counts = false;
  };

  bool counts(const Question& question, const Asked& asked) const;
  std::optional<double> success() const;
  void report_reasons(const std::string& section, Report& report) const;

  const Census& census_;
  std::map<Question, Asked> open_;
  std::uint64_t ended_ = 0;
  std::uint64_t succeeded_ = 0;
  std::uint64_t relayed_ = 0;
  Samples hops_;
  Samples took_ms_;
  std::map<std::string, std::uint64_t> reasons_;
};

}  // namespace membrane::sim
