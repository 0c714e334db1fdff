#include "map.h"

#include <algorithm>
#include <iterator>

#include "list.h"
#include "membrane/limits.h"
#include "ring.h"

namespace membrane {
namespace {

/// How often expired and long unreachable records are looked for. Coarse: nothing depends on the
/// moment.
constexpr TimeMs sweep_interval_ms = 10'000;

/// A whole map that falls behind what most neighbours name for so long is none, or at once when it
/// is nearly full. It is not one again for so long. Derived: longer than a burst of joins takes to
/// settle; messages are kept for those who missed them for longer than that.
constexpr TimeMs behind_ms_max = 30'000;
constexpr TimeMs whole_again_after_ms = 300'000;
constexpr std::size_t half = 2;  ///< quarters
constexpr std::size_t three_quarters = 3;

/// How often a whole map is asked whether it still is, while it changes.
constexpr TimeMs scope_interval_ms = 1'000;

/// How old a judgement of the network's size by as many witnesses may be: each looks at all
/// records.
constexpr TimeMs judge_interval_ms = 1'000;

/// Room is made for an eighth more at a time, at least for so many: a doubled map would be the
/// largest thing that a peer holds, half of it empty.
constexpr std::size_t entries_step = 8;

/// Stands for a sequence in find(): whichever is newest.
constexpr std::uint64_t newest = 0;

/// Who is in the first of two lists and not in the other; both ascend.
template <typename T>
std::vector<T> without(const std::vector<T>& list, const std::vector<T>& other) {
  std::vector<T> out;
  std::set_difference(list.begin(), list.end(), other.begin(), other.end(),
                      std::back_inserter(out));
  return out;
}

}  // namespace

Map::Map(Context& context)
    : context_(context), peers_max_(context.config.peers_max), index_(context.random.u64()) {
  const Slot self = take_slot(context.config.id);
  vertices_[self].reached = vertices_[self].reachable = true;
  entries_[self].was_reachable = true;
  entries_[self].name = context.config.name;
  list(self);
  touch(self);
}

// ---- Looking up ---------------------------------------------------------------------------------

Map::Slot Map::slot_of(const PeerId& peer) const {
  const Slot slot = slot_at(peer.position());
  return slot != none && entries_[slot].id == peer ? slot : none;
}

bool Map::contains(const PeerId& peer) const {
  const Slot slot = slot_of(peer);
  return slot != none && vertices_[slot].reachable;
}

bool Map::has_met(Position position) const {
  const Slot slot = slot_at(position);
  return slot != none && entries_[slot].was_reachable;
}

std::optional<Map::Route> Map::route(Position to) const {
  const Slot slot = slot_at(to);
  if (slot == none || slot == 0 || !vertices_[slot].reached) return std::nullopt;
  const Vertex& vertex = vertices_[slot];
  return Route{entries_[vertex.first_hop].position, vertex.depth};
}

std::optional<Map::Route> Map::route_over(Position to,
                                          const std::vector<Position>& neighbours) const {
  const Slot goal = slot_at(to);
  if (goal == none) return std::nullopt;
  Bytes visited(entries_.size());
  visited[0] = visited[goal] = true;
  std::vector<Slot> queue{goal};
  std::size_t end_of_level = 1;
  for (std::size_t i = 0, hops = 1; i < queue.size(); ++i) {
    if (i == end_of_level) {
      ++hops;
      end_of_level = queue.size();
    }
    const Position position = entries_[queue[i]].position;
    if (std::find(neighbours.begin(), neighbours.end(), position) != neighbours.end())
      return Route{position, hops};
    for (const Slot next : vertices_[queue[i]].neighbours) {
      if (visited[next]) continue;
      visited[next] = true;
      queue.push_back(next);
    }
  }
  return std::nullopt;
}

bool Map::has_another_way(Position neighbour, const std::vector<Position>& others) const {
  if (!whole_) return true;  // two hops do not tell

  const Slot goal = slot_at(neighbour);
  Bytes visited(entries_.size());
  visited[0] = true;
  const auto is_skipped = [&](Slot next) {
    return next == goal ||
           std::find(others.begin(), others.end(), entries_[next].position) != others.end();
  };
  std::vector<Slot> queue{0};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const Slot next : vertices_[queue[i]].neighbours) {
      if (visited[next] || (i == 0 && is_skipped(next))) continue;
      if (next == goal) return true;
      visited[next] = true;
      queue.push_back(next);
    }
  }
  return false;
}

