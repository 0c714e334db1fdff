#pragma once

#include <memory>
#include <string>
#include <vector>

#include "crypto.h"
#include "description.h"
#include "event_queue.h"
#include "heap.h"
#include "internet.h"
#include "membrane/node.h"
#include "observer.h"
#include "random.h"

namespace membrane::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  /// One way between any two, without chance; 0 for the model of the Internet.
  std::uint64_t latency_ms = 0;
  /// Pairs of a thousand that can never have a direct connection.
  std::uint64_t nat_per_mille = 0;
  bool real_crypto = false;
  /// How long a crypto job takes; 0: it is done within the same turn.
  TimeUs crypto_us = 0;
  /// Whether the first-contact server runs from the start.
  bool server = true;
  /// Whether a host that slept learns on waking of the connections that were closed meanwhile. If
  /// not, its transport finds out by itself, half a minute later.
  bool sleeper_hears_closes = true;
  /// How many threads take turns at once. What happens is the same with any number.
  std::size_t threads = 1;
  std::string network = "sim";
  /// Of each node: the largest network of which it keeps a whole map.
  std::size_t peers_max = limits::peers_max;
};

/// What a host has done since it was added.
struct PeerStats {
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint32_t connections = 0;  ///< connection objects made
  std::uint32_t opened = 0;       ///< those whose transport opened
};

/// One end of a simulated connection.
struct Endpoint {
  enum class Phase : std::uint8_t {
    gathering,  ///< descriptions and candidates are on their way
    blocked,    ///< all is there, but nothing gets through
    opening,    ///< ICE, DTLS and SCTP are at work
    open,
    dead,  ///< the transport has given up; the node has been told, or will be
  };

  LinkId link = 0;
  End other;  ///< whom the description that we were given speaks of
  TimeUs since_us = 0;
  TimeUs base_us = 0;          ///< one way to the other end, once it is known
  TimeUs last_arrival_us = 0;  ///< when the last frame sent from here arrives
  Phase phase = Phase::gathering;
  bool offers = false;
  bool has_candidate = false;
};

/// One peer's machine: a node and what it runs on.
struct Host {
  std::unique_ptr<Node> node;
  std::vector<Endpoint> endpoints;  ///< by link, ascending
  PeerId id;
  Key secret{};
  std::string name;
  TimeUs timer_at = never;  ///< the earliest timer event on its way
  TimeUs wakes_at = 0;
  std::uint32_t naps = 0;
  heap::Owner owner = 0;
  bool alive = true;
  bool asleep = false;
  Tamper* tamper = nullptr;
  PeerStats stats;
  std::vector<Event> waiting;  ///< what came while it slept

  Endpoint* find(LinkId link);
};

/// What every part of the world shares: the time, what is to come, chance, the Internet, the hosts.
struct Stage {
  explicit Stage(const WorldOptions& world_options);

  /// The nodes' clock when the world begins, Unix milliseconds.
  static constexpr TimeMs start_ms = 1'700'000'000'000;
  static constexpr TimeMs time_ms(TimeUs us) { return start_ms + us / 1'000; }
  static constexpr TimeUs time_us(TimeMs ms) {
    return ms <= start_ms ? 0 : (ms - start_ms) * 1'000;
  }

  WorldOptions options;
  TimeUs now_us = 0;
  Random random;
  Internet internet;
  std::unique_ptr<Crypto> crypto;
  std::vector<std::unique_ptr<Host>> hosts;
  EventQueue queue;
  Observer none;
  Observer* observer = &none;

  Host& host(PeerIndex peer) { return *hosts[peer]; }
  bool is_known(PeerIndex peer) const { return peer < hosts.size(); }
  /// The endpoint at that end; nothing when there is none.
  Endpoint* find(const End& end) {
    return is_known(end.peer) ? host(end.peer).find(end.link) : nullptr;
  }

  void push(TimeUs delay_us, Kind kind, PeerIndex peer) {
    queue.push(now_us + delay_us, kind, peer);
  }
  void push(TimeUs delay_us, Kind kind, PeerIndex peer, Payload&& payload) {
    queue.push(now_us + delay_us, kind, peer, queue.keep(std::move(payload)));
  }
};

}  // namespace membrane::sim
