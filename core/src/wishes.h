#pragma once

#include "connector.h"
#include "links.h"
#include "map.h"
#include "relay.h"
#include "seek.h"
#include "session.h"
#include "table.h"

namespace membrane {

/// What the application asked to be connected to, until it is, or cannot be. A wish uses the link
/// that exists, waits for one that is being set up, or has one set up; whoever is not in the map is
/// looked for first. One for a session is content with relays when the link takes too long or
/// cannot be made.
class Wishes {
 public:
  Wishes(Context& context, Links& links, Map& map, Seeker& seeker, Connector& connector,
         Sessions& sessions, Relay& relay)
      : context_(context),
        links_(links),
        map_(map),
        seeker_(seeker),
        connector_(connector),
        sessions_(sessions),
        relay_(relay) {}

  /// Errors: invalid_argument (ourselves), busy (limits::wishes_max).
  Error connect(const PeerId& peer, bool session);
  /// The application does not want a session any more; nothing is told.
  void cancel_session(const PeerId& peer);
  /// We leave: every wish fails.
  void leave();
  void link_up(Link& link);
  /// They agreed to a link some time ago, and it is not up.
  void attempt_late(const PeerId& peer, const Key& sealing_key);
  void attempt_failed(const PeerId& peer, bool application, Error reason);
  /// An offer of this peer, for which a wish may have waited, came to nothing.
  void offer_failed(const PeerId& peer);

 private:
  struct Wish {
    PeerId peer;
    bool session;
    bool link;  ///< for itself; a session may do without
  };

  void fulfil(Link& link, const Wish& wish);
  void pursue(const PeerId& peer, bool session);
  void look_for(const PeerId& peer);
  void open(const PeerId& peer, bool session);
  void fall_back(const PeerId& peer, Error reason);
  void fail(const PeerId& peer, Error reason);

  Context& context_;
  Links& links_;
  Map& map_;
  Seeker& seeker_;
  Connector& connector_;
  Sessions& sessions_;
  Relay& relay_;
  Table<Position, Wish> wishes_;
};

}  // namespace membrane