const PeerId* Map::id_at(Position position) const {
  const Slot slot = slot_at(position);
  return slot == none ? nullptr : &entries_[slot].id;
}

bool Map::has_record(const PeerId& peer) const {
  const Slot slot = slot_of(peer);
  return slot != none && entries_[slot].sequence != 0;
}

const Key* Map::sealing_key_of(const PeerId& peer) const {
  return has_record(peer) ? &entries_[slot_of(peer)].sealing_key : nullptr;
}

const std::vector<Position>& Map::links_of(Position position) const {
  static const std::vector<Position> nobody;
  const Slot slot = slot_at(position);
  return slot == none ? nobody : slot == 0 ? own_links_ : entries_[slot].links;
}

std::vector<Position> Map::held() const {
  if (whole_) return ring_;
  std::vector<Position> out;
  for (const Entry& entry : entries_) {
    if (entry.used) out.push_back(entry.position);
  }
  sort_ascending(out);
  return out;
}

const std::vector<Position>& Map::surroundings() const {
  if (whole_) return ring_;
  if (std::exchange(around_changed_, false)) look_around();
  return around_;
}

void Map::look_around() const {
  around_ = held();
  for (const Position neighbour : own_links_) {
    const std::vector<Position>& theirs = links_of(neighbour);
    around_.insert(around_.end(), theirs.begin(), theirs.end());
  }
  sort_ascending(around_);
  around_.erase(std::unique(around_.begin(), around_.end()), around_.end());
}

std::vector<std::pair<PeerId, PeerId>> Map::edges() const {
  std::vector<std::pair<PeerId, PeerId>> out;
  for (const Position position : ring_) {
    const Entry& a = entries_[slot_at(position)];
    std::vector<Position> others;
    for (const Slot slot : vertices_[slot_at(position)].announced)
      others.push_back(entries_[slot].position);
    sort_ascending(others);
    for (const Position other : others) {
      if (position < other) out.emplace_back(a.id, entries_[slot_at(other)].id);
    }
  }
  return out;
}

// ---- The store ----------------------------------------------------------------------------------

Map::Status Map::status(const PeerId& origin, std::uint64_t sequence) const {
  const Slot slot = slot_at(origin.position());
  if (slot == none) return Status::unknown;
  const Entry& entry = entries_[slot];
  // Another key with the same first 64 bits: whoever was here first stays.
  if (entry.id != origin || sequence < entry.sequence) return Status::stale;
  return sequence == entry.sequence ? Status::known : Status::unknown;
}

Error Map::accept(const Statement& statement, ByteView encoded) {
  auto record = decode_record(statement.body);
  if (!record) return record.error();
  if (statement.origin == context_.config.id) {
    if (statement.sequence > context_.sequence) hooks.overtaken(statement.sequence);
    return Error::stale;
  }
  Slot slot = slot_of(statement.origin);
  if (slot == none) slot = take_slot(statement.origin);
  if (slot == none) {
    overfull_ = dirty_ = true;
    return Error::full;
  }
  Entry& entry = entries_[slot];
  if (!entry.rate.take(context_.now)) return Error::busy;
  entry.heard = context_.now;
  set_sequence(slot, statement.sequence);
  entry.encoded.assign(encoded.begin(), encoded.end());
  entry.expires = context_.now + std::min(record->lifetime_s, limits::record_lifetime_s) * 1'000;
  const std::vector<Position> before = std::exchange(entry.links, {});
  take(entry, std::move(*record));
  touch(slot);
  relink(slot, before, entry.links);
  if (leads_out(slot)) edge_changed(0, slot, true);
  if (sweep_at_ == 0) sweep_at_ = context_.now + sweep_interval_ms;
  return Error::none;
}

void Map::set_own_record(const Statement& statement, const Record& record, ByteView encoded) {
  Entry& entry = entries_[0];
  set_sequence(0, statement.sequence);
  entry.encoded.assign(encoded.begin(), encoded.end());
  take(entry, record);
  touch(0);
}

void Map::take(Entry& entry, Record record) {
  entry.is_renamed = entry.is_renamed || entry.name != record.name;
  entry.name = std::move(record.name);
  entry.sealing_key = record.sealing_key;
  entry.capabilities = record.capabilities;
  entry.links = std::move(record.links);
}

