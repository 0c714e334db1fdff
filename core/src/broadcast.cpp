#include "broadcast.h"

#include <algorithm>

#include "arc.h"
#include "list.h"

namespace membrane {
namespace {

/// Messages whose origin is not in the map yet; its record is usually being verified at that
/// moment.
constexpr std::size_t parked_max = 128;
constexpr TimeMs parked_ms = 3'000;
/// A detour leaves this part of the hops, so that an arc on which everybody has crashed is soon
/// given up.
constexpr unsigned detour = 4;
/// A stretch without a link in which more than so many live is long: it takes some hops to walk it.
constexpr std::size_t long_gap = 4;
/// Statements with one name and different bytes that are verified at once: all but one are forged.
constexpr std::size_t rivals_max = 4;
/// What is waited for in one quiet moment needs no more room than this many.
constexpr std::size_t pending_room_max = 16;

}  // namespace

Broadcast::Broadcast(Context& context, Links& links, Map& map, StatementStore& messages,
                     StatementStore& states)
    : context_(context), links_(links), map_(map), stores_{&map, &messages, &states} {}

// ---- Coming in ----------------------------------------------------------------------------------

void Broadcast::receive(Link& link, const Spread& spread) {
  auto statement = decode_statement(spread.statement);
  if (!statement) return context_.reject(statement.error());
  links_.send(link, SpreadAck{spread.arc, statement->origin.position(), statement->sequence});
  const Task task{spread.arc, spread.hops_left};
  take(link, std::move(*statement), spread.statement, {.task = &task});
}

void Broadcast::receive(Link& link, const Push& push) {
  auto statement = decode_statement(push.statement);
  if (!statement) return context_.reject(statement.error());
  statement->age_ms = push.age_ms;
  take(link, std::move(*statement), push.statement, {.pulled = !link.greets_us(context_.now)});
}

void Broadcast::take_record(Link& link, ByteView encoded) {
  auto statement = decode_statement(encoded);
  if (statement && statement->kind == StatementKind::record)
    take(link, std::move(*statement), encoded, {.vouched = false});
  else
    context_.reject(Error::malformed);
}

void Broadcast::take(Link& link, Statement&& statement, ByteView encoded,
                     const Delivery& delivery) {
  const Name name{statement.kind, {statement.origin.position(), statement.sequence}};
  switch (store_of(name.kind).status(statement.origin, statement.sequence)) {
    case StatementStore::Status::stale:
      return context_.reject(Error::stale);
    case StatementStore::Status::known: {
      if (!delivery.vouched) return;  // an answer may name somebody whom we know
      context_.reject(Error::duplicate);
      // Only what was verified is passed on: the very same bytes, and not without end.
      const ByteView held = store_of(name.kind).find(name.item);
      const bool same = std::equal(held.begin(), held.end(), encoded.begin(), encoded.end());
      if (!delivery.task || !same) return;
      if (!link.repeats.take(context_.now)) return context_.reject(Error::busy);
      // A copy, because passing on may bring the store to let go of it.
      pass_on(name, Bytes(held.begin(), held.end()), *delivery.task, 0);
      return;
    }
    case StatementStore::Status::unknown:
      return verify(link, std::move(statement), encoded, delivery);
  }
}

/// Whether this link has its share of the verifying left: twice what is free, so that a flood on
/// one leaves room for the others.
bool Broadcast::may_verify(Link& link, std::size_t kibibytes) {
  const std::size_t free = limits::verifying_kibibytes_max - verifying_kibibytes_;
  const bool has_room = kibibytes <= free && link.verifying_kibibytes + kibibytes <= 2 * free;
  if (!has_room)
    context_.reject(Error::full);
  else if (!link.statements.take(context_.now))
    context_.reject(Error::busy);
  else
    return true;
  return false;
}

void Broadcast::verify(Link& link, Statement&& statement, ByteView encoded,
                       const Delivery& delivery) {
  const Name name{statement.kind, {statement.origin.position(), statement.sequence}};
  std::size_t rivals = 0;
  for (auto at = incoming_.lower_bound(name); at != incoming_.end() && at->first == name;
       ++at, ++rivals) {
    Incoming& rival = at->second;
    if (!std::equal(rival.encoded.begin(), rival.encoded.end(), encoded.begin(), encoded.end()))
      continue;
    context_.reject(Error::duplicate);
    if (delivery.task && rival.tasks.size() < limits::links_max)
      rival.tasks.push_back(*delivery.task);
    return;
  }
  if (rivals >= rivals_max) return context_.reject(Error::full);
  const std::size_t kibibytes = encoded.size() / limits::kibibyte + 1;
  if (!may_verify(link, kibibytes)) return;
  const std::uint64_t number = ++last_number_;
  const bool started = context_.verify(
      statement.origin, statement.signature, statement_to_sign(context_.config.network, statement),
      [this, name, number](bool ok, ByteView) { verified(name, number, ok); });
  if (!started) return;
  Incoming& incoming = incoming_.emplace_behind(name)->second;
  incoming.number = number;
  incoming.link = link.id;
  incoming.from = link.peer->position();
  incoming.kibibytes = kibibytes;
  link.verifying_kibibytes += kibibytes;
  verifying_kibibytes_ += kibibytes;
  incoming.statement = std::move(statement);
  incoming.encoded.assign(encoded.begin(), encoded.end());
  incoming.pulled = delivery.pulled;
  incoming.vouched = delivery.vouched;
  if (delivery.task) incoming.tasks.push_back(*delivery.task);
}

void Broadcast::verified(const Name& name, std::uint64_t number, bool ok) {
  auto found = incoming_.lower_bound(name);
  while (found->second.number != number) ++found;
  Incoming& incoming = found->second;
  verifying_kibibytes_ -= incoming.kibibytes;
  if (Link* link = links_.find(incoming.link)) link->verifying_kibibytes -= incoming.kibibytes;
  if (!ok) {
    const auto forged = incoming_.extract(found);
    context_.reject(Error::bad_signature);
    if (forged.mapped().vouched) links_.blame(forged.mapped().from, Error::bad_signature);
    return;
  }
  const bool is_message = name.kind == StatementKind::message;
  if (is_message && map_.is_whole() && !map_.has_met(name.item.origin) && parked_ < parked_max) {
    incoming.parked_until = context_.now + parked_ms;
    ++parked_;
    return;
  }
  const auto taken = incoming_.extract(found);
  accept(name, taken.mapped());
}

void Broadcast::accept(const Name& name, const Incoming& incoming) {
  const Statement& statement = incoming.statement;
  StatementStore& store = store_of(name.kind);
  // Time has passed since it came: another copy may have been first.
  const bool is_news =
      store.status(statement.origin, statement.sequence) == StatementStore::Status::unknown;
  const Error error = is_news ? store.accept(statement, incoming.encoded) : Error::stale;
  if (error != Error::none) return context_.reject(error);
  for (const Task& task : incoming.tasks) pass_on(name, incoming.encoded, task, 0);
  hooks.accepted(store_kind(name.kind), name.item, incoming.pulled);
}

/// Origins may be in the map now that were not before: so are their messages taken.
void Broadcast::map_changed() {
  for (auto at = incoming_.begin(); parked_ > 0 && at != incoming_.end();) {
    const auto parked = at++;
    if (parked->second.parked_until == 0 || !map_.has_met(parked->first.item.origin)) continue;
    const auto taken = incoming_.extract(parked);
    --parked_;
    accept(taken.key(), taken.mapped());
  }
}

// ---- Going out ----------------------------------------------------------------------------------

void Broadcast::spread(const Statement& statement, ByteView encoded) {
  const Name name{statement.kind, {statement.origin.position(), statement.sequence}};
  pass_on(name, encoded, {all_but(context_.self), limits::hops_max}, 0);
}

void Broadcast::tell_neighbours(ByteView encoded) {
  for (const auto& [position, id] : links_.up())
    links_.send(*links_.find(id), Push{Bytes(encoded.begin(), encoded.end())});
}

bool Broadcast::is_usable(const Link& link, LinkId except) const {
  return link.id != except && link.is_usable();
}

void Broadcast::pass_on(const Name& name, ByteView encoded, const Task& task, LinkId except) {
  if (task.hops_left == 0) return context_.reject(Error::too_far);
  const unsigned hops_left = std::min(task.hops_left, limits::hops_max) - 1u;
  const Position mean_gap = ~Position{0} / std::max(map_.estimate(), long_gap);
  const auto links_of = [this](Position peer) -> const auto& { return map_.links_of(peer); };
  for (const Arc& arc : without(task.arc, context_.self)) {
    const Parts parts =
        split(arc, usable_on(arc, name.item.origin, except), links_of, long_gap * mean_gap);
    for (const auto& [neighbour, part] : parts)
      hand_over(*links_.to(neighbour), name, encoded, {part, static_cast<std::uint8_t>(hops_left)});
    if (parts.empty()) hand_into(arc, name, encoded, hops_left, except);
  }
}

/// Our neighbours on an arc that answer, ascending, but for the origin.
std::vector<Position> Broadcast::usable_on(const Arc& arc, Position origin, LinkId except) {
  std::vector<Position> out;
  const auto take = [&](auto from, auto to) {
    for (; from != to && contains(arc, from->first); ++from) {
      if (from->first != origin && is_usable(*links_.find(from->second), except))
        out.push_back(from->first);
    }
  };
  const auto start = links_.up().lower_bound(arc.first);
  take(links_.up().begin(), start);
  take(start, links_.up().end());
  return out;
}

/// Somebody on an arc on which we have no neighbour that answers; nothing when we know nobody
/// there.
std::optional<Position> Broadcast::somebody_on(const Arc& arc) const {
  const std::vector<Position>& known = map_.surroundings();
  const auto start = std::lower_bound(known.begin(), known.end(), arc.first);
  for (auto at : {known.begin(), start}) {
    for (; at != known.end() && contains(arc, *at); ++at) {
      if (!links_.up().contains(*at)) return *at;
    }
  }
  return std::nullopt;
}

/// Hands an arc on which we have no neighbour that answers towards whoever else lives there: on the
/// shortest route, or around what has failed.
void Broadcast::hand_into(const Arc& arc, const Name& name, ByteView encoded, unsigned hops_left,
                          LinkId except) {
  const auto somebody = somebody_on(arc);
  if (!somebody) return hand_back(arc, name, encoded, hops_left);
  const auto route = map_.route(*somebody);
  Link* way = route ? links_.to(route->first) : nullptr;
  if (!way || !is_usable(*way, except)) {
    way = nearest_to(*somebody, except);
    hops_left /= detour;
  }
  if (way) hand_over(*way, name, encoded, {arc, static_cast<std::uint8_t>(hops_left)});
}

/// Whoever has just come, and is still checking the records of the others, may know nobody on the
/// arc; whoever told us of them does.
void Broadcast::hand_back(const Arc& arc, const Name& name, ByteView encoded, unsigned hops_left) {
  const bool is_checking =
      !incoming_.empty() && incoming_.begin()->first.kind == StatementKind::record;
  for (const auto& [position, id] : links_.up()) {
    Link& link = *links_.find(id);
    if (is_checking && link.greets_us(context_.now))
      return hand_over(link, name, encoded, {arc, static_cast<std::uint8_t>(hops_left)});
  }
}

/// The link to whoever lives nearest to this place: it has other ways than we have.
Link* Broadcast::nearest_to(Position place, LinkId except) {
  Link* nearest = nullptr;
  for (const auto& [position, id] : links_.up()) {
    Link& link = *links_.find(id);
    if (!is_usable(link, except)) continue;
    const bool is_nearer = !nearest || ring_distance(position, place) <
                                           ring_distance(nearest->peer->position(), place);
    if (is_nearer) nearest = &link;
  }
  return nearest;
}

void Broadcast::hand_over(Link& link, const Name& name, ByteView encoded, const Task& task) {
  links_.send(link, Spread{task.arc, task.hops_left, Bytes(encoded.begin(), encoded.end())});
  if (pending_.size() >= limits::pending_arcs_max * limits::links_max) return;
  const TimeMs due = context_.now + Links::patience(link);
  pending_.push_back({link.id, name, task, due});
  look_at_ = std::min(look_at_, due);
}

void Broadcast::receive(Link& link, const SpreadAck& ack) {
  const Item item{ack.origin, ack.sequence};
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const PendingArc& pending) {
    return pending.link == link.id && pending.name.item == item && pending.task.arc == ack.arc;
  });
  if (found == pending_.end()) return;
  pending_.erase(found);
  // After a burst the room goes back.
  if (pending_.empty()) give_back(pending_, pending_room_max);
}

