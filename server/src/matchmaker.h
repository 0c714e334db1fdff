// Who is here, who asks to be connected, and who is asked to answer: the ledger of first contact.
//
// A client joins one pool (a vocabulary and a network name); pools never mix. A request is one
// offer looking for an answer; it is waiting (nobody is free), asked (one nominee holds its ticket)
// or answered (open for candidates and a report). A ticket is one request put to one nominee.
//
// Pure: no sockets, clocks or threads. Feed one input with the current time, then take the notices;
// call advance() at least every second or so. Nothing throws but on exhausted memory.
//
// Always holds:
//  1. An answer, candidate or refusal counts only from the client its ticket was given to, and only
//     while the ticket is open. Requests are named by their asker's own numbers.
//  2. A client is nominated only while it is routable, heard from, and holds few open tickets; it
//  is
//     never nominated for its own request, nor twice for the same.
//  3. "Nobody is here" is said only when no other client is routable, and makes the one it is said
//  to
//     routable in the same step: two askers at once do not both become a first peer.
//  4. Each accepted request ends in an answer, `unresolved` or `failed` within
//     waiting_timeout + failures_max * nominee_timeout, unless its asker leaves or is done; a
//     report starts that time anew, and a request has at most failures_max - 1 of them.
//
// Bounds: MatchLimits. When the table of requests is full, the oldest answered one is forgotten; if
// none is answered, the newcomer has failed.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nominees.h"
#include "server_limits.h"

namespace membrane::server {

/// The vocabularies; clients of different ones are never paired.
enum class Vocabulary : std::uint8_t { v2, v3 };

/// A text on its way through: held once, however many requests and queues refer to it.
using Text = std::shared_ptr<const std::string>;

/// One thing to tell one client.
struct Notice {
  enum class Kind { request, offer_candidate, answer, answer_candidate, unresolved, failed };

  ClientId to;
  Kind kind;
  /// To a nominee (request, offer_candidate): the ticket. To an asker: its own request number.
  std::uint64_t number;
  /// The description or candidate; null for unresolved and failed.
  Text text;
};

/// What became of an input that names a request or a ticket.
enum class Verdict {
  accepted,
  /// No such request or ticket of this client is open (any more): nothing happened.
  stale,
  /// The ticket was never given to anyone: nothing happened.
  invented,
  /// An open request of this client has that number: nothing happened.
  duplicate,
};

class Matchmaker {
 public:
  explicit Matchmaker(const MatchLimits& limits) : limits_(limits) {}
  Matchmaker(const Matchmaker&) = delete;
  Matchmaker& operator=(const Matchmaker&) = delete;

  /// Adds a client that is not routable yet. The host bounds how many there are.
  ClientId join(Vocabulary vocabulary, std::string_view network, Time now);
  /// Forgets a client; its requests end, and whoever it was to answer is passed on.
  void leave(ClientId client, Time now);
  /// The client is in the network and may be nominated.
  void ready(ClientId client, Time now);
  /// The client said something, so it may be nominated again if it was doubtful.
  void heard(ClientId client, Time now);
  /// The client has been silent for long: not to be nominated until it is heard.
  void doubt(ClientId client, Time now);
  /// The client sent something malformed.
  void bad_data(ClientId client, Time now);

  // The asker's side. `number` is the asker's name for the request.

  /// A new request. stale never, duplicate if the number is in use. Where a limit is reached the
  /// request is accepted and has failed at once.
  Verdict offer(ClientId asker, std::uint64_t number, std::string description, Time now);
  Verdict offer_candidate(ClientId asker, std::uint64_t number, std::string candidate, Time now);
  /// The answer was bad or no link came of it: scores its nominee down and asks another.
  Verdict report(ClientId asker, std::uint64_t number, Time now);
  /// The link is open: the request is forgotten.
  Verdict done(ClientId asker, std::uint64_t number);

  // The nominee's side.

