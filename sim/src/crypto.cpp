#include "crypto.h"

#include <cstring>

#include "digest.h"
#include "random.h"

namespace membrane::sim {
namespace {

/// HPKE puts an ephemeral key before and a tag behind what it seals.
constexpr std::size_t overhead = 48;

template <std::size_t size>
void fill(std::array<std::uint8_t, size>& out, std::uint64_t state) {
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t draw = mix(state += odd_a);
    std::memcpy(out.data() + at, &draw, 8);
  }
}

Signature signature_of(const Key& key, ByteView data) {
  Signature out{};
  fill(out, digest(data, digest(key, 1)));
  return out;
}

/// Its own inverse.
void encipher(std::uint64_t state, std::uint8_t* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t pad = mix(state += odd_b);
    const std::size_t part = size - at < 8 ? size - at : 8;
    const std::uint64_t mixed = word(bytes + at, part) ^ pad;
    std::memcpy(bytes + at, &mixed, part);
  }
}

class FastCrypto final : public Crypto {
 public:
  Identity make(PeerIndex peer, const Key& secret) override {
    Identity out;
    out.id.bytes = secret;
    fill(out.sealing_key, digest(secret, 2));
    if (peers_.size() <= peer) peers_.resize(peer + 1);
    peers_[peer].identity = out;
    return out;
  }

  Signature sign(PeerIndex peer, ByteView data) override {
    return signature_of(peers_[peer].identity.id.bytes, data);
  }

  bool verify(const Key& key, ByteView data, const Signature& signature) override {
    return signature_of(key, data) == signature;
  }

  std::optional<Bytes> seal(PeerIndex peer, const Key& key, ByteView info, ByteView aad,
                            ByteView plain) override {
    const std::uint64_t ephemeral = mix(peer, ++peers_[peer].sealed);
    const std::uint64_t tag = tag_of(key, ephemeral, info, aad, plain);
    Bytes out(overhead + plain.size());
    std::memcpy(out.data(), &ephemeral, 8);
    for (std::size_t at = 8; at < overhead; at += 8) std::memcpy(out.data() + at, &tag, 8);
    if (plain.empty()) return out;
    std::memcpy(out.data() + overhead, plain.data(), plain.size());
    encipher(tag ^ digest(key, 3), out.data() + overhead, plain.size());
    return out;
  }

  std::optional<Bytes> open(PeerIndex peer, ByteView info, ByteView aad, ByteView sealed) override {
    if (sealed.size() < overhead) return std::nullopt;
    const std::uint64_t ephemeral = word(sealed.data(), 8);
    const std::uint64_t tag = word(sealed.data() + 8, 8);
    for (std::size_t at = 16; at < overhead; at += 8) {
      if (word(sealed.data() + at, 8) != tag) return std::nullopt;
    }
    const Key& key = peers_[peer].identity.sealing_key;
    Bytes plain(sealed.begin() + overhead, sealed.end());
    encipher(tag ^ digest(key, 3), plain.data(), plain.size());
    if (tag_of(key, ephemeral, info, aad, plain) != tag) return std::nullopt;
    return plain;
  }

 private:
  static std::uint64_t tag_of(const Key& key, std::uint64_t ephemeral, ByteView info, ByteView aad,
                              ByteView plain) {
    return digest(plain, digest(aad, digest(info, digest(key, ephemeral))));
  }

  struct Peer {
    Identity identity;
    std::uint64_t sealed = 0;  ///< how often: nothing is sealed to the same bytes twice
  };

  std::vector<Peer> peers_;
};

}  // namespace

std::unique_ptr<Crypto> make_fast_crypto() { return std::make_unique<FastCrypto>(); }

}  // namespace membrane::sim
