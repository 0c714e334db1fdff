// The v3 vocabulary, as docs/first-contact.md states it: subprotocol membrane.v3.
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
  Reaction hello(const Frame& frame, Time now);
  Reaction said(const Frame& frame, Time now);
  Reaction as_asker(const Frame& frame, Time now);
  Reaction as_nominee(const Frame& frame, Time now);
  Reaction offer(const Frame& frame, std::uint64_t request, Time now);
  Reaction answer(const Frame& frame, std::uint64_t ticket, Time now);
  Reaction after_ticket(Verdict verdict);

  const std::string& welcome_;
};

/// The greeting: ["welcome", {"iceServers": [{"urls": ...} ...], "heartbeat_s": ...}].
std::string make_welcome(const std::vector<std::string>& ice_servers, Time heartbeat_interval);

}  // namespace membrane::server
