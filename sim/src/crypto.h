#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "membrane/id.h"
#include "membrane/output.h"
#include "observer.h"

namespace membrane::sim {

/// What a host needs to do its node's crypto jobs. The jobs of different peers may be done by
/// different threads at a time; make() is called while one thread runs alone.
class Crypto {
 public:
  virtual ~Crypto() = default;

  struct Identity {
    PeerId id;
    Key sealing_key{};
  };

  /// The key pairs that follow from 32 bytes. `peer` is the next index.
  virtual Identity make(PeerIndex peer, const Key& secret) = 0;
  virtual Signature sign(PeerIndex peer, ByteView data) = 0;
  virtual bool verify(const Key& key, ByteView data, const Signature& signature) = 0;
  virtual std::optional<Bytes> seal(PeerIndex peer, const Key& key, ByteView info, ByteView aad,
                                    ByteView plain) = 0;
  virtual std::optional<Bytes> open(PeerIndex peer, ByteView info, ByteView aad,
                                    ByteView sealed) = 0;
};

/// A keyed stand-in that refuses what the real one refuses and adds as many bytes. Whoever knows an
/// id can forge its signatures; nobody here tries but by spoiling frames.
std::unique_ptr<Crypto> make_fast_crypto();

/// Ed25519 and HPKE. Sealed bytes differ from run to run, since HPKE draws a key from the system;
/// nothing that happens depends on them.
std::unique_ptr<Crypto> make_real_crypto();

}  // namespace membrane::sim