void Broadcast::pass_on_again(const PendingArc& pending) {
  const ByteView held = store_of(pending.name.kind).find(pending.name.item);
  if (held.empty()) return;  // superseded or too old to matter
  const Bytes encoded(held.begin(), held.end());
  pass_on(pending.name, encoded, pending.task, pending.link);
}

/// Hands on the arcs that wait for an acknowledgement in vain.
template <typename Predicate>
void Broadcast::give_up(Predicate in_vain) {
  std::vector<PendingArc> waiting;
  std::vector<PendingArc> lost;
  for (const PendingArc& pending : pending_) (in_vain(pending) ? lost : waiting).push_back(pending);
  if (lost.empty()) return;
  pending_ = std::move(waiting);
  for (const PendingArc& pending : lost) pass_on_again(pending);
}

void Broadcast::link_failed(LinkId link) {
  give_up([link](const PendingArc& pending) { return pending.link == link; });
}

// ---- Time ---------------------------------------------------------------------------------------

void Broadcast::tick() {
  if (parked_ > 0) {
    parked_ -= erase_if(incoming_, [this](const auto& entry) {
      const Incoming& incoming = entry.second;
      return incoming.parked_until != 0 && incoming.parked_until <= context_.now;
    });
  }
  if (context_.now < look_at_) return;
  look_at_ = never;
  std::vector<LinkId> late;
  for (const PendingArc& pending : pending_) {
    if (pending.due <= context_.now)
      late.push_back(pending.link);
    else
      look_at_ = std::min(look_at_, pending.due);
  }
  for (const LinkId id : late) {
    // Everything that waits on it is handed on, not only what is due.
    if (Link* link = links_.find(id)) links_.suspect(*link);
  }
  if (!late.empty()) give_up([this](const PendingArc& p) { return p.due <= context_.now; });
}

TimeMs Broadcast::next_timeout() const {
  TimeMs next = pending_.empty() ? never : look_at_;
  if (parked_ == 0) return next;
  for (const auto& [name, incoming] : incoming_) {
    if (incoming.parked_until != 0) next = std::min(next, incoming.parked_until);
  }
  return next;
}

}  // namespace membrane
