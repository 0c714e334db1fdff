#include "connector.h"

#include <algorithm>

#include "sdp.h"

namespace membrane {
namespace {

/// Attempts whose candidates may come before their offer, and for how long.
constexpr std::size_t early_max = 32;
constexpr TimeMs early_ms = 5'000;
/// A link this young may have crossed with an offer; an offer over an older one says that the other
/// side lost it.
constexpr TimeMs crossing_ms = 3'000;
/// Before an offer that was sent back is sent once more: its target's record may be on its way.
constexpr TimeMs failed_pause_ms = 250;

}  // namespace

Connector::Connector(Context& context, Links& links, Map& map, Envelopes& envelopes)
    : context_(context), links_(links), map_(map), envelopes_(envelopes) {}

// ---- The table ----------------------------------------------------------------------------------

Connector::Attempt& Connector::start(Link& link, Path path, const PeerId& peer,
                                     std::uint64_t number) {
  Attempt& attempt = attempts_[link.id];
  attempt.path = path;
  attempt.offerer = link.offerer;
  attempt.peer = peer;
  attempt.number = number;
  attempt.deadline = context_.now + limits::connect_timeout_ms;
  attempt.resend_at = never;
  return attempt;
}

std::pair<LinkId, Connector::Attempt*> Connector::find(const PeerId& peer, std::uint64_t number,
                                                       bool offerer) {
  for (auto& [link, attempt] : attempts_) {
    const bool fits =
        attempt.path == Path::peers && attempt.offerer == offerer && attempt.number == number;
    if (fits && attempt.peer == peer) return {link, &attempt};
  }
  return {0, nullptr};
}

std::pair<LinkId, Connector::Attempt*> Connector::find(Path path, std::uint64_t number) {
  for (auto& [link, attempt] : attempts_) {
    if (attempt.path == path && attempt.number == number) return {link, &attempt};
  }
  return {0, nullptr};
}

bool Connector::is_opening(const PeerId& peer) const {
  return std::any_of(attempts_.begin(), attempts_.end(), [&](const auto& entry) {
    return entry.second.path == Path::peers && entry.second.peer == peer;
  });
}

std::size_t Connector::outgoing(bool application) const {
  return static_cast<std::size_t>(
      std::count_if(attempts_.begin(), attempts_.end(), [&](const auto& entry) {
        const Attempt& attempt = entry.second;
        return attempt.path == Path::peers && attempt.offerer && attempt.application == application;
      }));
}

std::size_t Connector::ring_attempts() const {
  return static_cast<std::size_t>(
      std::count_if(attempts_.begin(), attempts_.end(), [](const auto& entry) {
        return entry.second.path == Path::peers && !entry.second.application;
      }));
}

// ---- Offering -----------------------------------------------------------------------------------

Error Connector::open(const PeerId& peer, bool application, bool session) {
  const Key* sealing_key = map_.sealing_key_of(peer);
  if (!sealing_key) return Error::unreachable;
  if (is_opening(peer)) return Error::busy;
  if (application && agree(peer, session)) return Error::none;
  if (!hooks.has_room(peer, application)) return Error::full;
  Link& link = links_.create(true, peer);
  link.application = application;
  Attempt& attempt = start(link, Path::peers, peer, context_.next_sequence());
  attempt.application = application;
  attempt.session = session;
  attempt.sealing_key = *sealing_key;
  context_.emit(OpenConnection{link.id});
  return Error::none;
}

/// They asked already: to want no less is to agree.
bool Connector::agree(const PeerId& peer, bool session) {
  const auto asked = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& entry) {
    return entry.second.from == peer && (session || !entry.second.offer.session);
  });
  return asked != waiting_.end() && answer(asked->first, true) == Error::none;
}

LinkId Connector::open_contact() {
  Link& link = links_.create(true, std::nullopt);
  start(link, Path::contact_offer, {}, context_.next_sequence());
  context_.emit(OpenConnection{link.id});
  return link.id;
}

void Connector::offer_again(LinkId link) {
  const auto found = attempts_.find(link);
  if (found == attempts_.end()) return;
  Attempt& attempt = found->second;
  attempt.number = context_.next_sequence();
  attempt.deadline = context_.now + limits::connect_timeout_ms;
  attempt.candidates_sent = 0;
  if (!attempt.sdp.empty()) send_description(link, attempt);
}