bool Map::lacks(const Item& item) const { return sequence_at(item.origin) < item.sequence; }

std::uint64_t Map::sequence_at(Position position) const {
  const Slot slot = slot_at(position);
  return slot == none ? 0 : entries_[slot].sequence;
}

ByteView Map::find(const Item& item) const {
  const Slot slot = slot_at(item.origin);
  if (slot == none) return {};
  const Entry& entry = entries_[slot];
  return item.sequence == newest || item.sequence == entry.sequence ? entry.encoded : ByteView{};
}

std::vector<Item> Map::items(const Arc& arc) const {
  std::vector<Item> out;
  if (!whole_) return out;
  const auto start = std::lower_bound(ring_.begin(), ring_.end(), arc.first);
  const auto take = [&](auto from, auto to) {
    for (; from != to && clockwise(arc.first, *from) <= clockwise(arc.first, arc.last); ++from) {
      const Slot slot = ring_slots_[static_cast<std::size_t>(from - ring_.begin())];
      if (entries_[slot].sequence != 0) out.push_back({*from, entries_[slot].sequence});
    }
  };
  take(start, ring_.end());
  take(ring_.begin(), start);
  return out;
}

// ---- Slots --------------------------------------------------------------------------------------

Map::Slot Map::take_slot(const PeerId& peer) {
  const Position position = peer.position();
  if (slot_at(position) != none) return none;
  Slot slot = none;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
  } else if (entries_.size() < capacity()) {
    slot = static_cast<Slot>(entries_.size());
    if (slot == entries_.capacity()) {
      const std::size_t more = std::max(entries_step, entries_.size() / 8);
      const std::size_t room = std::min(slot + more, capacity());
      entries_.reserve(room);
      vertices_.reserve(room);
    }
    entries_.emplace_back();
    vertices_.emplace_back();
  } else {
    slot = make_room();
    if (slot == none) return none;
  }
  Entry& entry = entries_[slot];
  entry.id = peer;
  entry.position = position;
  entry.used = true;
  entry.unreachable_since = context_.now;
  entry.rate = Rate::every_ms(limits::record_interval_min_ms, limits::record_burst_tolerated);
  index_.insert(position, slot);
  return slot;
}

std::size_t Map::capacity() const {
  return whole_ ? peers_max_ : own_links_.size() + limits::strangers_max;
}

bool Map::is_linked(Position position) const {
  return std::binary_search(own_links_.begin(), own_links_.end(), position);
}

/// Frees the slot of the peer that has been unreachable longest; without a whole map, of the
/// stranger that was heard of longest ago.
Map::Slot Map::make_room() {
  Slot oldest = none;
  const auto age = [this](Slot slot) {
    const Entry& entry = entries_[slot];
    return whole_ ? entry.unreachable_since : entry.heard;
  };
  for (Slot slot = 1; slot < entries_.size(); ++slot) {
    const Entry& entry = entries_[slot];
    if (!entry.used || (whole_ ? vertices_[slot].reachable : is_linked(entry.position))) continue;
    if (oldest == none || age(slot) < age(oldest)) oldest = slot;
  }
  if (oldest == none) return none;
  retract(oldest);
  release(oldest);
  free_.pop_back();
  return oldest;
}

/// What the application was told of a peer that is about to be forgotten is taken back.
void Map::retract(Slot slot) {
  Entry& entry = entries_[slot];
  for (const Slot other : std::vector<Slot>(vertices_[slot].announced))
    set_edge(slot, other, false);
  if (std::exchange(entry.is_announced, false)) context_.emit(PeerRemoved{entry.id});
}

// ---- How much of the network the map holds ------------------------------------------------------

std::size_t Map::estimate() const {
  if (whole_) return ring_.size();
  const std::size_t witnesses = entries_.size() - free_.size() + own_links_.size();
  if (judge_at_ <= context_.now || judged_by_ != witnesses) {
    judged_ = judge();
    judged_by_ = witnesses;
    judge_at_ = context_.now + judge_interval_ms;
  }
  return judged_;
}

