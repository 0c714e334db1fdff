#pragma once

#include <optional>
#include <vector>

#include "stage.h"

namespace membrane::sim {

/// What a node is told of something that it asked for: of a crypto job, or of its application
/// (Kind::call), which takes a moment to answer.
struct Answer {
  Kind kind = Kind::call;
  Payload payload{};
  bool is_known = true;
};

/// One input to one node and all that the node makes of it: what it wants of the world, in order.
///
/// Its crypto jobs are done on the way where they take no time. Touches nothing but the peer's
/// node, its memory and its timer, so that the turns of different peers may be taken by different
/// threads at once; what they want is carried out by the world, one after the other. May be used
/// again and again, since it keeps its memory.
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
  /// When a new timer event of the host is due; never when none has to be made.
  TimeUs timer_us() const { return timer_us_; }
  /// All has been carried out: gives back what it held, and room for more outputs than is usual.
  void finish();

 private:
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

/// Does a crypto job; nothing when the output is none.
std::optional<Answer> do_job(Crypto& crypto, PeerIndex peer, const Output& output);

}  // namespace membrane::sim
