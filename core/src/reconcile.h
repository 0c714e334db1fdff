#pragma once

#include <functional>

#include "broadcast.h"
#include "links.h"
#include "store.h"

namespace membrane {

/// Finds what broadcast lost: two neighbours compare their sets of statements by fingerprints of
/// ring ranges, splitting those that differ until the missing names are found (range-based set
/// reconciliation, A. Meyer, 2022). Runs with one ring neighbour after the other, every
/// limits::reconcile_soon_ms while things change, else every reconcile_idle_ms, and with everyone
/// at once right after something was found missing, since others will miss it too.
class Reconcile {
 public:
  Reconcile(Context& context, Links& links, Broadcast& broadcast)
      : context_(context), links_(links), broadcast_(broadcast) {}

  /// Compares with one neighbour now, everything or one store.
  void compare(const Link& link);
  void compare(const Link& link, Store kind);
  /// Gives a newcomer all records, so that it need not ask.
  void push_records(Link& link);

  void receive(Link& link, const Summary& summary);
  void receive(Link& link, const Want& want);

  /// A statement was accepted; `pulled` when it had been lost.
  void note(bool pulled);

  void tick();
  TimeMs next_timeout() const;

 private:
  void answer_range(Link& link, Store kind, const SummaryRange& theirs, Summary& reply, Want& want);
  void answer_items(Link& link, Store kind, const SummaryRange& theirs,
                    const std::vector<Item>& mine, Want& want);
  void push(Link& link, Store kind, const Item& item);
  const Link* next_neighbour();

  Context& context_;
  Links& links_;
  Broadcast& broadcast_;
  TimeMs next_ = 0;
  TimeMs everyone_at_ = 0;
  TimeMs busy_until_ = 0;
  bool clockwise_next_ = true;
};

/// The fingerprint of a set of statements: a sum, so that order does not matter.
std::uint64_t fingerprint(const std::vector<Item>& items);

}  // namespace membrane