std::size_t Map::judge() const {
  std::vector<Position> spans;
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    const Entry& entry = entries_[slot];
    const std::vector<Position>& links = slot == 0 ? own_links_ : entry.links;
    if (!entry.used || links.size() < 2 * ring_neighbours_each_side) continue;
    const auto above = std::upper_bound(links.begin(), links.end(), entry.position);
    const auto size = links.size();
    const auto at = static_cast<std::size_t>(above - links.begin());
    spans.push_back(clockwise(links[(at + size - ring_neighbours_each_side) % size],
                              links[(at + ring_neighbours_each_side - 1) % size]));
  }
  if (spans.empty()) return entries_.size() - free_.size();
  sort_ascending(spans);
  const Position median = spans[spans.size() / 2];
  // Four gaps drawn by chance span 3.67 mean gaps in the median (gamma distribution); around those
  // whom a long link found, which happens by the gap they live in, 4.67.
  const Position per_span = ~Position{0} / std::max<Position>(median, 1);
  return static_cast<std::size_t>(per_span * 4 + per_span / 2 + 1);
}

void Map::adopt_scope(bool whole) { set_scope(whole); }

std::uint64_t Map::capabilities() const {
  return (whole_ ? 0u : std::uint64_t{knows_neighbours_only}) |
         (could_be_whole_ ? std::uint64_t{could_know_everybody} : 0u);
}

void Map::check_scope() {
  scope_at_ = never;
  return whole_ ? check_whole() : check_neighbours_only();
}

/// Whether a map is whole no more: it is full, or most neighbours say that theirs cannot be whole,
/// or it has been behind what they name for long. Those whose maps could be whole may just be about
/// to have them.
void Map::check_whole() {
  const auto is_not_whole = [](std::uint64_t said) { return (said & knows_neighbours_only) != 0; };
  const auto cannot_be = [](std::uint64_t said) {
    return (said & knows_neighbours_only) != 0 && (said & could_know_everybody) == 0;
  };
  const bool lacks_many = knows_less_than_neighbours();
  if (!lacks_many && !is_so_of(half, is_not_whole))
    behind_since_ = never;
  else if (behind_since_ == never)
    behind_since_ = context_.now;
  const bool is_full = lacks_many && 4 * entries_.size() > 3 * peers_max_;
  const bool is_outvoted = is_so_of(half, cannot_be);
  const bool is_late = behind_since_ != never && context_.now - behind_since_ >= behind_ms_max;
  if (is_late && lacks_many) whole_again_at_ = context_.now + whole_again_after_ms;
  if (is_full || is_outvoted || is_late) set_scope(false);
}

/// Whether a map could be whole, and is from now on.
void Map::check_neighbours_only() {
  const auto is_whole = [](std::uint64_t said) { return (said & knows_neighbours_only) == 0; };
  const auto could_be = [](std::uint64_t said) {
    return (said & knows_neighbours_only) == 0 || (said & could_know_everybody) != 0;
  };
  const bool is_settled = own_links_.size() >= 2 * ring_neighbours_each_side;
  const std::size_t size = estimate();
  const std::size_t eighth = peers_max_ / 8;
  const bool fits = size < 6 * eighth || (size < 7 * eighth && is_so_of(half, could_be)) ||
                    (size < 8 * eighth && is_so_of(three_quarters, is_whole));
  const bool could = is_settled && fits && context_.now >= whole_again_at_;
  if (could && is_so_of(three_quarters, could_be)) return set_scope(true);
  if (std::exchange(could_be_whole_, could) != could) hooks.scope_changed();
}

/// Whether more than so many quarters of our neighbours say so of their maps.
bool Map::is_so_of(std::size_t quarters, bool (*is_so)(std::uint64_t capabilities)) const {
  const auto count = std::count_if(own_links_.begin(), own_links_.end(), [&](Position neighbour) {
    const Slot slot = slot_at(neighbour);
    return slot != none && entries_[slot].sequence != 0 && is_so(entries_[slot].capabilities);
  });
  return 4 * static_cast<std::size_t>(count) > quarters * own_links_.size();
}

/// Whether most of our neighbours name somebody whose record we do not have: nobody tells us of
/// everybody any more. What a few of them say is nothing, they may lie.
bool Map::knows_less_than_neighbours() const {
  const auto blind =
      std::count_if(own_links_.begin(), own_links_.end(), [this](Position neighbour) {
        const std::vector<Position>& theirs = links_of(neighbour);
        return std::any_of(theirs.begin(), theirs.end(),
                           [this](Position place) { return slot_at(place) == none; });
      });
  return 2 * static_cast<std::size_t>(blind) > own_links_.size();
}

