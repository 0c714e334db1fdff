#pragma once

#include <cstddef>
#include <vector>

#include "crew.h"
#include "turn.h"

namespace membrane::sim {

/// Takes the turns of the near future before they are due, by several threads at once, so that the
/// world has only to carry them out: in order, which is why nothing that happens depends on it.
///
/// What one peer does reaches no other within Internet::shortest_us: whatever is due in that time
/// is known already (conservative simulation with lookahead, K. M. Chandy and J. Misra, 1979). What
/// a peer does to itself may come sooner: its turns are taken ahead only as long as it does no more
/// than send and tell its application, and up to its next timer. Ahead go frames, timers and what
/// else concerns a peer alone; at anything else the look ahead ends.
class LookAhead {
 public:
  LookAhead(Stage& stage, std::size_t threads)
      : stage_(stage), crew_(threads), firsts_(crew_.threads()), sizes_(crew_.threads()) {}

  /// To be called before each event: looks ahead when all that it knew is over.
  void refresh(TimeUs until) {
    if (crew_.threads() > 1 && at_ == count_) look(until);
  }
  /// The turn that this event, which is due, brings, if it has been taken. Valid until refresh().
  Turn* taken(const Event& event) {
    if (at_ == count_ || items_[at_].event.order != event.order) return nullptr;
    Item& item = items_[at_++];
    return item.is_taken ? &item.turn : nullptr;
  }
  /// Whether turns of the future have been taken.
  bool is_ahead() const { return at_ != count_; }

 private:
  struct Item {
    Event event;
    Turn turn;
    bool is_taken = false;
    std::size_t next = 0;  ///< item of the same peer; 0 for none: the first follows nothing
  };

  void look(TimeUs until);
  void take_turns(const std::vector<std::size_t>& firsts, std::size_t at);
  bool take(Item& item);

  Stage& stage_;
  Crew crew_;
  std::vector<Item> items_;  ///< of which count_ are in use, in the order of their events
  /// Each peer's first item, in lists: a peer is always in the same one.
  std::vector<std::vector<std::size_t>> firsts_;
  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> last_;  ///< by peer: its last item so far, when the event there is its
  std::size_t count_ = 0;
  std::size_t at_ = 0;
};

}  // namespace membrane::sim
