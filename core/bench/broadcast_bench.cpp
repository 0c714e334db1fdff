#include <algorithm>
#include <cstdlib>
#include <memory>

#include "benches.h"
#include "graph.h"
#include "measure.h"
#include "membrane/limits.h"
#include "membrane/node.h"
#include "message.h"
#include "statement.h"

namespace membrane::bench {
namespace {

constexpr TimeMs start_ms = 1'700'000'000'000;
constexpr std::size_t degree = 16;
constexpr std::size_t payload_size = 256;

std::string description() {
  std::string line = "a=fingerprint:sha-256 ";
  for (int i = 0; i < 32; ++i) line += i == 0 ? "00" : ":00";
  return "v=0\r\n" + line + "\r\n";
}

Config config_of(const PeerId& id) {
  Config config;
  config.id = id;
  config.network = "bench";
  return config;
}

Statement statement_of(StatementKind kind, const PeerId& origin, std::uint64_t sequence,
                       Bytes body) {
  return {kind, origin, sequence, std::move(body), {}};
}

/// A whole node with 16 links in a network of 1,000 whose other ends are played here. Signatures
/// are taken as good, so what is measured is the protocol.
class Relay {
 public:
  Relay()
      : graph_(random_graph({1000, degree}, 2)),
        links_(neighbours_of(graph_)),
        node_(Node::create(config_of(graph_.peers[0]), start_ms)) {
    node_->contact_opened(now_);
    drain();
    for (const std::size_t neighbour : links_[0]) link_to(graph_.peers[neighbour]);
    for (std::size_t peer = 1; peer < graph_.peers.size(); ++peer) learn(peer);
    if (node_->peers().size() != graph_.peers.size() || neighbours_.size() + 1 < degree)
      std::abort();
  }

  std::size_t links() const { return neighbours_.size(); }

  /// The next message, as it comes from the first neighbour for the whole ring but itself.
  void prepare() {
    acknowledge();
    now_ += 2;
    node_->tick(now_);
    drain();
    passed_on_.clear();
    origin_ = origin_ + 1 < graph_.peers.size() ? origin_ + 1 : 1;
    const Position from = neighbours_[0].second.position();
    const auto statement = statement_of(StatementKind::message, graph_.peers[origin_], now_,
                                        encode_topic_body("chat", Bytes(payload_size, 42)));
    frame_ =
        encode_message(Spread{{from + 1, from - 1}, limits::hops_max, encode_statement(statement)});
  }

  void take() {
    node_->link_received(now_, neighbours_[0].first, Channel::control, frame_);
    drain();
  }

  /// How many links the message went on to.
  std::size_t passed_on() const {
    std::size_t count = 0;
    for (const Send& send : passed_on_) {
      const auto message = decode_message(send.data);
      if (message && *message && std::holds_alternative<Spread>(**message)) ++count;
    }
    return count;
  }

  void acknowledge() {
    for (const auto& [link, ack] : acknowledgements())
      node_->link_received(now_, link, Channel::control, ack);
    drain();
    passed_on_.clear();
  }

 private:
  void link_to(const PeerId& peer) {
    node_->contact_request(now_, ++ticket_, description());
    drain();
    const LinkId link = accepted_;
    node_->local_description(now_, link, description());
    node_->link_opened(now_, link);
    receive(link, Hello{1, 0, "bench", peer, Key{}, false});
    receive(link, Proof{});
    neighbours_.emplace_back(link, peer);
  }

  void learn(std::size_t peer) {
    Record record;
    record.name = "peer " + std::to_string(peer);
    record.lifetime_s = limits::record_lifetime_s;
    for (const std::size_t other : links_[peer])
      record.links.push_back(graph_.peers[other].position());
    std::sort(record.links.begin(), record.links.end());
    const auto statement = statement_of(StatementKind::record, graph_.peers[peer],
                                        start_ms - 60'000, encode_record(record));
    receive(neighbours_[0].first, Push{encode_statement(statement)});
  }

  void receive(LinkId link, const Message& message) {
    node_->link_received(now_, link, Channel::control, encode_message(message));
    drain();
  }

  /// Takes the outputs as a host does; what goes out is kept to be acknowledged.
  void drain() {
    while (auto output = node_->poll()) {
      if (const auto* verify = std::get_if<Verify>(&*output))
        node_->verified(now_, verify->job, true);
      else if (const auto* sign = std::get_if<Sign>(&*output))
        node_->signed_(now_, sign->job, Signature{});
      else if (const auto* accept = std::get_if<AcceptOffer>(&*output))
        accepted_ = accept->link;
      else if (auto* send = std::get_if<Send>(&*output))
        passed_on_.push_back(std::move(*send));
    }
  }

  std::vector<std::pair<LinkId, Bytes>> acknowledgements() const {
    std::vector<std::pair<LinkId, Bytes>> out;
    for (const Send& send : passed_on_) {
      const auto message = decode_message(send.data);
      const auto* spread = message && *message ? std::get_if<Spread>(&**message) : nullptr;
      if (!spread) continue;
      const auto statement = decode_statement(spread->statement);
      out.emplace_back(send.link,
                       encode_message(SpreadAck{spread->arc, statement->origin.position(),
                                                statement->sequence}));
    }
    return out;
  }

  Graph graph_;
  std::vector<std::vector<std::size_t>> links_;
  std::unique_ptr<Node> node_;
  std::vector<std::pair<LinkId, PeerId>> neighbours_;
  std::vector<Send> passed_on_;
  TimeMs now_ = start_ms;
  RequestId ticket_ = 0;
  LinkId accepted_ = 0;
  std::size_t origin_ = 0;
  Bytes frame_;
};

}  // namespace

void measure_broadcast() {
  Relay relay;
  relay.prepare();
  relay.take();
  if (relay.passed_on() + 1 != relay.links()) std::abort();
  report("broadcast: take, split, pass on at degree " + std::to_string(relay.links()),
         measure([&] { relay.prepare(); }, [&] { relay.take(); }));
  if (relay.passed_on() + 1 != relay.links()) std::abort();
}

}  // namespace membrane::bench
