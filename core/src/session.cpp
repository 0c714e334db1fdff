#include "session.h"

#include <algorithm>

#include "wire.h"

namespace membrane {

// ---- Consent ------------------------------------------------------------------------------------

bool Sessions::is_open(const PeerId& peer) const { return open_.contains(peer.position()); }

void Sessions::open(const PeerId& peer) {
  asked_.erase(peer.position());
  drop_questions(peer);
  if (open_.emplace(peer.position(), Session{peer, {}, {}}).second)
    context_.emit(SessionOpened{peer});
}

void Sessions::drop_questions(const PeerId& peer) {
  std::erase_if(questions_, [&](const auto& question) { return question.second.peer == peer; });
}

void Sessions::ask(const Link& link) {
  const PeerId& peer = *link.peer;
  if (is_open(peer)) return context_.emit(SessionOpened{peer});
  const auto question = std::find_if(questions_.begin(), questions_.end(),
                                     [&](const auto& entry) { return entry.second.peer == peer; });
  if (question != questions_.end()) {
    // They asked already: to want it too is to agree.
    answer(question->first, true);
    return;
  }
  if (asked_.emplace(peer.position(), context_.now + limits::asked_timeout_ms).second)
    links_.send(link, SessionAsk{});
}

void Sessions::agreed(const Link& link) { open(*link.peer); }

void Sessions::receive(const Link& link, const SessionAsk&) {
  const PeerId& peer = *link.peer;
  if (is_open(peer) || asked_.contains(peer.position())) {
    links_.send(link, SessionAccept{});
    return open(peer);
  }
  const bool repeated = std::any_of(questions_.begin(), questions_.end(),
                                    [&](const auto& entry) { return entry.second.peer == peer; });
  if (repeated) return context_.reject(Error::duplicate);
  if (questions_.size() >= limits::asked_max) {
    context_.reject(Error::full);
    return links_.send(link, SessionRefuse{});
  }
  const RequestId request = context_.next_request();
  questions_.emplace(request, Question{peer, context_.now + limits::asked_timeout_ms});
  context_.emit(Asked{request, peer, true});
}

Error Sessions::answer(RequestId request, bool accept) {
  const auto question = questions_.extract(request);
  if (!question) return Error::unknown_request;
  const PeerId peer = question.mapped().peer;
  const Link* link = links_.to(peer);
  if (!link) return Error::none;
  if (!accept) {
    links_.send(*link, SessionRefuse{});
  } else {
    links_.send(*link, SessionAccept{});
    open(peer);
  }
  return Error::none;
}

void Sessions::receive(const Link& link, const SessionAccept&) {
  const PeerId& peer = *link.peer;
  if (is_open(peer)) return;
  if (!asked_.contains(peer.position())) {
    // We have changed our mind meanwhile: it must not think that we listen.
    context_.reject(Error::unknown_request);
    return links_.send(link, SessionEnd{Error::closed});
  }
  open(peer);
}

void Sessions::receive(const Link& link, const SessionRefuse&) {
  const PeerId peer = *link.peer;
  if (asked_.erase(peer.position()) == 0) return context_.reject(Error::unknown_request);
  hooks.refused(peer, Error::refused);
}

Error Sessions::close(const PeerId& peer, Error reason) {
  const bool was_asked_for = asked_.erase(peer.position()) != 0;
  if (open_.erase(peer.position()) == 0) return was_asked_for ? Error::none : Error::no_session;
  if (const Link* link = links_.to(peer)) links_.send(*link, SessionEnd{reason});
  context_.emit(SessionClosed{peer, reason});
  return Error::none;
}

void Sessions::receive(const Link& link, const SessionEnd& end) {
  const PeerId peer = *link.peer;
  if (open_.erase(peer.position()) == 0) return context_.reject(Error::no_session);
  context_.emit(SessionClosed{peer, end.reason});
}

void Sessions::link_down(const PeerId& peer, Error reason) {
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
  const Link* link = links_.to(peer);
  if (found == open_.end() || !link) return Error::no_session;
  if (data.size() > limits::session_piece_size_max) return Error::oversized;
  if (const Error error = found->second.out.take(message, flags, total, data.size());
      error != Error::none) {
    return error == Error::full ? Error::busy : Error::invalid_argument;
  }
  Writer out(data.size() + 24);
  out.integer(message).u8(flags);
  if ((flags & SessionPiece::first) != 0) out.integer(total);
  out.raw(data);
  links_.send_application(*link, out.take());
  return Error::none;
}

void Sessions::receive_application(const Link& link, ByteView data) {
  const PeerId peer = *link.peer;
  // The channels do not wait for each other: what follows its consent may come before the consent.
  if (asked_.contains(peer.position())) open(peer);
  const auto found = open_.find(peer.position());
  if (found == open_.end()) return context_.reject(Error::no_session);
  Reader in(data);
  const std::uint64_t message = in.integer();
  const std::uint8_t flags = in.u8();
  const std::uint64_t total = (flags & SessionPiece::first) != 0 ? in.integer() : 0;
  const bool fits = in.rest().size() <= limits::session_piece_size_max;
  Error error = in.ok() && fits ? Error::none : Error::malformed;
  if (error == Error::none) error = found->second.in.take(message, flags, total, in.rest().size());
  if (error != Error::none) {
    // Its other end has lost count, or lies: what follows cannot be trusted to be whole.
    context_.reject(error);
    close(peer, error);
    return;
  }
  context_.emit(
      SessionPiece{peer, message, flags, total, Bytes(in.rest().begin(), in.rest().end())});
}

// ---- Time ---------------------------------------------------------------------------------------

void Sessions::tick() {
  std::vector<RequestId> unanswered;
  for (const auto& [request, question] : questions_) {
    if (question.until <= context_.now) unanswered.push_back(request);
  }
  for (const RequestId request : unanswered) answer(request, false);
  std::vector<Position> silent;
  for (const auto& [position, until] : asked_) {
    if (until <= context_.now) silent.push_back(position);
  }
  for (const Position position : silent) {
    asked_.erase(position);
    if (const Link* link = links_.to(position)) hooks.refused(*link->peer, Error::timed_out);
  }
}

TimeMs Sessions::next_timeout() const {
  TimeMs next = never;
  for (const auto& [request, question] : questions_) next = std::min(next, question.until);
  for (const auto& [peer, until] : asked_) next = std::min(next, until);
  return next;
}

}  // namespace membrane
