#include "matchmaker.h"

#include <algorithm>
#include <optional>

namespace membrane::server {
namespace {

template <class Value>
bool contains(const std::vector<Value>& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

// --- clients ------------------------------------------------------------------------------------

ClientId Matchmaker::join(Vocabulary vocabulary, std::string_view network, Time now) {
  const auto pool = pools_.try_emplace({vocabulary, std::string(network)}).first;
  ++pool->second.clients;
  const ClientId id = ++last_client_;
  clients_.try_emplace(id, id, pool, now);
  return id;
}

void Matchmaker::leave(ClientId id, Time now) {
  Client* client = find(id);
  if (client == nullptr) return;
  set_routable(*client, false);
  while (!client->asks.empty()) forget(requests_.at(client->asks.back()));
  const std::vector<RequestId> orphans = std::exchange(client->to_answer, {});
  const auto pool = client->pool;
  clients_.erase(id);
  for (const RequestId orphan : orphans) {
    Request& request = requests_.at(orphan);
    take_back(request);
    ++request.vanished;
    fail_or_place(request, now);
  }
  settle(pool->second, now);
  if (--pool->second.clients == 0) pools_.erase(pool);
}

void Matchmaker::ready(ClientId id, Time now) {
  Client* client = find(id);
  if (client == nullptr || client->routable) return;
  set_routable(*client, true);
  settle(client->pool->second, now);
}

void Matchmaker::heard(ClientId id, Time now) {
  Client* client = find(id);
  if (client == nullptr || !client->doubtful) return;
  set_doubtful(*client, false);
  settle(client->pool->second, now);
}

void Matchmaker::doubt(ClientId id, Time) {
  if (Client* client = find(id)) set_doubtful(*client, true);
}

void Matchmaker::bad_data(ClientId id, Time now) { penalise(id, Penalty::bad_data, now); }

Matchmaker::Client* Matchmaker::find(ClientId id) {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

void Matchmaker::withdraw(Client& client) {
  if (!client.enrolled) return;
  client.pool->second.nominees.erase(client.id, client.standing.turn());
  client.enrolled = false;
}

void Matchmaker::enrol(Client& client) {
  const bool free = client.to_answer.size() < limits_.tickets_per_nominee_max;
  if (client.enrolled || !client.routable || client.doubtful || !free) return;
  client.pool->second.nominees.insert(client.id, client.standing.turn());
  client.enrolled = true;
}

void Matchmaker::penalise(ClientId id, Penalty penalty, Time now) {
  Client* client = find(id);
  if (client == nullptr) return;
  withdraw(*client);
  client->standing.penalise(penalty, now);
  enrol(*client);
}

void Matchmaker::set_routable(Client& client, bool routable) {
  if (client.routable == routable) return;
  withdraw(client);
  client.routable = routable;
  std::size_t& count = client.pool->second.routable;
  count = routable ? count + 1 : count - 1;
  enrol(client);
}

void Matchmaker::set_doubtful(Client& client, bool doubtful) {
  withdraw(client);
  client.doubtful = doubtful;
  enrol(client);
}

// --- what the asker says ------------------------------------------------------------------------

Verdict Matchmaker::offer(ClientId id, std::uint64_t number, std::string description, Time now) {
  Client* asker = find(id);
  if (asker == nullptr) return Verdict::stale;
  if (find_asked(id, number) != nullptr) return Verdict::duplicate;
  const std::size_t bytes = description.size();
  if (asker->asks.size() >= limits_.requests_per_client_max || !make_room(bytes)) {
    tell(id, Notice::Kind::failed, number);
    return Verdict::accepted;
  }
  Request& request = requests_[++last_request_];
  request.id = last_request_;
  request.asker = id;
  request.number = number;
  request.offer = std::make_shared<const std::string>(std::move(description));
  request.bytes = bytes;
  request.give_up = give_up_after(now);
  held_bytes_ += bytes;
  asker->asks.push_back(request.id);
  place(request, now);
  settle(asker->pool->second, now);
  return Verdict::accepted;
}

Verdict Matchmaker::offer_candidate(ClientId asker, std::uint64_t number, std::string candidate,
                                    Time) {
  Request* request = find_asked(asker, number);
  if (request == nullptr) return Verdict::stale;
  if (!hold(*request, request->offer_candidates, std::move(candidate))) return Verdict::accepted;
  if (request->state != Request::State::waiting && find(request->nominee) != nullptr) {
    tell(request->nominee, Notice::Kind::offer_candidate, request->ticket,
         request->offer_candidates.back());
  }
  return Verdict::accepted;
}

Verdict Matchmaker::report(ClientId id, std::uint64_t number, Time now) {
  Request* request = find_asked(id, number);
  if (request == nullptr || request->state != Request::State::answered) return Verdict::stale;
  Client& asker = *find(id);
  Pool& pool = asker.pool->second;
  // A v2 client became routable with its answer; without a link it is not in the network.
  if (asker.pool->first.first == Vocabulary::v2) set_routable(asker, false);
  request->give_up = give_up_after(now);
  fault(*request, Penalty::bad_description, now);
  settle(pool, now);
  return Verdict::accepted;
}

Verdict Matchmaker::done(ClientId asker, std::uint64_t number) {
  Request* request = find_asked(asker, number);
  if (request == nullptr) return Verdict::stale;
  forget(*request);
  return Verdict::accepted;
}

Matchmaker::Request* Matchmaker::find_asked(ClientId id, std::uint64_t number) {
  const Client* asker = find(id);
  if (asker == nullptr) return nullptr;
  for (const RequestId ask : asker->asks) {
    Request& request = requests_.at(ask);
    if (request.number == number) return &request;
  }
  return nullptr;
}

// --- what the nominee says ----------------------------------------------------------------------

Verdict Matchmaker::answer(ClientId id, std::uint64_t ticket, std::string description, Time now) {
  Request* request = find_ticket(id, ticket);
  if (request == nullptr) return missing_ticket(ticket);
  if (request->state != Request::State::asked) return Verdict::stale;
  Client& nominee = *find(id);
  std::erase(nominee.to_answer, request->id);
  enrol(nominee);
  set_deadline(*request, Request::State::answered, now + limits_.answered_lifetime);
  tell(request->asker, Notice::Kind::answer, request->number,
       std::make_shared<const std::string>(std::move(description)));
  for (Text& early : std::exchange(request->early_answer_candidates, {})) {
    tell(request->asker, Notice::Kind::answer_candidate, request->number, std::move(early));
  }
  Client& asker = *find(request->asker);
  if (asker.pool->first.first == Vocabulary::v2) set_routable(asker, true);
  settle(nominee.pool->second, now);
  return Verdict::accepted;
}

Verdict Matchmaker::answer_candidate(ClientId nominee, std::uint64_t ticket,
                                     std::string candidate) {
  Request* request = find_ticket(nominee, ticket);
  if (request == nullptr) return missing_ticket(ticket);
  if (request->state == Request::State::asked) {
    hold(*request, request->early_answer_candidates, std::move(candidate));
    return Verdict::accepted;
  }
  if (++request->answer_candidates > limits_.candidates_max) return Verdict::stale;
  tell(request->asker, Notice::Kind::answer_candidate, request->number,
       std::make_shared<const std::string>(std::move(candidate)));
  return Verdict::accepted;
}

Verdict Matchmaker::refuse(ClientId id, std::uint64_t ticket, Time now) {
  Request* request = find_ticket(id, ticket);
  if (request == nullptr) return missing_ticket(ticket);
  if (request->state != Request::State::asked) return Verdict::stale;
  Pool& pool = find(id)->pool->second;
  take_back(*request);
  penalise(id, Penalty::refusal, now);
  request->tried.push_back(id);
  ++request->refusals;
  fail_or_place(*request, now);
  settle(pool, now);
  return Verdict::accepted;
}

Verdict Matchmaker::bad_answer(ClientId id, std::uint64_t ticket, Time now) {
  Request* request = find_ticket(id, ticket);
  if (request == nullptr) return missing_ticket(ticket);
  if (request->state != Request::State::asked) return Verdict::stale;
  Pool& pool = find(id)->pool->second;
  fault(*request, Penalty::bad_description, now);
  settle(pool, now);
  return Verdict::accepted;
}

Matchmaker::Request* Matchmaker::find_ticket(ClientId nominee, std::uint64_t ticket) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return nullptr;
  Request& request = requests_.at(found->second);
  return request.nominee == nominee ? &request : nullptr;
}

Verdict Matchmaker::missing_ticket(std::uint64_t ticket) const {
  return ticket == 0 || ticket > last_ticket_ ? Verdict::invented : Verdict::stale;
}

// --- the life of a request ----------------------------------------------------------------------

void Matchmaker::place(Request& request, Time now) {
  Client& asker = *find(request.asker);
  Pool& pool = asker.pool->second;
  const std::optional<ClientId> nominee = pool.nominees.first(
      [&](ClientId client) { return client != request.asker && !contains(request.tried, client); });
  if (nominee) return ask(request, *find(*nominee), now);
  const std::size_t others = pool.routable - (asker.routable ? 1 : 0);
  if (others == 0) return resolve_alone(request, asker);
  if (!request.tried.empty()) return fail(request);
  wait(request, pool, now);
}

Time Matchmaker::give_up_after(Time now) const {
  return now + limits_.waiting_timeout + limits_.failures_max * limits_.nominee_timeout;
}

void Matchmaker::ask(Request& request, Client& nominee, Time now) {
  nominee.pool->second.waiting.erase(request.id);
  request.nominee = nominee.id;
  request.ticket = ++last_ticket_;
  tickets_.emplace(request.ticket, request.id);
  set_deadline(request, Request::State::asked,
               std::min(now + limits_.nominee_timeout, request.give_up));
  withdraw(nominee);
  nominee.to_answer.push_back(request.id);
  nominee.standing.penalise(Penalty::imposed, now);
  enrol(nominee);
  tell(nominee.id, Notice::Kind::request, request.ticket, request.offer);
  for (const Text& candidate : request.offer_candidates) {
    tell(nominee.id, Notice::Kind::offer_candidate, request.ticket, candidate);
  }
}

void Matchmaker::wait(Request& request, Pool& pool, Time now) {
  if (!pool.waiting.insert(request.id).second) return;
  set_deadline(request, Request::State::waiting,
               std::min(now + limits_.waiting_timeout, request.give_up));
}

void Matchmaker::resolve_alone(Request& request, Client& asker) {
  tell(asker.id, Notice::Kind::unresolved, request.number);
  forget(request);
  set_routable(asker, true);
}

// Ends the ticket of a request; the request is then nowhere and must be placed, failed or
// forgotten.
void Matchmaker::take_back(Request& request) {
  if (request.ticket == 0) return;
  tickets_.erase(request.ticket);
  if (Client* nominee = find(request.nominee)) {
    std::erase(nominee->to_answer, request.id);
    enrol(*nominee);
  }
  for (const Text& early : std::exchange(request.early_answer_candidates, {})) {
    request.bytes -= early->size();
    held_bytes_ -= early->size();
  }
  request.ticket = 0;
  request.nominee = 0;
  request.answer_candidates = 0;
}

void Matchmaker::fault(Request& request, Penalty penalty, Time now) {
  const ClientId nominee = request.nominee;
  take_back(request);
  penalise(nominee, penalty, now);
  request.tried.push_back(nominee);
  ++request.failures;
  fail_or_place(request, now);
}

void Matchmaker::fail_or_place(Request& request, Time now) {
  const bool exhausted = request.failures >= limits_.failures_max ||
                         request.refusals >= limits_.refusals_max ||
                         request.vanished >= limits_.vanished_max;
  if (exhausted) return fail(request);
  place(request, now);
}

void Matchmaker::fail(Request& request) {
  tell(request.asker, Notice::Kind::failed, request.number);
  forget(request);
}

void Matchmaker::forget(Request& request) {
  take_back(request);
  clear_deadline(request);
  Client& asker = *find(request.asker);
  asker.pool->second.waiting.erase(request.id);
  std::erase(asker.asks, request.id);
  held_bytes_ -= request.bytes;
  requests_.erase(request.id);
}

// Places waiting requests while somebody is free. Only those of the one free client itself are
// passed over, and it has few.
void Matchmaker::settle(Pool& pool, Time now) {
  for (auto next = pool.waiting.begin(); next != pool.waiting.end();) {
    if (pool.nominees.empty() && pool.routable > 0) return;
    Request& request = requests_.at(*next++);
    place(request, now);
  }
}

// --- room and time ------------------------------------------------------------------------------

bool Matchmaker::make_room(std::size_t bytes) {
  const auto full = [&] {
    return requests_.size() >= limits_.requests_max || held_bytes_ + bytes > limits_.held_bytes_max;
  };
  while (full() && !answered_.empty()) forget(requests_.at(answered_.begin()->second));
  return !full();
}

// Keeps a candidate with its request; false when it is one too many and was dropped.
bool Matchmaker::hold(Request& request, std::vector<Text>& where, std::string text) {
  const std::size_t bytes = text.size();
  if (where.size() >= limits_.candidates_max) return false;
  if (held_bytes_ + bytes > limits_.held_bytes_max) return false;
  where.push_back(std::make_shared<const std::string>(std::move(text)));
  request.bytes += bytes;
  held_bytes_ += bytes;
  return true;
}

void Matchmaker::set_deadline(Request& request, Request::State state, Time deadline) {
  clear_deadline(request);
  request.state = state;
  request.deadline = deadline;
  (state == Request::State::answered ? answered_ : open_).emplace(deadline, request.id);
}

void Matchmaker::clear_deadline(Request& request) {
  (request.state == Request::State::answered ? answered_ : open_)
      .erase({request.deadline, request.id});
}

void Matchmaker::advance(Time now) {
  while (!answered_.empty() && answered_.begin()->first <= now) {
    forget(requests_.at(answered_.begin()->second));
  }
  while (!open_.empty() && open_.begin()->first <= now) {
    expire(requests_.at(open_.begin()->second), now);
  }
}

void Matchmaker::expire(Request& request, Time now) {
  Pool& pool = find(request.asker)->pool->second;
  // A nominee asked just before the asker's time was up is not at fault.
  if (request.state == Request::State::waiting || request.deadline == request.give_up) {
    fail(request);
  } else {
    if (Client* silent = find(request.nominee)) set_doubtful(*silent, true);
    fault(request, Penalty::silence, now);
  }
  settle(pool, now);
}

}  // namespace membrane::server
