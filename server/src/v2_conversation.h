// The v2 vocabulary, as docs/first-contact.md states it: what existing v2 clients speak.
//
// A client has at most one request, its bind; v2 gives it no number, so it is number 0. Malformed
// and unknown messages are ignored and scored; too many close the connection.

#pragma once

#include <optional>

#include "conversation.h"

namespace membrane::server {

class V2Conversation final : public Conversation {
 public:
  /// `offer`: the base64 text of the offer for /bind, checked already; nothing for /reconnect.
  V2Conversation(Matchmaker& matchmaker, const TalkLimits& limits, std::optional<std::string> offer,
                 Time now)
      : Conversation(matchmaker, limits, now), offer_(std::move(offer)) {}

  Reaction opened(Time now) override;
  Reaction received(std::string_view text, Time now) override;
  std::string encode(const Notice& notice) const override;

 private:
  Reaction answered(std::string_view answer, std::uint64_t ticket, Time now);
  Reaction malformed(Time now);

  std::optional<std::string> offer_;
  ClientId client_ = 0;
  unsigned bad_messages_ = 0;
};

}  // namespace membrane::server
