#include "server.h"

#include <algorithm>

namespace membrane::sim {
namespace {

// docs/first-contact.md
constexpr TimeUs misses_us = 12'000'000;
constexpr TimeUs drops_us = 20'000'000;
constexpr TimeUs nominee_us = 3'000'000;
constexpr TimeUs remembered_us = 30'000'000;
constexpr std::uint32_t failures_max = 2;
constexpr std::uint32_t refusals_max = 8;
constexpr std::size_t candidates_max = 64;

/// TCP, TLS and the upgrade.
constexpr TimeUs ways_to_connect = 6;
/// How long after the server's return its clients come back.
constexpr TimeUs reconnect_us_min = 500'000;
constexpr TimeUs reconnect_us_spread = 2'500'000;

Bytes bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

}  // namespace

Server::Client& Server::client(PeerIndex peer) {
  if (clients_.size() <= peer) clients_.resize(peer + 1);
  return clients_[peer];
}

void Server::start() {
  if (up_) return;
  up_ = true;
  for (PeerIndex peer = 0; peer < stage_.hosts.size(); ++peer) {
    const Host& host = stage_.host(peer);
    if (host.alive && !host.asleep)
      connect(peer, reconnect_us_min + stage_.random.below(reconnect_us_spread));
  }
}

void Server::stop() {
  if (!up_) return;
  up_ = false;
  requests_.clear();
  tickets_.clear();
  for (PeerIndex peer = 0; peer < clients_.size(); ++peer) {
    Client& gone = clients_[peer];
    const bool was_connected = gone.connected;
    disconnect(peer);
    if (!was_connected) continue;
    stage_.push(stage_.internet.server_us(peer), Kind::contact_closed, peer, {.epoch = gone.epoch});
  }
}

// ---- Connections --------------------------------------------------------------------------------

void Server::connect(PeerIndex peer, TimeUs after_us) {
  Client& mine = client(peer);
  if (!up_ || mine.connected || mine.connecting || !stage_.internet.reaches_server(peer)) return;
  mine.connecting = true;
  ++mine.epoch;
  const TimeUs way = stage_.internet.server_us(peer);
  stage_.push(after_us + ways_to_connect * way, Kind::contact_opened, peer, {.epoch = mine.epoch});
}

void Server::disconnect(PeerIndex peer) {
  Client& gone = client(peer);
  set_routable(peer, false);
  gone.connected = gone.connecting = gone.is_member = false;
  ++gone.epoch;
  forget(peer);
}

bool Server::concerns(PeerIndex peer, Kind kind, const Payload& payload) {
  Client& mine = client(peer);
  if (payload.epoch != mine.epoch) return false;
  if (kind == Kind::contact_opened) {
    mine.connecting = false;
    mine.connected = up_;
    return up_;
  }
  return true;
}

void Server::silent(PeerIndex peer) {
  Client& mine = client(peer);
  mine.is_silent = true;
  ++mine.silence;
  stage_.push(misses_us, Kind::server_misses, peer, {.number = mine.silence});
  stage_.push(drops_us, Kind::server_drops, peer, {.number = mine.silence});
}

bool Server::audible(PeerIndex peer) {
  Client& mine = client(peer);
  mine.is_silent = false;
  ++mine.silence;
  if (mine.connected) set_routable(peer, mine.is_member);
  return !mine.connected && !mine.connecting;
}

void Server::misses(PeerIndex peer, const Payload& payload) {
  if (client(peer).silence == payload.number) set_routable(peer, false);
}

void Server::drops(PeerIndex peer, const Payload& payload) {
  Client& mine = client(peer);
  if (mine.silence != payload.number || (!mine.connected && !mine.connecting)) return;
  disconnect(peer);
  // A host behind a wall notices at the same time; one that sleeps, when it wakes.
  stage_.push(0, Kind::contact_closed, peer, {.epoch = mine.epoch});
}

void Server::wall_changed() {
  for (PeerIndex peer = 0; peer < clients_.size(); ++peer) {
    const Host& host = stage_.host(peer);
    if (!host.alive || host.asleep) continue;
    const bool reaches = stage_.internet.reaches_server(peer);
    if (!reaches && !clients_[peer].is_silent) {
      silent(peer);
    } else if (reaches && clients_[peer].is_silent && audible(peer)) {
      connect(peer, reconnect_us_min + stage_.random.below(reconnect_us_spread));
    }
  }
}

// ---- Talking ------------------------------------------------------------------------------------

void Server::say(PeerIndex peer, const ContactSend& said) {
  Client& mine = client(peer);
  stage_.observer->on_contact(peer, said);
  if (!mine.connected || !stage_.internet.reaches_server(peer)) return;
  mine.last_said_us = std::max(mine.last_said_us, stage_.now_us + stage_.internet.server_us(peer));
  stage_.push(mine.last_said_us - stage_.now_us, Kind::server_hears, peer,
              {.number = said.request,
               .epoch = mine.epoch,
               .detail = static_cast<std::uint8_t>(said.kind),
               .data = bytes(said.text)});
}

void Server::reply(PeerIndex peer, Kind kind, RequestId number, std::string_view text) {
  Client& mine = client(peer);
  if (!mine.connected || !stage_.internet.reaches_server(peer)) return;
  mine.last_heard_us =
      std::max(mine.last_heard_us, stage_.now_us + stage_.internet.server_us(peer));
  stage_.push(mine.last_heard_us - stage_.now_us, kind, peer,
              {.number = number, .epoch = mine.epoch, .data = bytes(text)});
}

void Server::hears(PeerIndex peer, Payload&& payload) {
  const Client& mine = client(peer);
  if (!mine.connected || mine.epoch != payload.epoch) return;
  if (!mine.is_silent) set_routable(peer, mine.is_member);
  std::string text(payload.data.begin(), payload.data.end());
  using Say = ContactSend::Kind;
  const auto kind = static_cast<Say>(payload.detail);
  switch (kind) {
    case Say::ready:
      client(peer).is_member = true;
      return set_routable(peer, true);
    case Say::offer:
      return hear_offer(peer, payload.number, std::move(text));
    case Say::offer_candidate:
      return hear_candidate(peer, payload.number, std::move(text));
    case Say::answer:
    case Say::answer_candidate:
    case Say::refuse:
      return hear_nominee(peer, kind, payload.number, text);
    case Say::report:
      return hear_report(peer, payload.number);
    case Say::done:
      if (const auto found = requests_.find({peer, payload.number}); found != requests_.end()) {
        tickets_.erase(found->second.ticket);
        requests_.erase(found);
      }
      return;
  }
}

void Server::hear_offer(PeerIndex peer, RequestId number, std::string&& text) {
  Request request;
  request.offer = std::move(text);
  const auto [at, is_new] = requests_.emplace(Name{peer, number}, std::move(request));
  if (is_new) nominate(at->first, at->second);
}

void Server::hear_candidate(PeerIndex peer, RequestId number, std::string&& text) {
  const auto found = requests_.find({peer, number});
  if (found == requests_.end() || found->second.candidates.size() >= candidates_max) return;
  Request& request = found->second;
  reply(request.nominee, Kind::contact_request_candidate, request.ticket, text);
  request.candidates.push_back(std::move(text));
}

void Server::hear_nominee(PeerIndex peer, ContactSend::Kind kind, RequestId ticket,
                          const std::string& text) {
  Name name;
  Request* request = under(ticket, peer, name);
  if (!request) return;
  using Say = ContactSend::Kind;
  if (kind == Say::answer_candidate) {
    if (request->answered) reply(name.first, Kind::contact_answer_candidate, name.second, text);
  } else if (request->answered) {
    return;
  } else if (kind == Say::answer) {
    request->answered = true;
    reply(name.first, Kind::contact_answer, name.second, text);
    stage_.push(remembered_us, Kind::server_gives_up, peer, {.number = ticket, .detail = 1});
  } else if (++request->refusals >= refusals_max) {
    end(name, Kind::contact_failed);
  } else {
    next(name, *request);
  }
}

void Server::hear_report(PeerIndex peer, RequestId number) {
  const Name name{peer, number};
  const auto found = requests_.find(name);
  if (found == requests_.end()) return;
  if (++found->second.failures >= failures_max) return end(name, Kind::contact_failed);
  next(name, found->second);
}

// ---- Nominations --------------------------------------------------------------------------------

void Server::set_routable(PeerIndex peer, bool routable) {
  Client& mine = client(peer);
  const bool is_in = mine.place < ready_.size();
  if (is_in == routable) return;
  if (routable) {
    mine.place = static_cast<std::uint32_t>(ready_.size());
    return ready_.push_back(peer);
  }
  const PeerIndex last = ready_.back();
  ready_[mine.place] = last;
  client(last).place = mine.place;
  ready_.pop_back();
  client(peer).place = ~0u;
}

/// A member that was not asked yet; nobody when there is none.
PeerIndex Server::choose(PeerIndex asker, const Request& request) {
  const auto fits = [&](PeerIndex peer) {
    return peer != asker &&
           std::find(request.asked.begin(), request.asked.end(), peer) == request.asked.end();
  };
  if (ready_.empty()) return nobody;
  const std::size_t first = stage_.random.below(ready_.size());
  // At most some ten are excluded, so this ends soon.
  for (std::size_t i = 0; i < ready_.size(); ++i) {
    const PeerIndex peer = ready_[(first + i) % ready_.size()];
    if (fits(peer)) return peer;
  }
  return nobody;
}

void Server::nominate(const Name& name, Request& request) {
  const PeerIndex nominee = choose(name.first, request);
  if (nominee == nobody) {
    if (!request.asked.empty()) return end(name, Kind::contact_failed);
    client(name.first).is_member = true;
    set_routable(name.first, true);
    return end(name, Kind::contact_unresolved);
  }
  request.nominee = nominee;
  request.ticket = ++last_ticket_;
  request.answered = false;
  request.asked.push_back(nominee);
  tickets_.emplace(request.ticket, name);
  reply(nominee, Kind::contact_request, request.ticket, request.offer);
  for (const std::string& candidate : request.candidates)
    reply(nominee, Kind::contact_request_candidate, request.ticket, candidate);
  stage_.push(nominee_us, Kind::server_gives_up, nominee, {.number = request.ticket});
}

void Server::next(const Name& name, Request& request) {
  tickets_.erase(request.ticket);
  nominate(name, request);
}

/// `name` is a copy: what it may refer to goes.
void Server::end(const Name& name, Kind outcome) {
  const Name over = name;
  const auto found = requests_.find(over);
  tickets_.erase(found->second.ticket);
  requests_.erase(found);
  reply(over.first, outcome, over.second, {});
}

Server::Request* Server::under(RequestId ticket, PeerIndex nominee, Name& name) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return nullptr;
  name = found->second;
  Request& request = requests_.at(name);
  return request.nominee == nominee ? &request : nullptr;
}

void Server::gives_up(const Payload& payload) {
  const auto found = tickets_.find(payload.number);
  if (found == tickets_.end()) return;
  const Name name = found->second;
  Request& request = requests_.at(name);
  if (request.answered) {
    if (payload.detail == 0) return;
    tickets_.erase(found);
    requests_.erase(name);
    return;
  }
  set_routable(request.nominee, false);  // until it is heard again
  if (++request.failures >= failures_max) return end(name, Kind::contact_failed);
  next(name, request);
}

/// A client is gone: its requests are over, those it was to answer go to others.
void Server::forget(PeerIndex peer) {
  std::vector<Name> orphans;
  for (auto at = requests_.begin(); at != requests_.end();) {
    const auto entry = at++;
    if (entry->first.first == peer) {
      tickets_.erase(entry->second.ticket);
      requests_.erase(entry);
    } else if (entry->second.nominee == peer && !entry->second.answered) {
      orphans.push_back(entry->first);
    }
  }
  for (const Name& name : orphans) next(name, requests_.at(name));
}

}  // namespace membrane::sim
