#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "census.h"
#include "check_budget.h"
#include "check_loops.h"
#include "check_once.h"
#include "deliveries.h"
#include "probes.h"
#include "rest_meter.h"
#include "trace.h"
#include "tree.h"
#include "verdict.h"
#include "world.h"

namespace membrane::sim {

/// Everything that is seen of a world goes through here to those whom it concerns: the census, the
/// meters, the checkers, the trace.
class Watch : public Observer {
 public:
  /// `trace` may be null.
  Watch(World& world, Trace* trace);

  Census census;
  Verdict verdict;
  Deliveries deliveries{census};
  Probes routing{census};
  Probes connects{census};
  RestMeter rest{census};
  CheckBudget budget{verdict};
  Tree tree;
  /// Links between two peers that were awake all along which went down while they were counted
  /// (sleep): each end for itself.
  std::uint64_t disturbed = 0;
  bool counts_disturbed = false;

  /// A line in the trace.
  void note(const std::string& what);
  /// Brings the census up to date with the links that the nodes hold now.
  void refresh();

  void on_event(PeerIndex peer, const Output& event) override;
  void on_frame_sent(PeerIndex from, PeerIndex to, Channel channel, ByteView frame) override;
  void on_frame(PeerIndex from, PeerIndex to, Channel channel, ByteView frame) override;
  void on_connection(PeerIndex peer, bool offers) override;
  void on_contact(PeerIndex peer, const ContactSend& said) override;
  void on_fate(PeerIndex peer, const char* what) override;

  /// Called when a session opens, with both ends.
  std::function<void(PeerIndex, PeerIndex)> on_session;

 private:
  void meet(PeerIndex peer);
  void on_find(PeerIndex peer, const Output& event);
  void on_connect(PeerIndex peer, const Output& event);
  void on_link_down(PeerIndex peer, const LinkDown& down);
  void on_topic_message(PeerIndex peer, const TopicMessage& message);
  void on_copy(std::uint64_t number, PeerIndex from, PeerIndex to);

  World& world_;
  Trace* trace_;
  CheckOnce once_{verdict};
  CheckLoops loops_{verdict};
  std::set<PeerIndex> changed_;
};

}  // namespace membrane::sim