void Connector::park(LinkId link) {
  if (const auto found = attempts_.find(link); found != attempts_.end())
    found->second.deadline = never;
}

void Connector::local_description(LinkId id, std::string_view sdp) {
  const auto found = attempts_.find(id);
  Link* link = links_.find(id);
  if (found == attempts_.end() || !link || !found->second.sdp.empty()) return;
  auto fingerprint = sdp_fingerprint(sdp);
  if (!fingerprint) return abandon(id, fingerprint.error());
  link->local_fingerprint = std::move(*fingerprint);
  found->second.sdp = sdp;
  send_description(id, found->second);
}

void Connector::send_description(LinkId link, Attempt& attempt) {
  attempt.described = true;
  switch (attempt.path) {
    case Path::contact_offer:
      context_.emit(
          ContactSend{ContactSend::Kind::offer, attempt.number, contact_offer(attempt.sdp)});
      return send_contact_candidates(attempt);
    case Path::contact_answer:
      context_.emit(ContactSend{ContactSend::Kind::answer, attempt.number, attempt.sdp});
      return send_contact_candidates(attempt);
    case Path::peers:
      break;
  }
  if (attempt.offerer) {
    // Whoever lost the last one is not asked again.
    attempt.trail = 0;
    attempt.resend_at = context_.now + attempt.patience_ms;
    attempt.patience_ms += attempt.patience_ms / 2;
  }
  Signal signal;
  signal.kind = attempt.offerer ? Signal::Kind::offer : Signal::Kind::answer;
  signal.session = attempt.session;
  signal.application = attempt.application;
  signal.sealing_key = context_.config.sealing_key;
  signal.sdp = attempt.sdp;
  signal.candidates = attempt.candidates;
  attempt.candidates_sent = attempt.candidates.size();
  send_signal(link, attempt, std::move(signal));
}

void Connector::local_candidate(LinkId link, std::string_view candidate) {
  const auto found = attempts_.find(link);
  if (found == attempts_.end()) return;
  Attempt& attempt = found->second;
  if (attempt.candidates.size() >= limits::candidates_max ||
      candidate.size() > limits::candidate_size_max) {
    return context_.reject(Error::full);
  }
  attempt.candidates.emplace_back(candidate);
  if (!attempt.described) return;
  if (attempt.path == Path::peers)
    send_candidates(link, attempt);
  else
    send_contact_candidates(attempt);
}

void Connector::send_contact_candidates(Attempt& attempt) {
  const auto kind = attempt.path == Path::contact_offer ? ContactSend::Kind::offer_candidate
                                                        : ContactSend::Kind::answer_candidate;
  while (attempt.candidates_sent < attempt.candidates.size()) {
    context_.emit(ContactSend{kind, attempt.number, attempt.candidates[attempt.candidates_sent++]});
  }
}

void Connector::send_candidates(LinkId link, Attempt& attempt) {
  if (attempt.sending || attempt.candidates_sent == attempt.candidates.size()) return;
  Signal signal;
  signal.kind = Signal::Kind::candidates;
  const auto first =
      attempt.candidates.begin() + static_cast<std::ptrdiff_t>(attempt.candidates_sent);
  signal.candidates.assign(first, attempt.candidates.end());
  attempt.candidates_sent = attempt.candidates.size();
  send_signal(link, attempt, std::move(signal));
}

void Connector::send_signal(LinkId link, Attempt& attempt, Signal&& signal) {
  attempt.sending = true;
  signal.attempt = attempt.number;
  const Envelopes::Way way{attempt.trail, !attempt.offerer};
  envelopes_.send(attempt.peer, attempt.sealing_key, signal, way,
                  [this, link](Error error, std::uint64_t trail) {
                    const auto found = attempts_.find(link);
                    if (found == attempts_.end()) return;
                    Attempt& sent = found->second;
                    sent.sending = false;
                    if (error == Error::unreachable) return abandon(link, error);
                    if (sent.offerer && error == Error::none) sent.trail = trail;
                    send_candidates(link, sent);
                  });
}

// ---- Answering ----------------------------------------------------------------------------------