void Map::set_scope(bool whole) {
  if (std::exchange(whole_, whole) == whole) return;
  could_be_whole_ = false;
  overfull_ = false;
  // One that has just become whole has everything to learn.
  behind_since_ = whole ? context_.now : never;
  scope_at_ = never;
  judge_at_ = 0;
  if (!whole) forget_all_but_links();
  // What was listed may name some who were forgotten since.
  list_ring();
  around_changed_ = true;
  touch(0);
  hooks.scope_changed();
}

void Map::forget_all_but_links() {
  std::vector<Entry> kept;
  kept.reserve(own_links_.size() + 1);
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    const Entry& entry = entries_[slot];
    if (!entry.used) continue;
    if (slot == 0 || is_linked(entry.position)) {
      for (const Slot other : std::vector<Slot>(vertices_[slot].announced))
        set_edge(slot, other, false);
      kept.push_back(std::move(entries_[slot]));
    } else {
      retract(slot);
    }
  }
  entries_ = std::move(kept);
  vertices_ = std::vector<Vertex>(entries_.size());
  free_ = {};
  touched_ = {};
  looked_for_ = {};
  index_ = PlaceIndex(context_.random.u64());
  vertices_[0].reached = true;
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    index_.insert(entries_[slot].position, slot);
    vertices_[slot].reachable = entries_[slot].was_reachable = true;
    touch(slot);
  }
  for (Slot slot = 0; slot < entries_.size(); ++slot)
    relink(slot, {}, slot == 0 ? own_links_ : entries_[slot].links);
  for (Slot slot = 1; slot < entries_.size(); ++slot) edge_changed(0, slot, true);
}

void Map::release(Slot slot) {
  unlink(slot);
  // The ring names nobody who is forgotten, not even until the next refresh.
  unlist(slot);
  index_.erase(entries_[slot].position);
  entries_[slot] = Entry{};
  vertices_[slot] = Vertex{};
  free_.push_back(slot);
}

void Map::touch(Slot slot) {
  dirty_ = true;
  if (!std::exchange(vertices_[slot].touched, true)) touched_.push_back(slot);
}

// ---- Edges --------------------------------------------------------------------------------------

void Map::set_own_links(std::vector<Position> links) {
  const std::vector<Position> before = std::exchange(own_links_, std::move(links));
  relink(0, before, own_links_);
  for (const auto& changed : {without(before, own_links_), without(own_links_, before)}) {
    for (const Position position : changed) {
      if (const Slot slot = slot_at(position); slot != none) edge_changed(0, slot, leads_out(slot));
    }
  }
  touch(0);
}

bool Map::names(Slot from, Position to) const {
  if ((vertices_[from].named & bit_of(to)) == 0) return false;  // mostly, and at hand
  const std::vector<Position>& links = from == 0 ? own_links_ : entries_[from].links;
  return std::binary_search(links.begin(), links.end(), to);
}

void Map::unlink(Slot slot) {
  for (const Slot other : std::exchange(vertices_[slot].neighbours, {})) {
    erase_sorted(vertices_[other].neighbours, slot);
    edge_changed(slot, other, false);
    touch(other);
  }
}

/// The peer at `slot` names `now` where it named `before`: both ascending.
void Map::relink(Slot slot, const std::vector<Position>& before, const std::vector<Position>& now) {
  vertices_[slot].named = 0;
  for (const Position position : now) vertices_[slot].named |= bit_of(position);
  set_links(slot, without(before, now), false);
  set_links(slot, without(now, before), true);
}

/// The peer at `slot` names those places now, or not any more.
void Map::set_links(Slot slot, const std::vector<Position>& places, bool present) {
  std::vector<Slot> others;
  for (const Position place : places) {
    const Slot other = slot_at(place);
    if (other == none || other == slot) continue;
    others.push_back(other);
    __builtin_prefetch(&vertices_[other]);  // far apart in memory: fetched while others are sought
  }
  for (const Slot other : others) {
    std::vector<Slot>& mine = vertices_[slot].neighbours;
    std::vector<Slot>& theirs = vertices_[other].neighbours;
    if (present ? !names(other, entries_[slot].position) || !insert_sorted(mine, other)
                : !erase_sorted(mine, other))
      continue;
    present ? insert_sorted(theirs, slot) : erase_sorted(theirs, slot);
    edge_changed(slot, other, present);
    touch(other);
  }
}

