#include <algorithm>
#include <deque>

#include "adversary.h"
#include "membrane/limits.h"
#include "message.h"
#include "statement.h"

namespace membrane::sim {
namespace {

std::optional<Message> message_in(ByteView frame) {
  auto message = decode_message(frame);
  if (!message || !*message) return std::nullopt;
  return std::move(**message);
}

/// Whether the message is somebody else's, on its way through us.
template <typename T>
bool is_foreign(const T& message, const PeerId& self) {
  if constexpr (std::is_same_v<T, Spread> || std::is_same_v<T, Push>) {
    const auto statement = decode_statement(message.statement);
    return statement && statement->origin != self;
  } else if constexpr (std::is_same_v<T, Envelope>) {
    return message.from != self;
  } else if constexpr (requires { message.course; }) {
    return message.from != self.position();
  }
  return false;
}

template <typename T>
constexpr bool is_routed = std::is_same_v<T, Envelope> || requires(T message) {
  message.course;
};

class Liar : public Tamper {
 public:
  Liar(World& world, PeerIndex peer, std::uint64_t seed)
      : world_(world), peer_(peer), random_(seed), kind_(static_cast<Kind>(random_.below(3))) {}

  bool on_send(PeerIndex, PeerIndex, Channel channel, Bytes& frame) override {
    if (is_lying_ || channel != Channel::control) return true;
    auto message = message_in(frame);
    if (!message) return true;
    return std::visit([&](auto& m) { return lie(m, frame); }, *message);
  }

 private:
  enum class Kind : std::uint8_t { dropper, misrouter, forger };

  template <typename T>
  bool lie(T& message, Bytes& frame) {
    if (!is_foreign(message, world_.id(peer_))) return true;
    if (kind_ == Kind::dropper) return false;
    if (kind_ == Kind::misrouter) {
      if (!is_routed<T>) return true;
      later(frame);
      return false;
    }
    return forge(message, frame);
  }

  template <typename T>
  bool forge(T& message, Bytes& frame) {
    if constexpr (std::is_same_v<T, Spread> || std::is_same_v<T, Push>) {
      replay(frame);
      spoil(message.statement);
      frame = encode_message(message);
    } else if constexpr (std::is_same_v<T, Envelope>) {
      spoil(message.sealed);
      frame = encode_message(message);
    }
    return true;
  }

  void spoil(Bytes& bytes) {
    if (!bytes.empty()) bytes[random_.below(bytes.size())] ^= 1;
  }

  /// Keeps what is true now and says again what was true long ago.
  void replay(const Bytes& frame) {
    constexpr std::size_t kept_max = 64;
    constexpr std::uint64_t one_in = 16;
    if (heard_.size() < kept_max) heard_.push_back(frame);
    if (heard_.size() == kept_max && random_.chance(1, one_in)) {
      later(heard_.front());
      heard_.pop_front();
    }
  }

  /// To some neighbour, when this turn is over.
  void later(const Bytes& frame) {
    world_.at(world_.now_us(), [this, frame] {
      if (!world_.alive(peer_)) return;
      const std::vector<PeerIndex> near = world_.connected(peer_);
      if (near.empty()) return;
      is_lying_ = true;
      world_.inject(peer_, near[random_.below(near.size())], Channel::control, frame);
      is_lying_ = false;
    });
  }

  World& world_;
  PeerIndex peer_;
  Random random_;
  Kind kind_;
  bool is_lying_ = false;  ///< what is sent now is a lie already
  std::deque<Bytes> heard_;
};

}  // namespace

std::unique_ptr<Tamper> make_liar(World& world, PeerIndex peer, std::uint64_t seed) {
  return std::make_unique<Liar>(world, peer, seed);
}

}  // namespace membrane::sim
