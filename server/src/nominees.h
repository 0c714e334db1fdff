// Who is asked next. The routable clients of one network, ordered by whose turn it is.
//
// A client's trust is its penalties (bad data, bad descriptions, silence, refusals, requests
// already imposed on it) over its age: the one with least is asked. Ordering by that quotient would
// have to be redone as time passes, so it is kept as virtual time, as in start-time fair queueing
// (Goyal, Vin, Cheng 1996): each client has a turn, a point in time; a penalty moves the turn
// later; the earliest turn is asked. That equalises penalties per unit of time, and a choice costs
// O(log n).
//
// Always holds: a client's turn lies at most `turn_ahead_max` in the future, so no penalty is for
// ever; time spent idle earns no credit, so nobody is asked many times in a row for being old.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "server_limits.h"

namespace membrane::server {

/// Names a client for the life of the server; never used again.
using ClientId = std::uint64_t;

enum class Penalty { imposed, refusal, bad_data, silence, bad_description };

/// How well one client has behaved, as the point in time of its next turn.
class Standing {
 public:
  /// A newcomer comes after those who have waited, and before those who misbehaved.
  explicit Standing(Time joined) : joined_(joined), turn_(joined + newcomer_delay) {}

  Time turn() const { return turn_; }
  void penalise(Penalty penalty, Time now);

  static constexpr Time newcomer_delay{30'000};
  static constexpr Time turn_ahead_max{600'000};

 private:
  Time joined_;
  Time turn_;
};

/// The clients that may be asked, in the order of their turns. Bounded by the number of clients.
class Nominees {
 public:
  void insert(ClientId client, Time turn) { order_.emplace(turn, client); }
  void erase(ClientId client, Time turn) { order_.erase({turn, client}); }
  bool empty() const { return order_.empty(); }

  /// The first client in order of turns that `suits` accepts; it is called at most once a client.
  std::optional<ClientId> first(const std::function<bool(ClientId)>& suits) const;

 private:
  std::set<std::pair<Time, ClientId>> order_;
};

}  // namespace membrane::server
