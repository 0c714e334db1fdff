// The v3 vocabulary, as docs/first-contact.md states it: subprotocol membrane.v3.
//
// A client's networks are its rooms. Room 0 speaks plainly, as a client does that knows of no
// rooms; what is said in another one is wrapped: ["room", number, message]. Whoever leaves the last
// one says goodbye.
//
// Strict: what is not in the vocabulary is answered with ["error", reason] and closed with 1008.
// Messages about requests and tickets that have just ended are ignored, since they may cross.

#pragma once

#include "conversation.h"
#include "frame.h"

namespace membrane::server {

class V3Conversation final : public Conversation {
 public:
  /// `welcome`: the message every client is greeted with; it outlives the conversation.
  V3Conversation(Matchmaker& matchmaker, const TalkLimits& limits, const std::string& welcome,
                 Time now)
      : Conversation(matchmaker, limits, now), welcome_(welcome) {}

  Reaction opened(Time) override { return {}; }
  Reaction received(std::string_view text, Time now) override;
  std::string encode(const Notice& notice) const override;

 private:
  Reaction said_in(std::uint64_t number, const Message& message, Time now);
  Reaction hello(std::uint64_t number, const Message& message, Time now);
  Reaction leave(std::vector<Room>::const_iterator room);
  Reaction said(ClientId client, const Message& message, Time now);
  Reaction as_asker(ClientId client, const Message& message, Time now);
  Reaction as_nominee(ClientId client, const Message& message, Time now);
  Reaction offer(ClientId asker, std::uint64_t request, const Message& message, Time now);
  Reaction report(ClientId asker, std::uint64_t request, Time now);
  Reaction answer(ClientId nominee, std::uint64_t ticket, const Message& message, Time now);
  Reaction too_often(ClientId asker, std::uint64_t request);
  Reaction after_ticket(Verdict verdict);

  const std::string& welcome_;
};

/// The greeting: ["welcome", {"iceServers": [{"urls": ...} ...], "heartbeat_s": ..., "rooms":
/// ...}].
std::string make_welcome(const std::vector<std::string>& ice_servers, Time heartbeat_interval,
                         std::size_t rooms_max);

}  // namespace membrane::server
