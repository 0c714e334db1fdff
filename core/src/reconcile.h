#pragma once

#include <array>
#include <vector>

#include "broadcast.h"
#include "links.h"
#include "store.h"

namespace membrane {

/// Finds what broadcast lost: two neighbours compare their sets of statements by fingerprints of
/// ring ranges, splitting those that differ until the missing names are found (range-based set
/// reconciliation, A. Meyer, 2022). Runs with the ring neighbour on one side, the one on the other,
/// and somebody drawn by chance in turn, so that no neighbour can keep anything from us for long;
/// every limits::reconcile_soon_ms after something was lost or may have been, in a larger network
/// more rarely while statements come, else every reconcile_idle_ms. What was found missing we offer
/// everybody else by name, since others will miss it too. What
/// was said less than limits::spreading_ms ago, by its sequence, is left to the broadcast.
/// Records are compared only where maps are whole.
class Reconcile {
 public:
  Reconcile(Context& context, Links& links, Map& map, Broadcast& broadcast)
      : context_(context), links_(links), map_(map), broadcast_(broadcast) {}

  /// Compares with one neighbour now, everything or one store.
  void compare(const Link& link);
  void compare(const Link& link, Store kind);
  /// Gives a newcomer all records we keep, so that it need not ask, and begins with the states.
  void greet(Link& link);
  void push_own_record(Link& link);

  void receive(Link& link, const Summary& summary);
  void receive(Link& link, const Have& have);
  void receive(Link& link, const Want& want);

  /// A statement was accepted, or said by us.
  void came();
  /// One was accepted that had been lost.
  void pulled(Store kind, const Item& item);
  /// A link failed, or seems to: what was on its way may be lost.
  void expect_losses();

  void tick();
  TimeMs next_timeout() const;

 private:
  void answer_range(Store kind, const SummaryRange& theirs, Summary& reply, Have& have, Want& want);
  void answer_items(Store kind, const SummaryRange& theirs, const std::vector<Item>& mine,
                    Have& have, Want& want);
  void offer_found();
  void add(Have& have, const Item& item) const;
  bool is_under_way(const Item& item) const;
  void give(Link& link, Store kind, const Item& item);
  const Link* next_neighbour();
  TimeMs interval_ms() const;

  Context& context_;
  Links& links_;
  Map& map_;
  Broadcast& broadcast_;
  TimeMs next_ = 0;
  std::array<std::vector<Item>, 3> found_;  ///< by `Store`: what we lacked, to be offered
  TimeMs offer_at_ = 0;                     ///< 0 when there is nothing
  TimeMs busy_until_ = 0;                   ///< statements have come lately
  TimeMs losing_until_ = 0;                 ///< and some may be lost
  unsigned turn_ = 0;
};

/// The fingerprint of a set of statements: a sum, so that order does not matter.
std::uint64_t fingerprint(const std::vector<Item>& items);

}  // namespace membrane
