#include "seek.h"

#include <algorithm>

#include "list.h"
#include "ring.h"
#include "wire.h"

namespace membrane {

// ---- Asking -------------------------------------------------------------------------------------

Error Seeker::find(const PeerId& peer, Done done) {
  if (peer == context_.config.id) return Error::invalid_argument;
  if (searches_.size() >= limits::seeks_max) return Error::busy;
  Search search;
  search.peer = peer;
  search.place = peer.position();
  search.done = std::move(done);
  add(std::move(search));
  return Error::none;
}

Error Seeker::find(Position place, Done done) {
  if (searches_.size() >= limits::seeks_max) return Error::busy;
  Search search;
  search.place = place;
  search.done = std::move(done);
  add(std::move(search));
  return Error::none;
}

Error Seeker::explore(Position place, Done done) {
  if (searches_.size() >= limits::seeks_max) return Error::busy;
  Search search;
  search.place = place;
  search.nearest = true;
  search.done = std::move(done);
  add(std::move(search));
  return Error::none;
}

void Seeker::add(Search&& search) {
  search.number = ++last_number_;
  search.patience_ms = limits::seek_patience_ms;
  searches_.push_back(std::move(search));
  ask(searches_.back());
}

void Seeker::ask(Search& search) {
  search.due = context_.now + search.patience_ms;
  search.patience_ms += search.patience_ms / 4;
  Seek seek{.to = search.place, .from = context_.self, .nearest = search.nearest, .course = {}};
  Link* way = router_.start(search.place, search.nearest, seek.course);
  search.trails.push_back(way ? seek.course.trail : 0);
  if (way) links_.send(*way, seek);
}

// ---- Answering ----------------------------------------------------------------------------------

void Seeker::receive(Link& link, Seek&& seek) {
  if (!link.envelopes.take(context_.now)) return context_.reject(Error::busy);
  if (seek.to == context_.self && !seek.course.returned) return answer(link, seek);
  const std::uint8_t hops_left = seek.course.hops_left;
  Link* way = router_.pass_on(link, seek.from, seek.to, seek.nearest, seek.course);
  if (way && seek.course.returned && seek.nearest && way->id == link.id) {
    // A dead end on the way to a place is whoever lives nearest to it.
    seek.course.hops_left = hops_left;
    return answer(link, seek);
  }
  if (way) return links_.send(*way, seek);
  if (!seek.course.returned || seek.from != context_.self) return;
  // Our own came back: no need to wait for the next try.
  for (Search& search : searches_) {
    if (search.trails.back() == seek.course.trail) search.due = context_.now;
  }
}

void Seeker::answer(Link& link, const Seek& seek) {
  SeekAnswer answer;
  answer.to = seek.from;
  answer.trail = seek.course.trail;
  answer.hops = static_cast<std::uint8_t>(limits::hops_max + 1 -
                                          std::min(seek.course.hops_left, limits::hops_max));
  const auto add = [&](Position position) {
    const ByteView record = map_.find({position, 0});
    if (!record.empty()) answer.records.emplace_back(record.begin(), record.end());
  };
  add(context_.self);
  if (seek.nearest) {
    std::vector<Position> ring{seek.to};
    for (const auto& [position, id] : links_.up()) {
      if (position != seek.from && position != seek.to) ring.push_back(position);
    }
    sort_ascending(ring);
    for (const Position neighbour : ring_neighbours(ring, seek.to)) add(neighbour);
    return send_answer(link.id, answer);
  }
  router_.arrived(link, seek.from, seek.course);
  context_.sign(
      to_sign(seek.from, context_.config.id, seek.course.trail),
      [this, id = link.id, answer = std::move(answer)](bool ok, ByteView signature) mutable {
        if (!ok) return context_.reject(Error::bad_signature);
        answer.proof.emplace();
        std::copy(signature.begin(), signature.end(), answer.proof->begin());
        send_answer(id, answer);
      });
}

void Seeker::send_answer(LinkId id, const SeekAnswer& answer) {
  if (const Link* link = links_.find(id)) links_.send(*link, answer);
}

// ---- What comes back ----------------------------------------------------------------------------

void Seeker::receive(Link& link, SeekAnswer&& answer) {
  if (!link.envelopes.take(context_.now)) return context_.reject(Error::busy);
  if (answer.to != context_.self) {
    if (Link* way = router_.way_back(link, answer.to, answer.trail)) links_.send(*way, answer);
    return;
  }
  const auto search = std::find_if(searches_.begin(), searches_.end(), [&](const Search& entry) {
    return std::find(entry.trails.begin(), entry.trails.end(), answer.trail) != entry.trails.end();
  });
  if (answer.trail == 0 || search == searches_.end())
    return context_.reject(Error::unknown_request);
  const std::uint64_t number = search->number;
  for (const Bytes& record : answer.records) broadcast_.take_record(link, record);
  if (search->nearest) return finish(number, Error::none);
  // Of somebody who was sought by place alone the record says who it is.
  const auto record = decode_statement(answer.records.empty() ? Bytes{} : answer.records[0]);
  const PeerId peer = search->peer ? *search->peer : record ? record->origin : PeerId{};
  if (!answer.proof || peer.position() != search->place) return context_.reject(Error::malformed);
  context_.verify(peer, *answer.proof, to_sign(context_.self, peer, answer.trail),
                  [this, number, hops = answer.hops](bool ok, ByteView) {
                    if (!ok) return context_.reject(Error::bad_signature);
                    proved(number, hops);
                  });
}

void Seeker::proved(std::uint64_t number, std::uint8_t hops) {
  Search* search = at(number);
  if (!search) return;
  search->found = true;
  search->hops = hops;
  record_accepted();
}

void Seeker::record_accepted() {
  std::vector<std::uint64_t> complete;
  for (const Search& search : searches_) {
    // Whoever asked for a peer wants to speak to it.
    const bool is_known = !search.peer || map_.has_record(*search.peer);
    if (search.found && is_known) complete.push_back(search.number);
  }
  for (const std::uint64_t number : complete) finish(number, Error::none);
}

Seeker::Search* Seeker::at(std::uint64_t number) {
  const auto found = std::find_if(searches_.begin(), searches_.end(),
                                  [number](const Search& entry) { return entry.number == number; });
  return found == searches_.end() ? nullptr : &*found;
}

void Seeker::finish(std::uint64_t number, Error error) {
  Search* found = at(number);
  if (!found) return;
  const Search search = std::move(*found);
  searches_.erase(searches_.begin() + (found - searches_.data()));
  if (error == Error::none) router_.worked(search.place);
  if (search.done) search.done(error, search.hops);
}

Bytes Seeker::to_sign(Position asker, const PeerId& peer, std::uint64_t trail) const {
  Writer out(128);
  out.text("membrane here 1").text(context_.config.network).u64(asker).id(peer).u64(trail);
  return out.take();
}

// ---- Time ---------------------------------------------------------------------------------------

void Seeker::tick() {
  std::vector<std::uint64_t> given_up;
  for (Search& search : searches_) {
    if (search.due > context_.now) continue;
    if (search.trails.size() < limits::seek_tries)
      ask(search);
    else
      given_up.push_back(search.number);
  }
  for (const std::uint64_t number : given_up) finish(number, Error::unreachable);
}

TimeMs Seeker::next_timeout() const {
  TimeMs next = never;
  for (const Search& search : searches_) next = std::min(next, search.due);
  return next;
}

}  // namespace membrane