void Connector::receive(const PeerId& from, Signal&& signal, std::uint64_t trail) {
  switch (signal.kind) {
    case Signal::Kind::offer:
      return receive_offer(from, std::move(signal), trail);
    case Signal::Kind::answer:
      return receive_answer(from, signal);
    case Signal::Kind::candidates:
      return receive_candidates(from, signal);
    case Signal::Kind::refuse:
      if (const auto [link, attempt] = find(from, signal.attempt, true);
          attempt && !attempt->answered) {
        abandon(link, signal.reason == Error::none ? Error::refused : signal.reason);
      }
      return;
    case Signal::Kind::relay:
      return;
  }
}

/// Whether an offer that crossed ours, or a link of ours, is to be answered. `agreed` says whether
/// ours asked for a session.
bool Connector::yield_to(const PeerId& from, bool& agreed) {
  if (const Link* link = links_.to(from)) {
    if (context_.now < link->since + crossing_ms) return false;
    links_.close(link->id, Error::replaced);
  }
  for (const auto& [link, attempt] : attempts_) {
    if (attempt.path != Path::peers || attempt.peer != from) continue;
    if (attempt.offerer && context_.config.id < from && !attempt.answered) return false;
    // Theirs counts. Whoever wished for ours gets this one instead.
    const LinkId ours = link;
    agreed = attempt.offerer && attempt.session;
    attempts_.erase(ours);
    links_.close(ours, Error::replaced);
    break;
  }
  return true;
}

void Connector::receive_offer(const PeerId& from, Signal&& offer, std::uint64_t trail) {
  if (!offers_.is_news(from, offer.attempt)) {
    context_.reject(Error::duplicate);
    // Our answer may have been lost: the same offer again gets the same answer again.
    if (const auto [link, attempt] = find(from, offer.attempt, false);
        attempt && attempt->described) {
      attempt->trail = trail;
      send_description(link, *attempt);
    }
    return;
  }
  if (!sdp_fingerprint(offer.sdp)) {
    context_.reject(Error::malformed);
    return refuse(from, offer, trail, Error::malformed);
  }
  bool agreed = false;
  if (!yield_to(from, agreed)) return context_.reject(Error::duplicate);
  const auto incoming = std::count_if(attempts_.begin(), attempts_.end(),
                                      [](const auto& entry) { return !entry.second.offerer; });
  if (static_cast<std::size_t>(incoming) >= limits::incoming_attempts_max)
    return refuse(from, offer, trail, Error::busy);
  if (!hooks.has_room(from, offer.application)) return refuse(from, offer, trail, Error::full);
  const bool must_ask = offer.session || context_.config.ask_links;
  if (agreed) return accept_offer(from, std::move(offer), trail);
  if (must_ask && renew_question(from, offer, trail)) return;
  if (!incoming_rate_.take(context_.now)) return refuse(from, offer, trail, Error::busy);
  if (!must_ask) return accept_offer(from, std::move(offer), trail);
  if (waiting_.size() >= limits::asked_max) return refuse(from, offer, trail, Error::busy);
  ask(from, std::move(offer), trail, 0);
}

/// Whether the application thinks about an offer of this peer already: the newer one, which came
/// because the older has run out, takes its place. So nobody has more than one place in the table.
bool Connector::renew_question(const PeerId& from, Signal& offer, std::uint64_t trail) {
  for (auto& [request, waiting] : waiting_) {
    const bool same = waiting.from == from && waiting.link == 0;
    if (!same || waiting.offer.session != offer.session) continue;
    waiting.offer = std::move(offer);
    waiting.trail = trail;
    return true;
  }
  return false;
}

void Connector::ask(const PeerId& from, Signal&& offer, std::uint64_t trail, LinkId link) {
  const RequestId request = context_.next_request();
  context_.emit(Asked{request, from, offer.session});
  waiting_.emplace(request, Waiting{from, std::move(offer), trail,
                                    context_.now + limits::asked_timeout_ms, link});
}

Error Connector::answer(RequestId request, bool accept) {
  auto found = waiting_.extract(request);
  if (!found) return Error::unknown_request;
  Waiting& waiting = found.mapped();
  if (waiting.link != 0) {
    if (!accept) links_.close(waiting.link, Error::refused);
  } else if (accept) {
    accept_offer(waiting.from, std::move(waiting.offer), waiting.trail);
  } else {
    refuse(waiting.from, waiting.offer, waiting.trail, Error::refused);
  }
  return Error::none;
}

