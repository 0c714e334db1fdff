#include "session.h"

#include <algorithm>

#include "wire.h"

namespace membrane {

// ---- Consent ------------------------------------------------------------------------------------

bool Sessions::is_open(const PeerId& peer) const { return open_.contains(peer.position()); }

template <typename T>
void Sessions::send(const PeerId& peer, const T& message) {
  if (relay_.has(peer))
    relay_.send(peer, Channel::control, encode_message(message));
  else if (const Link* link = links_.to(peer))
    links_.send(*link, message);
}

/// The consent came this way; the session goes the same way.
void Sessions::open(const PeerId& peer, bool relayed) {
  asked_.erase(peer.position());
  expected_.erase(peer.position());
  drop_questions(peer);
  if (!open_.emplace(peer.position(), Session{.peer = peer, .in = {}, .out = {}}).second) return;
  if (Link* link = relayed ? nullptr : links_.to(peer)) {
    relay_.drop(peer, Error::replaced);
    link->application = true;
  }
  context_.emit(SessionOpened{peer, relayed});
}

void Sessions::drop_questions(const PeerId& peer) {
  erase_if(questions_, [&](const auto& question) { return question.second.peer == peer; });
}

void Sessions::ask(const PeerId& peer) {
  const auto known = open_.find(peer.position());
  if (known != open_.end() && known->second.end) over(peer, known->second.end->reason);
  if (is_open(peer)) return context_.emit(SessionOpened{peer, relay_.has(peer)});
  const auto question = std::find_if(questions_.begin(), questions_.end(),
                                     [&](const auto& entry) { return entry.second.peer == peer; });
  if (question != questions_.end()) {
    // They asked already: to want it too is to agree.
    answer(question->first, true);
    return;
  }
  const Question waiting{peer, context_.now + limits::asked_timeout_ms};
  if (asked_.emplace(peer.position(), waiting).second) send(peer, SessionAsk{});
}

void Sessions::ask(const PeerId& peer, const Key& sealing_key) {
  const Error error = relay_.has(peer) ? Error::none : relay_.open(peer, sealing_key);
  if (error != Error::none) return hooks.refused(peer, error);
  ask(peer);
}

void Sessions::expect(const PeerId& peer) {
  if (expected_.size() >= limits::asked_max) return;  // it will be asked once more
  expected_[peer.position()] = {peer, context_.now + limits::asked_timeout_ms};
}

void Sessions::link_up(const Link& link) {
  const PeerId& peer = *link.peer;
  // They may have heard our question over relays, or not: the way of their answer is the way.
  if (asked_.contains(peer.position())) return links_.send(link, SessionAsk{});
  if (link.consented && !is_open(peer)) open(peer, false);
}

void Sessions::receive(const PeerId& from, const Message& message, bool relayed) {
  const PeerId peer = from;
  if (std::holds_alternative<SessionAsk>(message))
    receive_ask(peer, relayed);
  else if (std::holds_alternative<SessionAccept>(message))
    receive_accept(peer, relayed);
  else if (std::holds_alternative<SessionRefuse>(message))
    receive_refuse(peer);
  else if (const auto* end = std::get_if<SessionEnd>(&message))
    receive_end(peer, *end);
  else
    context_.reject(Error::malformed);
}

void Sessions::receive_ask(const PeerId& peer, bool relayed) {
  const Position place = peer.position();
  const auto ending = open_.find(place);
  if (ending != open_.end() && ending->second.end) {
    ending->second.asked_again = true;
    return;
  }
  if (is_open(peer) || asked_.contains(place) || expected_.contains(place)) {
    if (!is_open(peer) && !relayed) relay_.drop(peer, Error::replaced);
    send(peer, SessionAccept{});
    return open(peer, relayed);
  }
  const bool repeated = std::any_of(questions_.begin(), questions_.end(),
                                    [&](const auto& entry) { return entry.second.peer == peer; });
  if (repeated) return context_.reject(Error::duplicate);
  const bool is_full = questions_.size() >= limits::asked_max;
  if (is_full || !question_rate_.take(context_.now)) {
    context_.reject(is_full ? Error::full : Error::busy);
    return refuse(peer);
  }
  const RequestId request = context_.next_request();
  questions_.emplace(request, Question{peer, context_.now + limits::question_kept_ms});
  context_.emit(Asked{request, peer, true});
}

void Sessions::refuse(const PeerId& peer) {
  send(peer, SessionRefuse{});
  relay_.finish(peer);
}

Error Sessions::answer(RequestId request, bool accept) {
  const auto question = questions_.extract(request);
  if (!question) return Error::unknown_request;
  const PeerId peer = question.mapped().peer;
  const bool relayed = relay_.has(peer);
  if (!relayed && !links_.to(peer)) return Error::none;
  if (accept) {
    send(peer, SessionAccept{});
    open(peer, relayed);
  } else {
    refuse(peer);
  }
  return Error::none;
}

void Sessions::receive_accept(const PeerId& peer, bool relayed) {
  if (is_open(peer)) return;
  if (asked_.contains(peer.position())) return open(peer, relayed);
  // We have changed our mind meanwhile: it must not think that we listen.
  context_.reject(Error::unknown_request);
  send(peer, SessionEnd{});
  relay_.finish(peer);
}

void Sessions::receive_refuse(const PeerId& peer) {
  if (asked_.erase(peer.position()) == 0) return context_.reject(Error::unknown_request);
  relay_.drop(peer, Error::closed);
  hooks.refused(peer, Error::refused);
}

Error Sessions::close(const PeerId& peer, Error reason) {
  expected_.erase(peer.position());
  if (asked_.erase(peer.position()) != 0) {
    relay_.drop(peer, reason);
    return Error::none;
  }
  const auto session = open_.extract(peer.position());
  if (!session) return Error::no_session;
  if (!session.mapped().end) send(peer, SessionEnd{reason, session.mapped().written});
  relay_.finish(peer);
  context_.emit(SessionClosed{peer, reason});
  return Error::none;
}

void Sessions::receive_end(const PeerId& peer, const SessionEnd& end) {
  const auto found = open_.find(peer.position());
  if (found == open_.end()) return context_.reject(Error::no_session);
  Session& session = found->second;
  if (session.end || session.taken >= end.pieces) return over(peer, end.reason);
  session.end = end;
  session.end_due = context_.now + limits::session_end_ms;
}

void Sessions::over(const PeerId& peer, Error reason) {
  const auto session = open_.extract(peer.position());
  if (!session) return;
  const bool relayed = relay_.has(peer);
  relay_.drop(peer, Error::closed);
  context_.emit(SessionClosed{peer, reason});
  if (session.mapped().asked_again) receive_ask(peer, relayed);
}

void Sessions::link_down(const PeerId& peer, Error reason) {
  if (!relay_.has(peer)) way_down(peer, reason);
}

void Sessions::way_down(const PeerId& peer, Error reason) {
  drop_questions(peer);
  if (asked_.erase(peer.position()) != 0) hooks.refused(peer, reason);
  if (open_.erase(peer.position()) != 0) context_.emit(SessionClosed{peer, reason});
}

// ---- Application messages -----------------------------------------------------------------------

Error Sessions::Stream::take(std::uint64_t message, std::uint8_t flags, std::uint64_t total,
                             std::size_t size) {
  if ((flags & SessionPiece::first) != 0) {
    if (messages.contains(message)) return Error::malformed;
    if (messages.size() >= limits::session_messages_max) return Error::full;
    messages.emplace(message, Progress{total, 0});
  }
  const auto found = messages.find(message);
  if (found == messages.end()) return Error::malformed;
  Progress& progress = found->second;
  progress.done += size;
  const bool cancelled = (flags & SessionPiece::cancelled) != 0;
  const bool last = (flags & SessionPiece::last) != 0;
  const bool too_long = progress.total != 0 && progress.done > progress.total;
  const bool too_short = last && progress.total != 0 && progress.done != progress.total;
  if (!cancelled && (too_long || too_short)) return Error::malformed;
  if (last || cancelled) messages.erase(found);
  return Error::none;
}

Error Sessions::write(const PeerId& peer, std::uint64_t message, std::uint8_t flags,
                      std::uint64_t total, ByteView data) {
  const auto found = open_.find(peer.position());
  const bool relayed = relay_.has(peer);
  const Link* link = links_.to(peer);
  if (found == open_.end() || found->second.end || !(relayed || link)) return Error::no_session;
  if (data.size() > limits::session_piece_size_max) return Error::oversized;
  if (relayed && !relay_.has_room(peer)) return Error::busy;
  Session& session = found->second;
  if (session.written == 0 && message != 0) return Error::invalid_argument;
  if (const Error error = session.out.take(message, flags, total, data.size());
      error != Error::none) {
    return error == Error::full ? Error::busy : Error::invalid_argument;
  }
  ++session.written;
  Writer out(data.size() + 24);
  out.integer(message).u8(flags);
  if ((flags & SessionPiece::first) != 0) out.integer(total);
  out.raw(data);
  if (relayed)
    relay_.send(peer, Channel::application, out.view());
  else
    links_.send_application(*link, out.take());
  return Error::none;
}

void Sessions::receive_application(const PeerId& from, ByteView data, bool relayed) {
  const PeerId peer = from;
  Reader in(data);
  const std::uint64_t message = in.integer();
  const std::uint8_t flags = in.u8();
  const bool is_first = (flags & SessionPiece::first) != 0;
  const std::uint64_t total = is_first ? in.integer() : 0;
  const bool begins = in.ok() && is_first && message == 0;
  // The channels do not wait for each other: what follows its consent may come before the consent.
  if (begins && asked_.contains(peer.position())) open(peer, relayed);
  const auto found = open_.find(peer.position());
  if (found == open_.end()) return context_.reject(Error::no_session);
  Session& session = found->second;
  const bool fits = in.rest().size() <= limits::session_piece_size_max;
  Error error = in.ok() && fits ? Error::none : Error::malformed;
  const bool follows = session.taken != 0 && (is_first || session.in.messages.contains(message));
  if (error == Error::none && !begins && !follows) {
    // Left over from the session before: its end, and our consent to this one, have overtaken it.
    return context_.reject(Error::no_session);
  }
  if (begins) {
    // A session counts its messages from 0, so all until now was of the one before.
    session.in.messages.clear();
    session.taken = 0;
  }
  if (error == Error::none) error = session.in.take(message, flags, total, in.rest().size());
  if (error != Error::none) {
    // Its other end has lost count, or lies: what follows cannot be trusted to be whole.
    context_.reject(error);
    close(peer, error);
    return;
  }
  ++session.taken;
  context_.emit(
      SessionPiece{peer, message, flags, total, Bytes(in.rest().begin(), in.rest().end())});
  if (session.end && session.taken >= session.end->pieces) over(peer, session.end->reason);
}

// ---- Time ---------------------------------------------------------------------------------------

void Sessions::tick() {
  std::vector<RequestId> unanswered;
  for (const auto& [request, question] : questions_) {
    if (question.until <= context_.now) unanswered.push_back(request);
  }
  for (const RequestId request : unanswered) answer(request, false);
  std::vector<PeerId> silent;
  for (const auto& [place, question] : asked_) {
    if (question.until <= context_.now) silent.push_back(question.peer);
  }
  for (const PeerId& peer : silent) {
    close(peer, Error::timed_out);
    hooks.refused(peer, Error::timed_out);
  }
  erase_if(expected_, [this](const auto& one) { return one.second.until <= context_.now; });
  std::vector<PeerId> incomplete;
  for (const auto& [place, session] : open_) {
    if (session.end_due <= context_.now) incomplete.push_back(session.peer);
  }
  for (const PeerId& peer : incomplete) over(peer, Error::timed_out);
}

TimeMs Sessions::next_timeout() const {
  TimeMs next = never;
  for (const auto* table : {&questions_, &asked_, &expected_}) {
    for (const auto& [key, question] : *table) next = std::min(next, question.until);
  }
  for (const auto& [place, session] : open_) next = std::min(next, session.end_due);
  return next;
}

}  // namespace membrane
