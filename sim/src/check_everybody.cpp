#include "check_everybody.h"

#include <string>

namespace membrane::sim {

void check_everybody(const Deliveries& deliveries, TimeUs now, Verdict& verdict) {
  for (std::size_t number = 0; number < deliveries.messages().size(); ++number) {
    const auto& message = deliveries.messages()[number];
    for (PeerIndex peer = 0; peer < message.receipts.size(); ++peer) {
      if (message.receipts[peer].after_us != Deliveries::never_came) continue;
      if (!deliveries.is_owed(message, peer)) continue;
      verdict.violated("everybody", now,
                       "peer " + std::to_string(peer) + " never heard message " +
                           std::to_string(number) + ", said by peer " +
                           std::to_string(message.origin) + " at " +
                           std::to_string(message.at / 1000) + " ms");
    }
  }
}

}  // namespace membrane::sim
