#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "describe.h"
#include "membrane/limits.h"
#include "membrane/node.h"

/// A network of real nodes under virtual time, for tests that read like prose. One event queue
/// ordered by (time, sequence); links are ordered and reliable and take latency_ms; crypto jobs
/// take a moment and are done by a keyed stand-in that refuses what the real one refuses; first
/// contact is a server that introduces a newcomer to one member. Same seed, same run.
namespace membrane::test {

/// The stand-in for crypto: an id signs with itself. Whoever knows an id could forge; tests forge
/// by other means.
Signature fake_sign(const PeerId& id, ByteView data);
bool fake_verify(const Key& key, ByteView data, const Signature& signature);
Bytes fake_seal(const Key& key, ByteView info, ByteView aad, ByteView plain);
std::optional<Bytes> fake_open(const Key& key, ByteView info, ByteView aad, ByteView sealed);

/// A session description as far as the core looks into one.
std::string make_sdp(std::size_t peer, LinkId link, std::uint8_t fingerprint);

class Network {
 public:
  using Index = std::size_t;

  struct Options {
    std::uint64_t seed = 1;
    TimeMs latency_ms = 10;
    TimeMs crypto_ms = 1;
    TimeMs setup_ms = 15;  ///< from the exchange of descriptions to open channels
    bool ask_links = false;
    std::size_t peers_max = limits::peers_max;  ///< in one map
  };

  Network() : Network(Options{}) {}
  explicit Network(const Options& options);
  ~Network();

  // ---- People ----
  /// A new node that starts to join now.
  Index add(const std::string& name = "", const std::function<void(Config&)>& change = {});
  std::vector<Index> add_many(std::size_t count, TimeMs apart_ms = 200);
  Node& node(Index index) { return *hosts_[index]->node; }
  PeerId id(Index index) const { return config(index).id; }
  const Config& config(Index index) const { return hosts_[index]->config; }
  std::size_t size() const { return hosts_.size(); }
  /// Feeds an input by hand and carries out what comes of it.
  void feed(Index index, const std::function<void(Node&, TimeMs)>& input);
  /// Leaves politely.
  void leave(Index index);
  /// Vanishes without a word; its links fall silent.
  void crash(Index index);
  /// One that vanished comes back with the same identity and knows nothing; it gets a new index.
  Index restart(Index index);
  /// Its clock stands still for so long.
  void sleep(Index index, TimeMs for_ms);

  // ---- The world ----
  /// A frame that `from` is made to send on its link to `to`: the attacker's hand.
  void inject(Index from, Index to, Bytes data, Channel channel = Channel::control);
  void stop_server() {
    server_up_ = false;
    notify_server();
  }
  void start_server() {
    server_up_ = true;
    notify_server();
  }
  /// Called with each frame on its way; it may change it, or drop it by returning false.
  std::function<bool(Index from, Index to, Channel channel, Bytes& data)> tamper_frame;
  /// Called with each description that passes the server.
  std::function<void(std::string& sdp)> tamper_contact;
  /// How much later than others this peer's line to the server comes back.
  std::function<TimeMs(Index)> back_after_ms;
  /// Called with each offer that reaches a nominee.
  std::function<void(Index asker, Index nominee, const std::string& sdp)> on_nominated;
  /// Whether two may have a connection at all.
  std::function<bool(Index, Index)> may_connect;
  /// How long a crypto job takes this peer; Options::crypto_ms by default.
  std::function<TimeMs(Index)> crypto_time;
  /// Connections that the host was asked to make for this peer.
  std::uint64_t connections_made(Index index) const { return hosts_[index]->connections_made; }
  std::uint64_t frames_carried = 0;
  std::uint64_t bytes_carried = 0;

  // ---- Time ----
  TimeMs now() const { return now_; }
  void run_for(TimeMs duration_ms);
  /// Runs until it holds; false when it does not within the limit.
  bool run_until(const std::function<bool()>& holds, TimeMs limit_ms = 10'000);

  // ---- What the applications saw ----
  template <typename T>
  std::vector<T> seen(Index index) const {
    std::vector<T> out;
    for (const Output& output : hosts_[index]->events) {
      if (const T* event = std::get_if<T>(&output)) out.push_back(*event);
    }
    return out;
  }
  void forget_seen();
  /// What the application says to requests, nothing when it never answers; accepts by default.
  std::function<std::optional<bool>(Index, const Asked&)> on_asked;
  bool everybody_sees_everybody() const;
  bool maps_agree() const;
  /// Whether everybody of these has a link to each of its ring neighbours among them. The checker
  /// knows the ring from the identities alone.
  bool ring_is_closed(const std::vector<Index>& living) const;
  std::uint64_t rejected(Index index, Error reason) const;
  std::uint64_t counter(Index index, const std::string& name) const;

  /// One readable line for each frame and event, when switched on.
  bool tracing = false;
  std::vector<std::string> trace;
  std::string label(Index index) const;

 private:
  struct Endpoint {
    std::string local_sdp;
    std::string remote_sdp;
    std::size_t candidates = 0;
    bool opening = false;
    bool open = false;
    std::optional<std::pair<Index, LinkId>> other;
  };
  struct Host {
    std::unique_ptr<Node> node;
    Config config;
    std::map<LinkId, Endpoint> endpoints;
    std::vector<Output> events;
    std::uint64_t connections_made = 0;
    bool alive = true;
    bool ready = false;  ///< the server may nominate it
    TimeMs asleep_until = 0;
    TimeMs timer = never;
  };
  struct Event {
    TimeMs at;
    std::uint64_t sequence;
    std::function<void()> run;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };
  struct Ticket {
    Index asker;
    RequestId request;
    Index nominee;
    std::string offer;
    std::vector<std::string> candidates;
    std::vector<Index> refused_by;
  };

  void later(TimeMs delay_ms, std::function<void()> run);
  void deliver(Index index, TimeMs delay_ms, std::function<void(Node&, TimeMs)> input);
  void drain(Index index);
  void arm(Index index);
  Index start(const Config& config);
  void carry_out(Index index, Output output);
  void carry_out_send(Index index, const Send& send);
  void carry(Index from, Index to, LinkId link, Channel channel, Bytes data);
  void carry_out_contact(Index index, const ContactSend& send);
  void carry_out_close(Index index, LinkId link);
  void make_description(Index index, LinkId link);
  void try_open(Index index, LinkId link);
  void notify_server();
  std::optional<Index> nominate(Index asker, const std::vector<Index>& passed_over);
  void ask(RequestId ticket);
  void refused(RequestId ticket);
  void note(const std::string& from, const std::string& to, const std::string& what);
  Glossary glossary() const;

  Options options_;
  TimeMs start_ = 1'700'000'000'000;
  TimeMs now_ = start_;
  std::uint64_t sequence_ = 0;
  std::uint64_t random_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  std::vector<std::unique_ptr<Host>> hosts_;
  bool server_up_ = true;
  RequestId last_ticket_ = 0;
  std::map<RequestId, Ticket> tickets_;
};

}  // namespace membrane::test
