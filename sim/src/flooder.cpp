#include <algorithm>

#include "adversary.h"
#include "membrane/limits.h"
#include "message.h"
#include "pace.h"
#include "statement.h"

namespace membrane::sim {
namespace {

constexpr char topic[] = "flood";
constexpr std::size_t payload_size = 200;

class Flooder : public Tamper {
 public:
  Flooder(World& world, PeerIndex peer, double per_s, std::uint64_t seed)
      : world_(world), peer_(peer), random_(seed), sequence_(world.now()) {
    at_pace(world_, random_, per_s, never, [this] { flood(); });
  }

  bool on_send(PeerIndex, PeerIndex, Channel, Bytes&) override { return true; }

 private:
  void flood() {
    if (!world_.alive(peer_)) return;
    const std::vector<PeerIndex> near = world_.connected(peer_);
    if (near.empty()) return;
    const PeerIndex to = near[random_.below(near.size())];
    world_.inject(peer_, to, Channel::control, next());
  }

  Bytes next() {
    const std::uint64_t draw = random_.below(16);
    if (draw < 9) return spread(StatementKind::message, message_body());
    if (draw < 11) return spread(StatementKind::record, record_body());
    if (draw < 13) return want();
    if (draw < 15) return summary();
    return Bytes(64, 63);  // of a type that nobody knows
  }

  Bytes spread(StatementKind kind, Bytes body) {
    Statement statement{kind, world_.id(peer_), ++sequence_, std::move(body), {}};
    statement.signature =
        world_.crypto().sign(peer_, statement_to_sign(world_.network(), statement));
    const Position self = world_.id(peer_).position();
    Spread out;
    out.arc = {self + 1, self - 1};
    out.hops_left = limits::hops_max;
    out.statement = encode_statement(statement);
    return encode_message(out);
  }

  Bytes message_body() {
    Bytes payload(payload_size);
    for (std::uint8_t& byte : payload) byte = static_cast<std::uint8_t>(random_.u64());
    return encode_topic_body(topic, payload);
  }

  /// A record that names links which nobody confirms.
  Bytes record_body() {
    Record record;
    record.lifetime_s = limits::record_lifetime_s;
    for (std::size_t link = 0; link < limits::record_links_max; ++link)
      record.links.push_back(random_.u64());
    std::sort(record.links.begin(), record.links.end());
    return encode_record(record);
  }

  Bytes want() {
    Want out;
    out.store = random_.chance(1, 2) ? Store::records : Store::messages;
    for (std::size_t item = 0; item < want_items_max; ++item)
      out.items.push_back({random_.u64(), random_.u64() >> 2});
    std::sort(out.items.begin(), out.items.end());
    return encode_message(out);
  }

  /// Everything differs, everywhere.
  Bytes summary() {
    Summary out;
    out.store = random_.chance(1, 2) ? Store::records : Store::messages;
    out.ranges.resize(summary_ranges_max);
    constexpr Position width = ~Position{0} / summary_ranges_max;
    for (std::size_t range = 0; range < out.ranges.size(); ++range) {
      out.ranges[range].arc = {range * width, range * width + width - 1};
      out.ranges[range].count = 1 + random_.below(1'000);
      out.ranges[range].fingerprint = random_.u64();
    }
    return encode_message(out);
  }

  World& world_;
  PeerIndex peer_;
  Random random_;
  std::uint64_t sequence_;
};

}  // namespace

std::unique_ptr<Tamper> make_flooder(World& world, PeerIndex peer, double per_s,
                                     std::uint64_t seed) {
  return std::make_unique<Flooder>(world, peer, per_s, seed);
}

}  // namespace membrane::sim
