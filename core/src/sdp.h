#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "membrane/bytes.h"
#include "membrane/error.h"
#include "membrane/id.h"

namespace membrane {

/// The SHA-256 certificate fingerprint of a session description: the 32 bytes of its
/// `a=fingerprint:sha-256` line (RFC 8122 §5). Every such line must say the same. Errors:
/// oversized, malformed (none, or two that differ).
Result<Bytes> sdp_fingerprint(std::string_view sdp);

/// An offer of somebody who is in a network already says so in its last line: `a=membrane-knows:`
/// and 16 hexadecimal digits, the place of a member that it has in its map. Browsers skip
/// attributes that they do not know (RFC 8866 §5.13).
std::string sdp_with_known(std::string_view sdp, Position member);
/// The place that an offer names so; nothing when it names none, or not in this form.
std::optional<Position> sdp_known(std::string_view sdp);

}  // namespace membrane
