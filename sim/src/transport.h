#pragma once

#include <map>
#include <vector>

#include "stage.h"

namespace membrane::sim {

/// Simulated WebRTC: connections between hosts, as the core asks for them.
///
/// A connection opens when both ends hold the other's true description and a candidate that works
/// from afar: one round trip of ICE, two of DTLS, one and a half of SCTP later. Frames are ordered
/// and reliable in each direction. A close is told to the other end a little after the last frame.
/// A host that falls silent is noticed by the others' transports after `silence_us`, and so is a
/// wall; what was sent into a wall that falls earlier arrives, in order.
class Transport {
 public:
  explicit Transport(Stage& stage) : stage_(stage) {}

  /// How long a transport waits for a sign of life (consent of RFC 7675 expires after 30 s).
  static constexpr TimeUs silence_us = 30'000'000;

  // ---- What nodes ask for -----------------------------------------------------------------------
  void open(PeerIndex peer, LinkId link);
  void accept(PeerIndex peer, LinkId link, std::string_view sdp);
  void apply(PeerIndex peer, LinkId link, std::string_view sdp);
  void add_candidate(PeerIndex peer, LinkId link, std::string_view candidate);
  void close(PeerIndex peer, LinkId link);
  void send(PeerIndex peer, Send&& send);
  /// A frame that the host sends by itself; false when it has no open connection to `to`.
  bool inject(PeerIndex peer, PeerIndex to, Channel channel, Bytes frame);

  // ---- What comes due ---------------------------------------------------------------------------
  /// Whether the node is to be told that its link is open.
  bool opened(PeerIndex peer, const Payload& payload);
  /// The host has been silent for long: the other ends give up.
  void lost(PeerIndex peer);
  /// It slept so long that nobody waited for it.
  void woke_late(PeerIndex peer);

  // ---- Walls ------------------------------------------------------------------------------------
  void wall_fell();
  void wall_timeout();

 private:
  Endpoint& create(PeerIndex peer, LinkId link, bool offers);
  void describe_later(PeerIndex peer, LinkId link);
  void try_open(PeerIndex peer, Endpoint& endpoint);
  void try_again(PeerIndex peer, Endpoint& endpoint);
  void carry(PeerIndex peer, Endpoint& endpoint, Channel channel, Bytes&& frame);
  void deliver(Endpoint& endpoint, Payload&& frame, TimeUs extra_us);
  void tell_closed(const End& end, TimeUs delay_us);
  void give_up(const End& end);
  Endpoint* partner(PeerIndex peer, const Endpoint& endpoint);

  Stage& stage_;
  /// Frames sent into a wall, by the end that sent them.
  std::map<std::pair<PeerIndex, LinkId>, std::vector<Payload>> held_;
};

}  // namespace membrane::sim
