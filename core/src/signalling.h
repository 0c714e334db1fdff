#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "membrane/error.h"
#include "membrane/id.h"
#include "membrane/output.h"

namespace membrane {

/// What two peers that want a connection tell each other through others: signed by its origin,
/// sealed to its target. docs/protocol.md "Signals".
struct Signal {
  enum class Kind : std::uint8_t { offer = 1, answer, candidates, refuse, relay };

  Kind kind = Kind::offer;
  /// Names the attempt together with the two peers; the offerer's sequence, so a later attempt has
  /// a higher one. Relay: the sender's number of the stream.
  std::uint64_t attempt = 0;
  bool session = false;      ///< offer: asks for a session; answer: grants it
  bool application = false;  ///< offer: the application wants it, not the ring
  Key sealing_key{};  ///< the sender's, so that it can be answered before its record is known
  std::string sdp;
  std::vector<std::string> candidates;
  Error reason = Error::none;
  Bytes relay;  ///< relay: the rest, see relay.h
};

Bytes encode_signal(const Signal& signal);
Result<Signal> decode_signal(ByteView bytes);

/// The bytes that the origin signs.
Bytes signal_to_sign(std::string_view network, const PeerId& from, const PeerId& to,
                     ByteView signal);

/// HPKE's info and associated data.
Bytes signal_info(std::string_view network);
Bytes signal_aad(const PeerId& from, const PeerId& to);

}  // namespace membrane