void Connector::accept_offer(const PeerId& from, Signal&& offer, std::uint64_t trail) {
  Link& link = links_.create(false, from);
  link.application = offer.application;
  link.consented = offer.session;
  link.remote_fingerprint = *sdp_fingerprint(offer.sdp);
  Attempt& attempt = start(link, Path::peers, from, offer.attempt);
  attempt.application = offer.application;
  attempt.session = offer.session;
  attempt.answered = true;
  attempt.trail = trail;
  attempt.resend_at = context_.now + limits::relay_after_ms;
  const Key* sealing_key = map_.sealing_key_of(from);
  attempt.sealing_key = sealing_key ? *sealing_key : offer.sealing_key;
  if (offer.session) hooks.agreed(from);
  context_.emit(AcceptOffer{link.id, std::move(offer.sdp)});
  for (const std::string& candidate : offer.candidates) add_candidate(link.id, attempt, candidate);
  std::erase_if(early_, [&](Early& early) {
    if (early.from != from || early.attempt != attempt.number) return false;
    for (const std::string& candidate : early.candidates)
      add_candidate(link.id, attempt, candidate);
    return true;
  });
}

void Connector::refuse(const PeerId& from, const Signal& offer, std::uint64_t trail, Error reason) {
  Signal signal;
  signal.kind = Signal::Kind::refuse;
  signal.attempt = offer.attempt;
  signal.reason = reason;
  const Key* sealing_key = map_.sealing_key_of(from);
  envelopes_.send(from, sealing_key ? *sealing_key : offer.sealing_key, signal, {trail, true},
                  [](Error, std::uint64_t) {});
  hooks.offer_failed(from);
}

bool Connector::apply_answer(LinkId id, Attempt& attempt, std::string_view sdp) {
  auto fingerprint = sdp_fingerprint(sdp);
  Link* link = links_.find(id);
  if (!fingerprint || !link) {
    context_.reject(Error::malformed);
    return false;
  }
  attempt.answered = true;
  attempt.resend_at = attempt.path == Path::peers ? context_.now + limits::relay_after_ms : never;
  link->remote_fingerprint = std::move(*fingerprint);
  context_.emit(ApplyAnswer{id, std::string(sdp)});
  return true;
}

void Connector::receive_answer(const PeerId& from, const Signal& answer) {
  const auto [id, attempt] = find(from, answer.attempt, true);
  if (!attempt || attempt->answered) return context_.reject(Error::unknown_request);
  if (!apply_answer(id, *attempt, answer.sdp)) return abandon(id, Error::malformed);
  const bool agreed = attempt->session && answer.session;
  links_.find(id)->consented = agreed;
  if (agreed) hooks.agreed(from);
  for (const std::string& candidate : answer.candidates) add_candidate(id, *attempt, candidate);
}

void Connector::add_candidate(LinkId link, Attempt& attempt, std::string_view candidate) {
  if (++attempt.candidates_received > limits::candidates_max ||
      candidate.size() > limits::candidate_size_max) {
    return context_.reject(Error::full);
  }
  context_.emit(AddCandidate{link, std::string(candidate)});
}

void Connector::receive_candidates(const PeerId& from, const Signal& signal) {
  for (const bool offerer : {true, false}) {
    const auto [id, attempt] = find(from, signal.attempt, offerer);
    if (!attempt) continue;
    for (const std::string& candidate : signal.candidates) add_candidate(id, *attempt, candidate);
    return;
  }
  for (auto& [request, waiting] : waiting_) {
    if (waiting.from != from || waiting.offer.attempt != signal.attempt) continue;
    auto& known = waiting.offer.candidates;
    for (const std::string& candidate : signal.candidates) {
      if (known.size() < limits::candidates_max) known.push_back(candidate);
    }
    return;
  }
  if (offers_.has_reached(from, signal.attempt)) return;  // of an attempt that is over
  if (early_.size() >= early_max) return context_.reject(Error::full);
  early_.push_back({from, signal.attempt, context_.now + early_ms, signal.candidates});
}

