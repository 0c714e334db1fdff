#include "handshake.h"

#include "wire.h"

namespace membrane {

Handshake::Handshake(bool offerer, Bytes local_fingerprint, Bytes remote_fingerprint)
    : offerer_(offerer),
      local_fingerprint_(std::move(local_fingerprint)),
      remote_fingerprint_(std::move(remote_fingerprint)) {}

Bytes Handshake::begin(const Config& config, const Key& nonce, bool fresh,
                       std::uint64_t capabilities, std::uint64_t attempt) {
  if (offerer_) attempt_ = attempt;
  local_hello_ = encode_message(Hello{.version = protocol_version,
                                      .capabilities = capabilities,
                                      .network = config.network,
                                      .id = config.id,
                                      .nonce = nonce,
                                      .fresh = fresh,
                                      .attempt = attempt_});
  return local_hello_;
}

Error Handshake::take_hello(const Config& config, const Hello& hello, ByteView frame,
                            const std::optional<PeerId>& expected) {
  if (has_hello()) return Error::duplicate;
  if (hello.version < protocol_version) return Error::wrong_version;
  if (hello.network != config.network) return Error::wrong_network;
  if (hello.id == config.id) return Error::own_identity;
  if (expected && hello.id != *expected) return Error::wrong_peer;
  remote_hello_.assign(frame.begin(), frame.end());
  peer_ = hello.id;
  peer_is_fresh_ = hello.fresh;
  peer_capabilities_ = hello.capabilities;
  if (!offerer_) attempt_ = hello.attempt;
  return Error::none;
}

void Handshake::forget_transcript() {
  for (Bytes* part : {&local_fingerprint_, &remote_fingerprint_, &local_hello_, &remote_hello_})
    *part = Bytes();
}

Bytes Handshake::transcript(bool signer_is_offerer) const {
  Writer out(local_hello_.size() + remote_hello_.size() + 128);
  out.text("membrane link 1").text(signer_is_offerer ? "offerer" : "answerer");
  out.bytes(offerer_ ? local_hello_ : remote_hello_).bytes(offerer_ ? remote_hello_ : local_hello_);
  out.bytes(offerer_ ? local_fingerprint_ : remote_fingerprint_);
  out.bytes(offerer_ ? remote_fingerprint_ : local_fingerprint_);
  return out.take();
}

}  // namespace membrane
