#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "membrane/bytes.h"
#include "membrane/error.h"
#include "membrane/id.h"
#include "membrane/limits.h"
#include "membrane/output.h"

namespace membrane {

/// Unix time in milliseconds as the host tells it. Within a node's life it must not go back (a step
/// back is read as standing still), and it must count the time the machine slept.
using TimeMs = std::uint64_t;

inline constexpr TimeMs never = std::numeric_limits<TimeMs>::max();

/// Who a node is and which network it is in.
struct Config {
  PeerId id;          ///< our Ed25519 public key
  Key sealing_key{};  ///< our X25519 public key, to which others seal
  std::string name;  ///< display name, at most limits::name_size_max bytes of UTF-8; proves nothing
  std::string
      network;  ///< only peers with the same name meet; at most limits::network_size_max bytes
  /// How many peers the map may hold; a larger network is known as far as the neighbours. At least
  /// 32, at most limits::peers_max.
  std::size_t peers_max = limits::peers_max;
  Key seed{};              ///< 32 bytes from the system's generator; the node's whole chance
  bool ask_links = false;  ///< emit Asked before each incoming link too, not only before sessions
};

/// One member of the network: the whole protocol as a state machine without I/O.
///
/// The contract: feed one input (any method that takes `now`), then take outputs with poll() until
/// it returns nothing, then arm one timer for next_timeout(), at which tick() is due. Inputs never
/// call back into the host. The same seed and the same inputs give the same outputs, byte for byte.
/// Nothing a peer or the server sends can make an input fail: what does not hold is dropped and
/// counted (counters()). A returned error concerns the host's own call alone.
///
/// Not thread-safe; a node belongs to one thread at a time. Nothing passed in is kept by reference.
class Node {
 public:
  /// Nothing when the configuration breaks a limit.
  static std::unique_ptr<Node> create(const Config& config, TimeMs now);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// The next thing to do, in order; nothing when all is done.
  std::optional<Output> poll();
  /// When tick() is due at the latest; `never` when nothing is pending. To be asked after each
  /// input: one that comes limits::sleep_ms after this says that the machine slept.
  TimeMs next_timeout() const;

  // ---- The first-contact server -----------------------------------------------------------------
  void contact_opened(TimeMs now);
  void contact_closed(TimeMs now);
  void contact_request(TimeMs now, RequestId ticket, std::string_view sdp);
  void contact_request_candidate(TimeMs now, RequestId ticket, std::string_view candidate);
  void contact_answer(TimeMs now, RequestId request, std::string_view sdp);
  void contact_answer_candidate(TimeMs now, RequestId request, std::string_view candidate);
  void contact_unresolved(TimeMs now, RequestId request);
  void contact_failed(TimeMs now, RequestId request);

  // ---- Connections. Links that are gone already are ignored: the host may be late. --------------
  void local_description(TimeMs now, LinkId link, std::string_view sdp);
  void local_candidate(TimeMs now, LinkId link, std::string_view candidate);
  void link_opened(TimeMs now, LinkId link);
  void link_received(TimeMs now, LinkId link, Channel channel, ByteView data);
  void link_closed(TimeMs now, LinkId link);

  // ---- Crypto jobs. Error: unknown_job. ---------------------------------------------------------
  Error signed_(TimeMs now, JobId job, const Signature& signature);
  Error verified(TimeMs now, JobId job, bool ok);
  Error sealed(TimeMs now, JobId job, bool ok, ByteView data);
  Error opened(TimeMs now, JobId job, bool ok, ByteView data);

  // ---- Commands ---------------------------------------------------------------------------------
  /// Wants a link to `peer`, or a session, over a link or, if none can be made, over relays. Ends
  /// in Connected, SessionOpened or ConnectFailed. Errors: invalid_argument (our own id), busy (too
  /// many under way), left.
  Error connect(TimeMs now, const PeerId& peer, bool session);
  /// Asks the network for `peer`. Ends in Found or FindFailed. Errors: invalid_argument (our own
  /// id), busy (too many under way), left.
  Error find(TimeMs now, const PeerId& peer);
  /// Answers Asked. Error: unknown_request (answered, or too late).
  Error answer(TimeMs now, RequestId request, bool accept);
  /// Ends the session with `peer`, or the wish for one. Error: no_session, when it was not open.
  Error close_session(TimeMs now, const PeerId& peer);
  /// Closes the link to `peer`, and a relayed session. Error: unknown_peer when there is neither.
  Error disconnect(TimeMs now, const PeerId& peer);
  /// Tells everybody. Errors: oversized, invalid_argument (topic empty or too long or not UTF-8),
  /// busy (over the rate).
  Error publish(TimeMs now, std::string_view topic, ByteView payload);
  /// Sets our value of a key of a topic for everybody who is here or comes, until its lifetime is
  /// over; while we are a member it is renewed. An empty value takes it back. Errors: oversized,
  /// invalid_argument (topic as in publish, key too long or not UTF-8, lifetime out of bounds),
  /// busy (over the rate, or limits::state_keys_max keys are set).
  Error set_state(TimeMs now, std::string_view topic, std::string_view key, ByteView value,
                  std::uint64_t lifetime_s);
  /// Sends a piece of an application message, see SessionPiece. Errors: no_session, oversized,
  /// invalid_argument (it does not follow the one before), busy: too many messages at once, or a
  /// relayed session has no room. Then the same piece may be written again after SessionWritable.
  Error session_write(TimeMs now, const PeerId& peer, std::uint64_t message, std::uint8_t flags,
                      std::uint64_t total, ByteView data);
  /// Errors: oversized, invalid_argument (not UTF-8).
  Error rename(TimeMs now, std::string_view name);
  /// Says goodbye on every link and closes it. Final.
  void leave(TimeMs now);
  /// Probes every link at once: the machine woke up, the network changed, the page is visible
  /// again.
  void resume(TimeMs now);
  void tick(TimeMs now);

  // ---- Looking at it ----------------------------------------------------------------------------
  State state() const;
  const PeerId& id() const;
  /// How many peers the network has: exact while the map holds everybody; in a larger network
  /// judged by how dense the ring is, give or take a third.
  std::size_t network_size() const;
  /// Whether the map holds everybody: not in a network of more than Config::peers_max, where it
  /// holds our neighbours and some others, nor while most neighbours name somebody whom it lacks.
  bool knows_everybody() const;
  /// Everybody in the map, ourselves included, in ring order.
  std::vector<PeerId> peers() const;
  /// The two ends of every edge of the map, each edge once, in ring order.
  std::vector<std::pair<PeerId, PeerId>> edges() const;
  /// Our open links.
  std::vector<PeerId> links() const;
  /// The values of a topic, ours included, in ring order of their origins.
  std::vector<StateValue> states(std::string_view topic) const;
  /// The neighbour on a shortest route to `peer`; nothing when it is not in the map.
  std::optional<PeerId> next_hop(const PeerId& peer) const;
  /// Names and values: how often each Error was the reason to drop something ("rejected: stale"),
  /// sizes of tables, messages and bytes sent.
  std::vector<std::pair<std::string, std::uint64_t>> counters() const;
  /// How full each table is, against its limit: for tests and the simulator.
  struct Table {
    const char* name;
    std::size_t size;
    std::size_t limit;
  };
  std::vector<Table> tables() const;

  /// Begins to fetch what the next input will read into the processor's caches: for a host of
  /// thousands of nodes that knows whose turn comes next.
  void prefetch() const;

 private:
  struct Parts;
  class Turn;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace membrane