void Connector::envelope_failed(const PeerId& target, std::uint64_t trail) {
  const auto found = std::find_if(attempts_.begin(), attempts_.end(), [&](const auto& entry) {
    const Attempt& attempt = entry.second;
    return attempt.path == Path::peers && attempt.peer == target && attempt.trail == trail;
  });
  if (found == attempts_.end() || found->second.answered) return;
  Attempt& attempt = found->second;
  // By now it has come back from several sides.
  if (attempt.patience_ms > limits::connect_timeout_ms / 2)
    return abandon(found->first, Error::unreachable);
  attempt.resend_at = std::min(attempt.resend_at, context_.now + failed_pause_ms);
}

// ---- First contact ------------------------------------------------------------------------------

/// What goes to the server. With links we look for another network than ours, and name a member by
/// which ours can be told: anyone but us, so that the server does not learn our own place.
std::string Connector::contact_offer(const std::string& sdp) {
  const auto& ring = map_.ring();
  if (links_.up().empty() || ring.size() < 2) return sdp;
  auto index = static_cast<std::size_t>(context_.random.below(ring.size()));
  if (ring[index] == context_.self) index = (index + 1) % ring.size();
  return sdp_with_known(sdp, ring[index]);
}

void Connector::refuse_contact(RequestId ticket, Error reason) {
  context_.reject(reason);
  context_.emit(ContactSend{ContactSend::Kind::refuse, ticket, {}});
}

void Connector::contact_request(RequestId ticket, std::string_view sdp) {
  if (!sdp_fingerprint(sdp)) return refuse_contact(ticket, Error::malformed);
  const auto known = sdp_known(sdp);
  const auto& members = map_.surroundings();
  if (known && std::binary_search(members.begin(), members.end(), *known))
    return refuse_contact(ticket, Error::refused);
  if (!known || map_.is_whole()) return accept_contact(ticket, sdp);
  if (doubts_.size() >= limits::contact_doubts_max) return refuse_contact(ticket, Error::busy);
  doubts_.push_back({ticket, std::string(sdp), {}, context_.now + limits::contact_doubt_ms});
  hooks.seek_member(*known, [this, ticket](bool found) { decide(ticket, !found); });
}

void Connector::decide(RequestId ticket, bool is_stranger) {
  const auto found = std::find_if(doubts_.begin(), doubts_.end(),
                                  [&](const Doubt& doubt) { return doubt.ticket == ticket; });
  if (found == doubts_.end()) return;
  const Doubt doubt = std::move(*found);
  doubts_.erase(found);
  if (!is_stranger) return refuse_contact(ticket, Error::refused);
  accept_contact(ticket, doubt.sdp);
  for (const std::string& candidate : doubt.candidates)
    contact_request_candidate(ticket, candidate);
}

void Connector::accept_contact(RequestId ticket, std::string_view sdp) {
  const bool has_room = hooks.has_room({}, true) &&
                        attempts_.size() < limits::incoming_attempts_max + limits::wishes_max;
  if (!has_room || find(Path::contact_answer, ticket).second)
    return refuse_contact(ticket, Error::busy);
  Link& link = links_.create(false, std::nullopt);
  link.remote_fingerprint = *sdp_fingerprint(sdp);
  start(link, Path::contact_answer, {}, ticket).answered = true;
  context_.emit(AcceptOffer{link.id, std::string(sdp)});
}

void Connector::contact_request_candidate(RequestId ticket, std::string_view candidate) {
  for (Doubt& doubt : doubts_) {
    if (doubt.ticket != ticket) continue;
    if (doubt.candidates.size() >= limits::candidates_max ||
        candidate.size() > limits::candidate_size_max)
      return context_.reject(Error::full);
    return void(doubt.candidates.emplace_back(candidate));
  }
  if (const auto [link, attempt] = find(Path::contact_answer, ticket); attempt) {
    add_candidate(link, *attempt, candidate);
  }
}

bool Connector::contact_answer(RequestId request, std::string_view sdp) {
  const auto [link, attempt] = find(Path::contact_offer, request);
  if (!attempt || attempt->answered) {
    context_.reject(Error::unknown_request);
    return false;
  }
  attempt->deadline = context_.now + limits::connect_timeout_ms;
  if (apply_answer(link, *attempt, sdp)) return true;
  context_.emit(ContactSend{ContactSend::Kind::report, request, {}});
  return false;
}