  Verdict answer(ClientId nominee, std::uint64_t ticket, std::string description, Time now);
  Verdict answer_candidate(ClientId nominee, std::uint64_t ticket, std::string candidate);
  Verdict refuse(ClientId nominee, std::uint64_t ticket, Time now);
  /// The nominee answered with something that is no answer.
  Verdict bad_answer(ClientId nominee, std::uint64_t ticket, Time now);

  /// Lets time pass: silent nominees are given up, old requests end.
  void advance(Time now);

  /// The notices since the last call, in order.
  std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }

  std::size_t clients() const { return clients_.size(); }
  std::size_t requests() const { return requests_.size(); }
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  using RequestId = std::uint64_t;
  using PoolName = std::pair<Vocabulary, std::string>;

  struct Pool {
    std::size_t clients = 0;
    std::size_t routable = 0;
    Nominees nominees;
    std::set<RequestId> waiting;
  };
  using Pools = std::map<PoolName, Pool, std::less<>>;

  struct Client {
    Client(ClientId id_, Pools::iterator pool_, Time now) : id(id_), pool(pool_), standing(now) {}
    ClientId id;
    Pools::iterator pool;
    Standing standing;
    bool routable = false;
    bool doubtful = false;
    bool enrolled = false;
    std::vector<RequestId> asks;
    std::vector<RequestId> to_answer;
  };

  struct Request {
    enum class State { waiting, asked, answered };
    RequestId id;
    ClientId asker;
    std::uint64_t number;
    State state = State::waiting;
    Text offer;
    std::vector<Text> offer_candidates;
    std::vector<Text> early_answer_candidates;
    std::size_t bytes = 0;
    ClientId nominee = 0;
    std::uint64_t ticket = 0;
    std::vector<ClientId> tried;
    unsigned answer_candidates = 0;
    unsigned failures = 0;
    unsigned refusals = 0;
    unsigned vanished = 0;
    Time deadline{0};
    Time give_up{0};
  };
  using Deadlines = std::set<std::pair<Time, RequestId>>;

  Client* find(ClientId id);
  Request* find_asked(ClientId asker, std::uint64_t number);
  Request* find_ticket(ClientId nominee, std::uint64_t ticket);
  Verdict missing_ticket(std::uint64_t ticket) const;

  void withdraw(Client& client);
  void enrol(Client& client);
  void penalise(ClientId client, Penalty penalty, Time now);
  void set_routable(Client& client, bool routable);
  void set_doubtful(Client& client, bool doubtful);

  bool make_room(std::size_t bytes);
  bool hold(Request& request, std::vector<Text>& where, std::string text);
  void set_deadline(Request& request, Request::State state, Time deadline);
  void clear_deadline(Request& request);

  Time give_up_after(Time now) const;
  void place(Request& request, Time now);
  void ask(Request& request, Client& nominee, Time now);
  void wait(Request& request, Pool& pool, Time now);
  void resolve_alone(Request& request, Client& asker);
  void take_back(Request& request);
  void fault(Request& request, Penalty penalty, Time now);
  void fail_or_place(Request& request, Time now);
  void fail(Request& request);
  void forget(Request& request);
  void settle(Pool& pool, Time now);
  void expire(Request& request, Time now);

  void tell(ClientId to, Notice::Kind kind, std::uint64_t number, Text text = nullptr) {
    notices_.push_back({to, kind, number, std::move(text)});
  }

  const MatchLimits limits_;
  std::unordered_map<ClientId, Client> clients_;
  std::unordered_map<RequestId, Request> requests_;
  std::unordered_map<std::uint64_t, RequestId> tickets_;
  Pools pools_;
  Deadlines open_;
  Deadlines answered_;
  std::size_t held_bytes_ = 0;
  ClientId last_client_ = 0;
  RequestId last_request_ = 0;
  std::uint64_t last_ticket_ = 0;
  std::vector<Notice> notices_;
};

}  // namespace membrane::server
