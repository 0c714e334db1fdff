#include "check_once.h"

#include <string>

#include "random.h"

namespace membrane::sim {

void CheckOnce::heard(PeerIndex peer, const TopicMessage& message, TimeUs now) {
  std::vector<bool>& by_peer = heard_[mix(message.origin.position(), message.sequence)];
  if (by_peer.size() <= peer) by_peer.resize(peer + 1);
  if (by_peer[peer]) {
    verdict_.violated("once", now,
                      "peer " + std::to_string(peer) + " heard message " +
                          std::to_string(message.sequence) + " of " +
                          message.origin.text().substr(0, 8) + " twice");
  }
  by_peer[peer] = true;
}

}  // namespace membrane::sim