void Connector::contact_answer_candidate(RequestId request, std::string_view candidate) {
  if (const auto [link, attempt] = find(Path::contact_offer, request); attempt) {
    add_candidate(link, *attempt, candidate);
  }
}

bool Connector::is_answered(LinkId link) const {
  const auto found = attempts_.find(link);
  return found != attempts_.end() && found->second.answered;
}

std::size_t Connector::size() const {
  std::size_t under_way = 0;
  for (const auto& [link, attempt] : attempts_) under_way += attempt.deadline != never;
  return under_way;
}

LinkId Connector::contact_link(RequestId request) const {
  for (const auto& [link, attempt] : attempts_) {
    if (attempt.path == Path::contact_offer && attempt.number == request) return link;
  }
  return 0;
}

// ---- The end of an attempt ----------------------------------------------------------------------

void Connector::link_up(const Link& link) {
  const auto found = attempts_.extract(link.id);
  if (found && found.mapped().path == Path::contact_offer) {
    context_.emit(ContactSend{ContactSend::Kind::done, found.mapped().number, {}});
  }
  if (found && found.mapped().path == Path::contact_answer && context_.config.ask_links) {
    if (waiting_.size() >= limits::asked_max) return links_.close(link.id, Error::busy);
    ask(*link.peer, {}, 0, link.id);
  }
  std::vector<LinkId> others;
  for (const auto& [id, attempt] : attempts_) {
    if (attempt.path == Path::peers && attempt.peer == *link.peer) others.push_back(id);
  }
  for (const LinkId id : others) {
    attempts_.erase(id);
    links_.close(id, Error::replaced);
  }
}

void Connector::abandon(LinkId link, Error reason) { links_.close(link, reason); }

void Connector::link_abandoned(const Link& link, Error reason) {
  const auto found = attempts_.extract(link.id);
  if (!found) return;
  const Attempt& attempt = found.mapped();
  if (attempt.path == Path::contact_offer) {
    const bool bad_answer = attempt.answered && reason != Error::replaced;
    const bool parked = attempt.deadline == never;
    if (!parked) {
      const auto kind = bad_answer ? ContactSend::Kind::report : ContactSend::Kind::done;
      context_.emit(ContactSend{kind, attempt.number, {}});
    }
    return hooks.contact_failed(link.id, attempt.answered);
  }
  if (attempt.path != Path::peers) return;
  // Who has wished for it since it was late has the same way out.
  if (attempt.answered && reason == Error::timed_out) hooks.late(attempt.peer, attempt.sealing_key);
  if (attempt.offerer)
    hooks.failed(attempt.peer, attempt.application, reason);
  else
    hooks.offer_failed(attempt.peer);
}

// ---- Time ---------------------------------------------------------------------------------------

TimeMs Connector::due(const Attempt& attempt) const {
  return std::min(attempt.deadline, attempt.resend_at);
}

void Connector::tick() {
  std::vector<LinkId> late;
  for (auto& [link, attempt] : attempts_) {
    if (attempt.deadline <= context_.now) {
      late.push_back(link);
    } else if (attempt.resend_at <= context_.now) {
      attempt.resend_at =
          attempt.answered ? context_.now + limits::relay_after_ms : attempt.deadline;
      if (attempt.answered)
        hooks.late(attempt.peer, attempt.sealing_key);
      else if (!attempt.sending)
        send_description(link, attempt);
    }
  }
  for (const LinkId link : late) abandon(link, Error::timed_out);
  std::erase_if(early_, [this](const Early& early) { return early.until <= context_.now; });
  std::vector<RequestId> forgotten;
  for (const auto& [request, waiting] : waiting_) {
    if (waiting.until <= context_.now) forgotten.push_back(request);
  }
  for (const RequestId request : forgotten) answer(request, false);
  while (!doubts_.empty() && doubts_.front().until <= context_.now)
    decide(doubts_.front().ticket, true);
}

TimeMs Connector::next_timeout() const {
  TimeMs next = never;
  for (const auto& [link, attempt] : attempts_) next = std::min(next, due(attempt));
  for (const Early& early : early_) next = std::min(next, early.until);
  for (const auto& [request, waiting] : waiting_) next = std::min(next, waiting.until);
  if (!doubts_.empty()) next = std::min(next, doubts_.front().until);
  return next;
}

}  // namespace membrane