// ---- Routes -------------------------------------------------------------------------------------

/// A link of ours is a way out even before the other end's record names it.
bool Map::leads_out(Slot slot) const {
  return entries_[slot].sequence != 0 && is_linked(entries_[slot].position);
}

/// What comes makes some ways shorter; what goes cuts off those who were reached over it.
void Map::edge_changed(Slot a, Slot b, bool present) {
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    if (present) {
      if (vertices_[from].reached) reach(to, from);
    } else if (vertices_[to].before == from && !(from == 0 && leads_out(to))) {
      find_another_way(to);
    }
  }
  reach_on();
}

/// To a peer over which no way leads any more, and to all who were reached over it.
void Map::find_another_way(Slot slot) {
  std::vector<Slot> cut_off{slot};
  for (std::size_t i = 0; i < cut_off.size(); ++i) {
    vertices_[cut_off[i]].reached = false;
    vertices_[cut_off[i]].before = none;
    for (const Slot other : vertices_[cut_off[i]].neighbours) {
      if (vertices_[other].before == cut_off[i]) cut_off.push_back(other);
    }
  }
  for (const Slot one : cut_off) {
    if (leads_out(one)) reach(one, 0);
    for (const Slot other : vertices_[one].neighbours) {
      if (vertices_[other].reached) reach(one, other);
    }
  }
  looked_for_.insert(looked_for_.end(), cut_off.begin(), cut_off.end());
}

/// Here leads a way over that peer; it counts when there was none, or a longer one.
void Map::reach(Slot slot, Slot from) {
  Vertex& vertex = vertices_[slot];
  const std::uint32_t depth = vertices_[from].depth + 1;
  if (vertex.reached && vertex.depth <= depth) return;
  if (!vertex.reached) looked_for_.push_back(slot);
  vertex.reached = true;
  vertex.before = from;
  vertex.depth = depth;
  vertex.first_hop = from == 0 ? slot : vertices_[from].first_hop;
  queue_.push_back(slot);
}

/// From all to whom a new way leads, to whom they lead, nearest first.
void Map::reach_on() {
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    for (const Slot other : vertices_[queue_[i]].neighbours) reach(other, queue_[i]);
  }
  queue_.clear();
}

/// Whether the ring is another than before.
bool Map::update_members() {
  bool changed = false;
  for (const Slot slot : std::exchange(looked_for_, {})) changed |= update_member(slot);
  return changed;
}

bool Map::update_member(Slot slot) {
  Vertex& vertex = vertices_[slot];
  if (vertex.reachable == vertex.reached) return false;
  vertex.reachable = vertex.reached;
  Entry& entry = entries_[slot];
  entry.was_reachable = true;
  entry.unreachable_since = context_.now;
  vertex.reachable ? list(slot) : unlist(slot);
  touch(slot);
  return true;
}

// ---- The ring -----------------------------------------------------------------------------------

void Map::list(Slot slot) {
  const Position position = entries_[slot].position;
  auto at = static_cast<std::size_t>(std::lower_bound(ring_.begin(), ring_.end(), position) -
                                     ring_.begin());
  ring_.push_back(position);
  ring_slots_.push_back(slot);
  for (; at < ring_.size(); ++at) {
    std::swap(ring_[at], ring_.back());
    std::swap(ring_slots_[at], ring_slots_.back());
  }
  count(slot, true);
}

void Map::unlist(Slot slot) {
  const auto at = std::lower_bound(ring_.begin(), ring_.end(), entries_[slot].position);
  if (at == ring_.end() || *at != entries_[slot].position) return;
  count(slot, false);
  ring_slots_.erase(ring_slots_.begin() + (at - ring_.begin()));
  ring_.erase(at);
}

/// The record of somebody on the ring counts, or not any more.
void Map::count(Slot slot, bool present) {
  const Item item{entries_[slot].position, entries_[slot].sequence};
  if (item.sequence != 0) present ? digest_.add(item) : digest_.remove(item);
}

void Map::set_sequence(Slot slot, std::uint64_t sequence) {
  const bool is_listed = vertices_[slot].reachable;
  if (is_listed) count(slot, false);
  entries_[slot].sequence = sequence;
  if (is_listed) count(slot, true);
}

