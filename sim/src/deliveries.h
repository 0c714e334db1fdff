#pragma once

#include <cstdint>
#include <vector>

#include "census.h"

namespace membrane::sim {

/// The book of the messages that were published for measuring: who was owed each, when and over how
/// many hops it came, how many copies were carried.
///
/// A message is owed to everybody who is connected (Census) to its origin when it is said and has
/// been a member for 10 s. The debt is void when the peer dies, sleeps or is cut off for good.
class Deliveries {
 public:
  /// How long a peer must have been a member before what is said is owed to it.
  static constexpr TimeUs settled_us = 10'000'000;
  static constexpr std::uint16_t no_hop = 0xffff;
  static constexpr std::uint32_t never_came = 0xffffffff;

  struct Receipt {
    bool owed = false;
    std::uint16_t hop = no_hop;           ///< of the first copy
    std::uint32_t after_us = never_came;  ///< from saying to the application's hearing
  };
  struct Message {
    PeerIndex origin = nobody;
    TimeUs at = 0;
    bool forgiven = false;
    std::uint64_t copies = 0;       ///< payloads that came in anywhere
    std::uint64_t duplicates = 0;   ///< times an application heard it again
    std::uint64_t unconnected = 0;  ///< members to whom there was no way
    std::vector<Receipt> receipts;  ///< by peer
  };

  explicit Deliveries(const Census& census) : census_(census) {}

  /// The number of a message that `origin` is about to publish.
  std::uint64_t announce(PeerIndex origin, TimeUs now, bool forgiven);
  /// The message announced last was refused by its own node.
  void withdraw() { messages_.pop_back(); }
  /// A copy was handed to `to`. Its hop when it is the first there, else no_hop.
  std::uint16_t copy_came(std::uint64_t number, PeerIndex from, PeerIndex to);
  void heard(std::uint64_t number, PeerIndex peer, TimeUs now);

  const std::vector<Message>& messages() const { return messages_; }
  /// Whether `peer` is, at the end, still owed the message, whether it came or not.
  bool is_owed(const Message& message, PeerIndex peer) const;

 private:
  Receipt& receipt(Message& message, PeerIndex peer);

  const Census& census_;
  std::vector<Message> messages_;
};

}  // namespace membrane::sim
