#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "fuzz.h"
#include "membrane/node.h"

namespace membrane::fuzz {

/// A host for one node that checks what the node does. Crypto is transparent: whatever is to be
/// sealed stays as it is and every signature holds unless the input says otherwise, so that the
/// fuzzer reaches what lies behind it.
class NodeHost {
 public:
  NodeHost();

  Node& node() { return *node_; }
  TimeMs now() const { return now_; }
  /// One of the links that the node has spoken of, alive or not.
  LinkId link(std::uint8_t choice) const;

  /// Feeds an input, carries out what comes of it and checks that the rules hold.
  template <typename Input>
  void feed(Input input) {
    input(*node_, now_);
    settle();
  }
  /// Lets time pass, as a host does: with a tick at each deadline, or with one late tick at the
  /// end.
  void pass(TimeMs duration_ms, bool asleep);
  /// Whether crypto jobs are answered at once or wait for answer_job.
  void hold_jobs(bool hold);
  void answer_job(bool ok);
  /// A link that is up, to a peer with this byte in every place of its id.
  void link_up(std::uint8_t peer);
  void leave();
  void check_tables();

 private:
  void settle();
  void take(Output&& output);
  void check_send(const Send& send);
  void finish(const Output& job, bool ok);
  void tick();

  TimeMs now_ = 1'700'000'000'000;
  std::unique_ptr<Node> node_;
  std::deque<Output> jobs_;
  std::map<LinkId, bool> links_;  ///< whether each is still open
  bool hold_jobs_ = false;
  bool has_left_ = false;
  RequestId last_ticket_ = 0;
};

std::string description();

}  // namespace membrane::fuzz
