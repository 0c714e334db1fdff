#pragma once

#include <functional>
#include <map>

#include "links.h"
#include "map.h"
#include "signalling.h"

namespace membrane {

/// Carries sealed signals from any peer to any other along the shortest route of the map. Whoever
/// has no route falls back to the link on which the target was last heard (a newcomer's record may
/// not have arrived yet), else tells the sender where it ended. Nothing is sent back where it came
/// from, and hops are counted, so nothing circles.
class Envelopes {
 public:
  Envelopes(Context& context, Links& links, Map& map)
      : context_(context), links_(links), map_(map) {}

  struct Hooks {
    std::function<void(const PeerId& from, Signal&&)> signal;
    std::function<void(const PeerId& target, Error)> failed;
  };
  Hooks hooks;

  /// Signs, seals and sends. `done` is called once, with unreachable when there is no way.
  void send(const PeerId& to, const Key& sealing_key, const Signal& signal,
            const std::function<void(Error)>& done);
  void receive(Link& link, Envelope&& envelope);
  void receive(Link& link, EnvelopeFailed&& failed);
  void link_down(LinkId link);

 private:
  Link* way_to(const PeerId& to, LinkId from);
  void deliver(const Envelope& envelope);
  void verify(const PeerId& from, ByteView opened);
  void remember_way(Position peer, LinkId link);
  void fail_back(const Envelope& envelope, LinkId from, Error reason);

  Context& context_;
  Links& links_;
  Map& map_;
  std::map<Position, LinkId> heard_on_;
};

}  // namespace membrane
