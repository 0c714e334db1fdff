#pragma once

#include <string_view>

#include "membrane/bytes.h"
#include "membrane/error.h"

namespace membrane {

/// The SHA-256 certificate fingerprint of a session description: the 32 bytes of its
/// `a=fingerprint:sha-256` line (RFC 8122 §5). Every such line must say the same. Errors:
/// oversized, malformed (none, or two that differ).
Result<Bytes> sdp_fingerprint(std::string_view sdp);

}  // namespace membrane
