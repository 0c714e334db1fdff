// What one client says and is told: the meaning of its messages, without I/O.
//
// A conversation turns text messages into inputs of the matchmaker and its notices into text. It
// polices one client: how often it speaks, and that what it says is in the vocabulary.
//
// A conversation has a room for each network that it is about; v2 knows one. Each room is a client
// of the matchmaker: the conversation joins it, the host lets it leave, since it is the host that
// knows when a connection ends.
//
// Bounds: TalkLimits. A reaction that closes is final; the host closes the connection with its
// code.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "matchmaker.h"
#include "rate.h"
#include "server_limits.h"

namespace membrane::server {

/// What a message leads to beyond the matchmaker's notices.
struct Reaction {
  /// A message to send back to this client; empty for none.
  std::string reply{};
  /// The WebSocket close code (RFC 6455, 7.4.1) to close with; 0 to go on.
  std::uint16_t close_code = 0;
  /// Why it is closed: a short literal, for the client and the log.
  std::string_view close_reason{};
  /// The client of a room that was entered; 0 for none.
  ClientId entered = 0;
  /// The client of a room that was left; 0 for none. The host lets it leave the matchmaker.
  ClientId left = 0;
};

/// A network that a conversation is about, under the number that its messages carry.
struct Room {
  std::uint64_t number;
  ClientId client;
};

inline constexpr std::uint16_t close_normal = 1000;
inline constexpr std::uint16_t close_policy = 1008;

class Conversation {
 public:
  Conversation(Matchmaker& matchmaker, const TalkLimits& limits, Time now)
      : matchmaker_(matchmaker),
        limits_(limits),
        messages_(limits.messages_per_second, limits.messages_burst, now),
        offers_(limits.offers_per_second, limits.offers_burst, now) {}
  virtual ~Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// The connection is open.
  virtual Reaction opened(Time now) = 0;
  /// The client sent a text message.
  virtual Reaction received(std::string_view text, Time now) = 0;
  /// The message that tells a notice of the matchmaker, to the client of one of the rooms.
  virtual std::string encode(const Notice& notice) const = 0;

  /// The client sent a WebSocket ping or pong; false when it speaks too often.
  bool pinged(Time now) { return messages_.take(now); }
  /// None before it has joined, never none afterwards.
  const std::vector<Room>& rooms() const { return rooms_; }

 protected:
  Matchmaker& matchmaker_;
  const TalkLimits& limits_;
  Rate messages_;
  Rate offers_;
  std::vector<Room> rooms_;
};

}  // namespace membrane::server
