#pragma once

#include <cstdint>

#include "membrane/output.h"

namespace membrane::sim {

/// A peer of the world, in the order they were added. One that comes back has a new one.
using PeerIndex = std::uint32_t;
inline constexpr PeerIndex nobody = ~PeerIndex{0};

/// Microseconds of virtual time since the world began.
using TimeUs = std::uint64_t;

class World;

/// Who watches the world. Nothing that is called here may feed a node, add or remove one; to do so
/// it asks the world to call back, see World::at. Nor may it look at nodes: they may be ahead.
struct Observer {
  virtual ~Observer() = default;

  /// An event for the application of `peer`: StateChanged … SessionPiece.
  virtual void on_event(PeerIndex /*peer*/, const Output& /*event*/) {}
  /// What the application answers when it is asked.
  virtual bool on_asked(PeerIndex /*peer*/, const Asked& /*asked*/) { return true; }
  /// A frame leaves `from`, after its Tamper has seen it.
  virtual void on_frame_sent(PeerIndex /*from*/, PeerIndex /*to*/, Channel, ByteView /*frame*/) {}
  /// A frame is handed to `to`.
  virtual void on_frame(PeerIndex /*from*/, PeerIndex /*to*/, Channel, ByteView /*frame*/) {}
  /// `peer` makes a connection object, of which a browser has some 500 in a tab's life: to offer
  /// it, or for an offer that came.
  virtual void on_connection(PeerIndex /*peer*/, bool /*offers*/) {}
  /// The transport between the two is open at `peer`'s end.
  virtual void on_opened(PeerIndex /*peer*/, PeerIndex /*other*/) {}
  /// What `peer` tells the first-contact server.
  virtual void on_contact(PeerIndex /*peer*/, const ContactSend& /*said*/) {}
  /// A peer is gone for good (crash or leave), goes to sleep or wakes up.
  virtual void on_fate(PeerIndex /*peer*/, const char* /*what*/) {}
};

/// An attacker's hand on what its host sends. The node above it knows nothing of it.
struct Tamper {
  virtual ~Tamper() = default;
  /// May change the frame; false drops it.
  virtual bool on_send(PeerIndex from, PeerIndex to, Channel channel, Bytes& frame) = 0;
};

}  // namespace membrane::sim
