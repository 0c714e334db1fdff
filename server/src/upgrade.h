// Which conversation an upgrade request asks for: the paths and the subprotocol, without I/O.
//
// A reverse proxy may put a prefix before the path, so only the last segment counts.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "matchmaker.h"
#include "server_limits.h"

namespace membrane::server {

inline constexpr std::string_view v3_subprotocol = "membrane.v3";

/// A request that is granted.
struct Entry {
  Vocabulary vocabulary;
  /// v2: the base64 text of the offer for /bind, nothing for /reconnect.
  std::optional<std::string> v2_offer{};
};

/// A request that is refused with an HTTP status.
struct Refusal {
  unsigned status;
  std::string_view reason;
};

/// Judges a request by its target (path and query) and its Sec-WebSocket-Protocol field.
std::variant<Entry, Refusal> judge_upgrade(std::string_view target, std::string_view subprotocols,
                                           const TalkLimits& limits);

/// A whole HTTP/1.1 response that tells a refusal and closes.
std::string refusal_response(const Refusal& refusal);

}  // namespace membrane::server
