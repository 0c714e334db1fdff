#pragma once

#include "membrane/error.h"
#include "membrane/node.h"
#include "message.h"

/// The proof that a link is the one that was negotiated, between the two peers that negotiated it.
/// Each side sends a Hello with a fresh nonce, then signs both hellos and both DTLS fingerprints.
/// Whoever sits in the middle has another fingerprint than the one signed; an old signature has
/// another nonce. docs/protocol.md "Handshake".
namespace membrane {

inline constexpr std::uint64_t protocol_version = 1;

class Handshake {
 public:
  /// The fingerprints are those of the session descriptions that each side set and received.
  Handshake(bool offerer, Bytes local_fingerprint, Bytes remote_fingerprint);

  /// Our hello's frame, to be sent as it is. To be called once, first. `attempt` is said by the
  /// offerer alone.
  Bytes begin(const Config& config, const Key& nonce, bool fresh, std::uint64_t capabilities = 0,
              std::uint64_t attempt = 0);

  /// Takes the other side's hello; `frame` is the whole frame it came in. Errors: duplicate,
  /// wrong_version, wrong_network, own_identity, wrong_peer (when somebody else was expected).
  Error take_hello(const Config& config, const Hello& hello, ByteView frame,
                   const std::optional<PeerId>& expected);

  bool has_hello() const { return !remote_hello_.empty(); }
  const PeerId& peer() const { return peer_; }
  bool peer_is_fresh() const { return peer_is_fresh_; }
  bool peer_can(Capability capability) const { return (peer_capabilities_ & capability) != 0; }

  /// The offerer's number for this link, the same at both ends once has_hello().
  std::uint64_t attempt() const { return attempt_; }

  /// What we sign, and what the other side signed. Valid once has_hello().
  Bytes to_sign() const { return transcript(offerer_); }
  Bytes to_verify() const { return transcript(!offerer_); }

  /// Gives back what the proofs were made of, when both have been checked.
  void forget_transcript();

 private:
  Bytes transcript(bool signer_is_offerer) const;

  bool offerer_;
  Bytes local_fingerprint_;
  Bytes remote_fingerprint_;
  Bytes local_hello_;
  Bytes remote_hello_;
  PeerId peer_;
  bool peer_is_fresh_ = false;
  std::uint64_t peer_capabilities_ = 0;
  std::uint64_t attempt_ = 0;
};

}  // namespace membrane
