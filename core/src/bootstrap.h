#pragma once

#include "connector.h"
#include "links.h"

namespace membrane {

/// First contact: how a node without links finds one. It offers a connection through the server;
/// when nobody is there it is a network of one, keeps the same connection ready and offers it again
/// now and then, so that two that started alone still meet. Once it has a link the server is not
/// needed any more.
class Bootstrap {
 public:
  Bootstrap(Context& context, Links& links, Connector& connector)
      : context_(context), links_(links), connector_(connector) {}

  void contact_opened();
  void contact_closed();
  void unresolved(RequestId request);
  void failed(RequestId request);
  void attempt_failed(LinkId link);
  void links_changed();
  void leave();

  State state() const { return state_; }
  /// Whether we have never had a link: what others said so far does not concern us.
  bool fresh() const { return !has_met_anybody_; }

  void tick();
  TimeMs next_timeout() const { return retry_at_; }

 private:
  void enter(State state);
  void seek();
  void retry_later();

  Context& context_;
  Links& links_;
  Connector& connector_;
  State state_ = State::joining;
  bool server_is_there_ = false;
  bool has_met_anybody_ = false;
  LinkId offering_ = 0;   ///< the connection that is offered through the server
  bool waiting_ = false;  ///< an offer is with the server
  /// Those whose links keep breaking do not wear out the server's patience.
  Rate seeks_ = Rate::every_ms(limits::contact_seek_interval_ms, limits::contact_seek_burst);
  TimeMs retry_at_ = never;
  TimeMs retry_after_ms_ = limits::contact_retry_min_ms;
};

}  // namespace membrane