void Map::list_ring() {
  ring_.clear();
  ring_slots_.clear();
  digest_ = {};
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    if (vertices_[slot].reachable) list(slot);
  }
}

// ---- What the application is told ---------------------------------------------------------------

void Map::refresh() {
  if (!dirty_ || context_.now < refresh_at_) return;
  if (overfull_) set_scope(false);
  if (whole_ && scope_at_ == never) scope_at_ = context_.now + scope_interval_ms;
  dirty_ = false;
  if (!whole_)
    refresh_at_ = context_.now + limits::map_refresh_around_ms;
  else if (entries_.size() > limits::map_refresh_at_once_max)
    refresh_at_ = context_.now + std::min(entries_.size() * limits::map_refresh_per_peer_us / 1'000,
                                          limits::map_refresh_max_ms);
  const bool members_changed = update_members();
  around_changed_ = true;
  announce();
  dirty_ = false;
  const bool is_small = entries_.size() <= limits::map_refresh_at_once_max;
  if (members_changed || is_small || !whole_) hooks.changed();
}

/// Tells the application what is different: lost edges, lost peers, new peers, new edges, in this
/// order, so that at each moment what it knows is a graph.
void Map::announce() {
  const std::vector<Slot> slots = std::exchange(touched_, {});
  // Who has an edge to somebody reachable is reachable, too.
  const std::vector<Slot> nobody;
  const auto edges = [&](Slot slot) -> const std::vector<Slot>& {
    return vertices_[slot].reachable ? vertices_[slot].neighbours : nobody;
  };
  for (const Slot slot : slots) {
    vertices_[slot].touched = false;
    for (const Slot other : without(vertices_[slot].announced, edges(slot)))
      set_edge(slot, other, false);
  }
  for (const Slot slot : slots) {
    if (vertices_[slot].reachable || !std::exchange(entries_[slot].is_announced, false)) continue;
    context_.emit(PeerRemoved{entries_[slot].id});
  }
  for (const Slot slot : slots) {
    Entry& entry = entries_[slot];
    if (!vertices_[slot].reachable) continue;
    if (!std::exchange(entry.is_announced, true)) {
      context_.emit(PeerAdded{entry.id, entry.name});
    } else if (entry.is_renamed) {
      context_.emit(PeerRenamed{entry.id, entry.name});
    }
    entry.is_renamed = false;
  }
  for (const Slot slot : slots) {
    for (const Slot other : without(edges(slot), vertices_[slot].announced))
      set_edge(slot, other, true);
  }
}

void Map::set_edge(Slot a, Slot b, bool present) {
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    std::vector<Slot>& announced = vertices_[from].announced;
    if (!(present ? insert_sorted(announced, to) : erase_sorted(announced, to))) return;
  }
  const Entry& one = entries_[a];
  const Entry& other = entries_[b];
  const bool in_order = one.position < other.position;
  context_.emit(EdgeChanged{in_order ? one.id : other.id, in_order ? other.id : one.id, present});
}

// ---- Time ---------------------------------------------------------------------------------------

void Map::tick() {
  if (scope_at_ <= context_.now) check_scope();
  if (sweep_at_ == 0 || context_.now < sweep_at_) return;
  sweep_at_ = 0;
  check_scope();
  for (Slot slot = 1; slot < entries_.size(); ++slot) {
    Entry& entry = entries_[slot];
    if (!entry.used) continue;
    sweep_at_ = context_.now + sweep_interval_ms;
    const bool reachable = vertices_[slot].reachable;
    if (reachable && entry.expires <= context_.now && !entry.links.empty()) {
      unlink(slot);
      entry.links.clear();
      touch(slot);
    }
    if (!whole_ && !is_linked(entry.position) &&
        entry.heard + limits::unreachable_kept_ms <= context_.now) {
      retract(slot);
      release(slot);
      continue;
    }
    const bool settled = !vertices_[slot].touched && !reachable;
    if (settled && entry.unreachable_since + limits::unreachable_kept_ms <= context_.now)
      release(slot);
  }
}

TimeMs Map::next_timeout() const {
  const TimeMs sweep = sweep_at_ == 0 ? never : sweep_at_;
  const TimeMs next = std::min(sweep, scope_at_);
  return dirty_ ? std::min(next, std::max(refresh_at_, context_.now)) : next;
}

}  // namespace membrane
