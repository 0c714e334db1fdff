#include <algorithm>
#include <cstdlib>

#include "crypto.h"
#include "membrane/crypto/ed25519.h"
#include "membrane/crypto/hpke.h"
#include "membrane/crypto/x25519.h"
#include "random.h"

namespace membrane::sim {
namespace {

/// The second secret of a peer, for sealing.
Key sealing_secret(Key secret) {
  for (std::uint8_t& byte : secret) byte = static_cast<std::uint8_t>(mix(byte, 5));
  return secret;
}

class RealCrypto final : public Crypto {
 public:
  Identity make(PeerIndex peer, const Key& secret) override {
    if (peers_.size() <= peer) peers_.resize(peer + 1);
    Keys& keys = peers_[peer];
    keys.signing = crypto::SigningKey::from_seed(secret);
    keys.sealing = crypto::SealingKey::from_private_key(sealing_secret(secret));
    if (!keys.signing || !keys.sealing) std::abort();
    return {PeerId{keys.signing->public_key()}, keys.sealing->public_key()};
  }

  Signature sign(PeerIndex peer, ByteView data) override {
    const auto signature = peers_[peer].signing->sign(data);
    if (!signature) std::abort();
    return *signature;
  }

  bool verify(const Key& key, ByteView data, const Signature& signature) override {
    return crypto::verify(key, data, signature);
  }

  std::optional<Bytes> seal(PeerIndex, const Key& key, ByteView info, ByteView aad,
                            ByteView plain) override {
    return crypto::seal(key, info, aad, plain);
  }

  std::optional<Bytes> open(PeerIndex peer, ByteView info, ByteView aad, ByteView sealed) override {
    return crypto::open(*peers_[peer].sealing, info, aad, sealed);
  }

 private:
  struct Keys {
    std::optional<crypto::SigningKey> signing;
    std::optional<crypto::SealingKey> sealing;
  };

  std::vector<Keys> peers_;
};

}  // namespace

std::unique_ptr<Crypto> make_real_crypto() { return std::make_unique<RealCrypto>(); }

}  // namespace membrane::sim
