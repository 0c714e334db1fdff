#include "deliveries.h"

#include <algorithm>

namespace membrane::sim {

std::uint64_t Deliveries::announce(PeerIndex origin, TimeUs now, bool forgiven) {
  Message& message = messages_.emplace_back();
  message.origin = origin;
  message.at = now;
  message.forgiven = forgiven;
  message.receipts.resize(census_.size());
  message.receipts[origin].hop = 0;
  const auto& networks = census_.networks();
  for (PeerIndex peer = 0; peer < census_.size(); ++peer) {
    const auto& member = census_.at(peer);
    const bool is_settled = member.joined_us && *member.joined_us + settled_us <= now &&
                            member.unbroken_us + settled_us <= now;
    if (peer == origin || !is_settled || !census_.takes_part(peer)) continue;
    if (networks[peer] == networks[origin])
      message.receipts[peer].owed = !forgiven;
    else
      ++message.unconnected;
  }
  return messages_.size() - 1;
}

Deliveries::Receipt& Deliveries::receipt(Message& message, PeerIndex peer) {
  if (message.receipts.size() <= peer) message.receipts.resize(peer + 1);
  return message.receipts[peer];
}

std::uint16_t Deliveries::copy_came(std::uint64_t number, PeerIndex from, PeerIndex to) {
  if (number >= messages_.size()) return no_hop;
  Message& message = messages_[number];
  ++message.copies;
  const std::uint16_t sender_hop = receipt(message, from).hop;
  Receipt& at = receipt(message, to);
  if (at.hop != no_hop || sender_hop == no_hop) return no_hop;
  at.hop = static_cast<std::uint16_t>(sender_hop + 1);
  return at.hop;
}

void Deliveries::heard(std::uint64_t number, PeerIndex peer, TimeUs now) {
  if (number >= messages_.size()) return;
  Message& message = messages_[number];
  Receipt& at = receipt(message, peer);
  if (at.after_us != never_came) {
    ++message.duplicates;
    return;
  }
  at.after_us = static_cast<std::uint32_t>(std::min<TimeUs>(now - message.at, never_came - 1));
}

bool Deliveries::is_owed(const Message& message, PeerIndex peer) const {
  if (peer >= message.receipts.size() || !message.receipts[peer].owed) return false;
  if (!census_.takes_part(peer) || census_.at(peer).unbroken_us > message.at) return false;
  return census_.networks()[peer] == census_.largest().first;
}

}  // namespace membrane::sim
