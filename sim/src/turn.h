#pragma once

#include <utility>
#include <vector>

#include "stage.h"

namespace membrane::sim {

/// One input to one node and all that the node makes of it: what it wants of the world, in order.
///
/// Its crypto jobs are done on the way where they take no time. Touches nothing but the peer's node,
/// its memory and its timer, so that the turns of different peers may be taken by different threads
/// at once; what they want is carried out by the world, one after the other. May be used again and
/// again, since it keeps its memory.
class Turn {
 public:
  /// Gives the node an input: input(node, now).
  template <typename Input>
  void take(Stage& stage, PeerIndex peer, TimeUs at_us, const Input& input) {
    begin(peer, at_us);
    {
      Host& host = stage.host(peer);
      const heap::Scope scope(host.owner);
      input(*host.node, Stage::time_ms(at_us));
    }
    go_on(stage);
  }
  /// The input that an event brings: its kind is one to a node.
  void take(Stage& stage, PeerIndex peer, TimeUs at_us, Kind kind, const Payload& payload);
  /// The host's timer has fired.
  void take_timer(Stage& stage, PeerIndex peer, TimeUs at_us);

  PeerIndex peer() const { return peer_; }
  /// What is to be carried out, in order; whoever has done so empties it.
  std::vector<Output>& outputs() { return outputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  /// Whether the node is through. If not, the application has been asked something: whoever carries
  /// out the outputs answers and lets the node go on.
  bool is_over() const { return answered_ == answers_.size(); }
  /// Answers what an Asked among the outputs asks.
  void answer(RequestId request, bool accept);
  void go_on(Stage& stage);
  /// When the host's timer wants to fire, if another event has to be made for that, or never.
  TimeUs timer_us() const { return timer_us_; }

 private:
  /// The answer to a crypto job, or to a question to the application: a Kind::call, of which the
  /// payload's `epoch` says whether it has been given.
  struct Answer {
    Kind kind;
    Payload payload;
  };

  void begin(PeerIndex peer, TimeUs at_us);
  void poll(Stage& stage);
  bool tell_next(Stage& stage);
  void arm(Stage& stage);

  PeerIndex peer_ = nobody;
  TimeUs at_us_ = 0;
  TimeUs timer_us_ = never;
  std::vector<Output> outputs_;
  std::vector<Answer> answers_;
  std::size_t answered_ = 0;  ///< so many of them the node knows
};

/// Does a crypto job: the kind of the input that is its answer, and what that says. `Kind::call`
/// when the output is none.
std::pair<Kind, Payload> do_job(Crypto& crypto, PeerIndex peer, const Output& output);

}  // namespace membrane::sim
