#pragma once

#include "connector.h"
#include "links.h"

namespace membrane {

/// First contact: how a node finds others through the server. One without links offers a
/// connection; when nobody is there it is a network of one, keeps the same connection ready and
/// offers it again now and then, so that two that started alone still meet.
///
/// One with links needs the server no more, but its network may have parted from another one
/// without a sign. So members look for others, too: rarely, at a pace that the whole network
/// shares, and sooner after the network has shrunk or the server was away. Such an offer names a
/// member of ours, and whoever knows that member refuses it (Connector::contact_request): it costs
/// a connection only when it joins two networks. docs/decisions/0014.
class Bootstrap {
 public:
  Bootstrap(Context& context, Links& links, Map& map, Connector& connector)
      : context_(context), links_(links), map_(map), connector_(connector) {}

  void contact_opened();
  void contact_closed();
  void unresolved(RequestId request);
  void failed(RequestId request);
  /// Somebody has answered: whoever has no link yet asks another one, too, if this takes long.
  void answered();
  /// The connection through the server came to nothing, after an answer or without one.
  void attempt_failed(LinkId link, bool answered);
  void links_changed();
  void map_changed();
  void leave();

  State state() const { return state_; }
  /// Whether we have never had a link: what others said so far does not concern us.
  bool fresh() const { return !has_met_anybody_; }

  void tick();
  TimeMs next_timeout() const { return seek_at_; }

 private:
  bool has_links() const { return !links_.up().empty(); }
  bool awaits(RequestId request) const;
  void enter(State state);
  void seek();
  void keep_ready();
  void seek_later(bool answered);
  TimeMs usual_pace_ms() const;
  void plan(TimeMs pace_ms, TimeMs earliest_ms);
  void plan(TimeMs pace_ms);
  void plan_soon();
  void look_at_losses();

  Context& context_;
  Links& links_;
  Map& map_;
  Connector& connector_;
  State state_ = State::joining;
  bool server_is_there_ = false;
  bool has_met_anybody_ = false;
  LinkId offering_ = 0;   ///< the connection that is offered through the server, or kept ready
  bool waiting_ = false;  ///< an offer is with the server
  TimeMs offered_at_ = 0;
  /// Those whose links keep breaking do not wear out the server's patience.
  Rate seeks_ = Rate::every_ms(limits::contact_seek_interval_ms, limits::contact_seek_burst);
  TimeMs seek_at_ = never;
  TimeMs retry_after_ms_ = limits::contact_retry_min_ms;  ///< without links
  TimeMs pace_ms_ = 0;                                    ///< with links
  std::size_t planned_for_ = 0;  ///< the network's size when seek_at_ was chosen
  std::size_t links_then_ = 0;   ///< the most links that we have had since
};

}  // namespace membrane
