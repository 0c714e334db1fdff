#pragma once

#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "look_ahead.h"
#include "membrane/node.h"
#include "observer.h"
#include "server.h"
#include "stage.h"
#include "transport.h"
#include "turn.h"

namespace membrane::sim {

/// Thousands of real nodes under virtual time.
///
/// One queue of events ordered by (time, sequence) drives everything; all chance comes from the
/// seed. Same seed and same calls, same run, byte for byte, with as many threads as one likes: they
/// take turns of different nodes ahead (LookAhead), one of them carries them out. An application
/// accepts whatever it is asked, unless the observer says otherwise.
///
/// A peer is known by its index. One that crashed or left keeps its index and its stats, but has no
/// node any more; one that comes back has a new index.
class World {
 public:
  explicit World(const WorldOptions& options = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// The nodes' clock when the world begins, Unix milliseconds.
  static constexpr TimeMs start_ms = Stage::start_ms;

  // ---- Peers ------------------------------------------------------------------------------------
  /// A new peer starts to join now.
  PeerIndex add(std::string_view name = {});
  /// One that is gone comes back with the same identity and knows nothing else.
  PeerIndex restart(PeerIndex gone);
  /// It vanishes without a word. Frames on their way still arrive.
  void crash(PeerIndex peer);
  /// It says goodbye.
  void leave(PeerIndex peer);
  /// Its clock stands still: what comes waits, in order. Its connections stay open unless the other
  /// ends lose patience.
  void sleep(PeerIndex peer, TimeMs for_ms);

  std::size_t size() const { return stage_.hosts.size(); }
  bool alive(PeerIndex peer) const { return stage_.hosts[peer]->alive; }
  bool asleep(PeerIndex peer) const { return stage_.hosts[peer]->asleep; }
  /// The peer must be alive. For looking at it; inputs go through feed().
  const Node& node(PeerIndex peer) const { return *stage_.hosts[peer]->node; }
  const PeerId& id(PeerIndex peer) const { return stage_.hosts[peer]->id; }
  const std::string& name(PeerIndex peer) const { return stage_.hosts[peer]->name; }
  /// Whose id or place on the ring it is; of several lives the latest. `nobody` when unknown.
  PeerIndex find(const PeerId& id) const;
  PeerIndex find(Position position) const;
  const PeerStats& stats(PeerIndex peer) const { return stage_.hosts[peer]->stats; }
  /// The heap memory that its node holds now; 0 where heap::counts() says no.
  std::uint64_t state_bytes(PeerIndex peer) const;
  /// Those to whom its transport has an open connection now, whatever its node thinks.
  std::vector<PeerIndex> connected(PeerIndex peer) const;

  /// Gives an input to a node and carries out what comes of it. False, and nothing is done, when it
  /// is gone or asleep. Not from within an observer; see at().
  bool feed(PeerIndex peer, const std::function<void(Node&, TimeMs)>& input);

  // ---- Attackers --------------------------------------------------------------------------------
  /// `tamper` must outlive the peer; null takes it away.
  void set_tamper(PeerIndex peer, Tamper* tamper) { stage_.host(peer).tamper = tamper; }
  /// A frame that the host sends by itself. False when it has no open connection to `to`.
  bool inject(PeerIndex from, PeerIndex to, Channel channel, Bytes frame);
  /// With which an attacker signs with its own key.
  Crypto& crypto() { return *stage_.crypto; }
  const std::string& network() const { return stage_.options.network; }

  // ---- The world --------------------------------------------------------------------------------
  const Internet& internet() const { return stage_.internet; }
  Server& server() { return server_; }
  /// See Internet::raise_wall. Connections over it die after Transport::silence_us.
  void raise_wall(std::vector<std::uint8_t> side, std::optional<std::uint8_t> server_side = {});
  void fell_wall();
  /// Must outlive the world; null when nobody watches.
  void set_observer(Observer* observer);
  /// The world's chance, for whoever directs it.
  Random& random() { return stage_.random; }

  // ---- Time -------------------------------------------------------------------------------------
  TimeMs now() const { return Stage::time_ms(stage_.now_us); }
  TimeUs now_us() const { return stage_.now_us; }
  /// Calls back at this time, or now if that is over. Anything may be done there; but where it is
  /// an observer that asks for the call, inputs, crashes and naps only after Internet::shortest_us:
  /// until then nodes may be ahead, and the program ends with a message.
  void at(TimeUs time_us, std::function<void()> call);
  void after_ms(TimeMs delay_ms, std::function<void()> call) {
    at(stage_.now_us + delay_ms * 1'000, std::move(call));
  }
  /// Everything that is due until then happens.
  void run_until(TimeUs time_us);
  void run_for_ms(TimeMs duration_ms) { run_until(stage_.now_us + duration_ms * 1'000); }
  /// Events so far.
  std::uint64_t events() const { return events_; }
  /// How many of them brought a turn that had been taken ahead.
  std::uint64_t events_ahead() const { return events_ahead_; }

 private:
  PeerIndex start(std::string_view name, const Key& secret);
  void prefetch() const;
  void handle(const Event& event);
  void settle(const Event& event, Turn& turn);
  void handle_timer(PeerIndex peer, TimeUs time_us);
  void wake(PeerIndex peer, const Payload& payload);
  void handle_input(PeerIndex peer, Kind kind, Payload&& payload);
  bool admits(PeerIndex peer, Kind kind, const Payload& payload);
  void carry_out(Turn& turn);
  void carry_out(Turn& turn, Output&& output);
  void end(PeerIndex peer);
  void must_be_in_step() const;

  Stage stage_;
  Transport transport_{stage_};
  Server server_{stage_};
  std::map<Position, PeerIndex> by_position_;
  LookAhead ahead_{stage_, stage_.options.threads};
  Turn turn_;  ///< the one that is taken when it is due
  std::vector<std::function<void()>> calls_;
  std::vector<Slot> free_calls_;
  std::vector<std::unique_ptr<Node>> gone_;
  std::uint32_t walls_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t events_ahead_ = 0;
};

}  // namespace membrane::sim
