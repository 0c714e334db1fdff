#pragma once

#include <array>
#include <optional>
#include <vector>

#include "callback.h"
#include "links.h"
#include "map.h"
#include "store.h"
#include "table.h"

namespace membrane {

/// Spreads statements to everybody by arc splitting. The origin answers for the whole ring and
/// hands each neighbour the arc nearest to it; whoever receives an arc splits it again among its
/// own neighbours. Nobody is reached twice, nobody keeps a tree. An arc that is not acknowledged in
/// time, or whose link went down, goes to the neighbours that are left; what is still lost is found
/// by Reconcile.
///
/// A statement is passed on only when its signature holds; whoever hands us one that is forged is
/// blamed for it. Those being verified, parked and watched are bounded
/// (limits::verifying_kibibytes_max, parked_max, pending_arcs_max), and so are those verified for
/// one link (limits::statements_per_s); beyond that they are dropped, sent but not watched.
class Broadcast {
 public:
  Broadcast(Context& context, Links& links, Map& map, StatementStore& messages,
            StatementStore& states);

  struct Hooks {
    /// `pulled`: it had been lost.
    Callback<void(Store, const Item&, bool pulled)> accepted;
  };
  Hooks hooks;

  /// Ours, accepted by its store already.
  void spread(const Statement& statement, ByteView encoded);
  /// Our record, to the neighbours alone.
  void tell_neighbours(ByteView encoded);
  /// A record that we asked for, of somebody at the end of a trail: who hands it to us has not
  /// checked it.
  void take_record(Link& link, ByteView encoded);
  void receive(Link& link, const Spread& spread);
  void receive(Link& link, const Push& push);
  void receive(Link& link, const SpreadAck& ack);
  /// A link went down or is suspect: what waits on it is handed to others.
  void link_failed(LinkId link);
  void map_changed();

  StatementStore& store(Store kind) { return *stores_[static_cast<std::size_t>(kind)]; }
  std::size_t pending() const { return pending_.size(); }

  void tick();
  TimeMs next_timeout() const;

 private:
  struct Name {
    StatementKind kind;
    Item item;
    friend auto operator<=>(const Name&, const Name&) = default;
  };
  struct Task {
    Arc arc;
    std::uint8_t hops_left;
  };
  /// A statement that came in and is not accepted yet: being verified, or verified and waiting for
  /// its origin to be in the map.
  struct Incoming {
    std::uint64_t number = 0;
    LinkId link = 0;  ///< that handed it to us, and who is at its end
    Position from = 0;
    std::size_t kibibytes = 0;
    Statement statement;
    Bytes encoded;
    std::vector<Task> tasks;
    bool pulled = false;
    bool vouched = true;
    TimeMs parked_until = 0;
  };
  using Incomings = Table<Name, Incoming>;

  struct PendingArc {
    LinkId link;
    Name name;
    Task task;
    TimeMs due;
  };

  StatementStore& store_of(StatementKind kind) { return store(store_kind(kind)); }
  /// How a statement came.
  struct Delivery {
    const Task* task = nullptr;  ///< when it came to be spread
    bool pulled = false;
    bool vouched = true;  ///< whoever handed it to us has checked it
  };
  void take(Link& link, Statement&& statement, ByteView encoded, const Delivery& delivery);
  void verify(Link& link, Statement&& statement, ByteView encoded, const Delivery& delivery);
  bool may_verify(Link& link, std::size_t kibibytes);
  void verified(const Name& name, std::uint64_t number, bool ok);
  void accept(const Name& name, const Incoming& incoming);
  void pass_on(const Name& name, ByteView encoded, const Task& task, LinkId except);
  void hand_over(Link& link, const Name& name, ByteView encoded, const Task& task);
  void pass_on_again(const PendingArc& pending);
  template <typename Predicate>
  void give_up(Predicate in_vain);
  void hand_into(const Arc& arc, const Name& name, ByteView encoded, unsigned hops_left,
                 LinkId except);
  void hand_back(const Arc& arc, const Name& name, ByteView encoded, unsigned hops_left);
  Link* nearest_to(Position place, LinkId except);
  bool is_usable(const Link& link, LinkId except) const;
  std::vector<Position> usable_on(const Arc& arc, Position origin, LinkId except);
  std::optional<Position> somebody_on(const Arc& arc) const;

  Context& context_;
  Links& links_;
  Map& map_;
  std::array<StatementStore*, 3> stores_;  ///< by `Store`
  std::uint64_t last_number_ = 0;
  Incomings incoming_;
  std::size_t verifying_kibibytes_ = 0;
  std::size_t parked_ = 0;
  std::vector<PendingArc> pending_;
  TimeMs look_at_ = never;  ///< when the first of them may be due
};

}  // namespace membrane
