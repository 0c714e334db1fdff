#include "keeper.h"

#include <algorithm>

#include "ring.h"

namespace membrane {
namespace {

/// Long links are drawn at random; one that hits nobody new is drawn again this often before the
/// next look.
constexpr int draws_max = 8;
/// Of so many peers next to a place one is taken: somebody who lives there names four neighbours.
constexpr std::size_t candidates = 5;
/// A link this young is not trimmed: to a newcomer it may be the only one, and maps are still
/// catching up.
constexpr TimeMs trim_after_ms = 10'000;

}  // namespace

Keeper::Keeper(Context& context, Links& links, Map& map, Connector& connector)
    : context_(context), links_(links), map_(map), connector_(connector) {}

// ---- Our record ---------------------------------------------------------------------------------

void Keeper::touch_record(Haste haste) {
  const TimeMs size = size_;
  TimeMs wait_ms =
      std::clamp(size / 4, limits::record_coalesce_min_ms, limits::record_coalesce_max_ms);
  if (haste != Haste::now && size > limits::patience_from)
    wait_ms =
        std::min((size - limits::patience_from) * limits::record_patience_per_peer_ms,
                 haste == Haste::soon ? limits::spreading_ms : limits::record_patience_max_ms);
  const TimeMs due = std::max(context_.now + wait_ms, record_rate_.ready_at(context_.now));
  record_due_ = std::min(record_due_, due);
}

void Keeper::overtaken(std::uint64_t sequence) {
  context_.sequence = std::max(context_.sequence, sequence);
  touch_record();
}

void Keeper::publish_record() {
  record_due_ = never;
  if (signing_ || !record_rate_.take(context_.now)) return touch_record();
  Record record;
  record.name = context_.config.name;
  record.sealing_key = context_.config.sealing_key;
  record.lifetime_s = limits::record_lifetime_s;
  record.capabilities = map_.capabilities();
  for (const auto& [position, id] : links_.up()) {
    if (record.links.size() < limits::record_links_max && !links_.find(id)->is_leaving())
      record.links.push_back(position);
  }
  Statement statement;
  statement.kind = StatementKind::record;
  statement.origin = context_.config.id;
  statement.sequence = context_.next_sequence();
  statement.body = encode_record(record);
  renew_at_ = context_.now + limits::record_lifetime_s * 500;
  Bytes to_sign = statement_to_sign(context_.config.network, statement);
  signing_ = context_.sign(
      std::move(to_sign), [this, statement, record](bool ok, ByteView signature) mutable {
        signing_ = false;
        if (!ok) return touch_record();
        std::copy(signature.begin(), signature.end(), statement.signature.begin());
        const Bytes encoded = encode_statement(statement);
        map_.set_own_record(statement, record, encoded);
        record_spread_ = !record.links.empty();
        if (record_spread_) hooks.spread(statement, encoded);
        published(record.links);
      });
  if (!signing_) touch_record();
}

/// A link that our record does not name any more is closed when everybody has heard it.
void Keeper::published(const std::vector<Position>& named) {
  links_told_ = named.size();
  for (const auto& [position, id] : links_.up()) {
    Link& link = *links_.find(id);
    if (link.leaves_at == never && !std::binary_search(named.begin(), named.end(), position))
      link.leaves_at = context_.now + limits::spreading_ms;
  }
  hooks.published();
}

// ---- Our links ----------------------------------------------------------------------------------

/// Whether we have a link to somebody whom others do not know of, as far as we know, until we say
/// so.
bool Keeper::tells_of_somebody() const {
  const std::vector<Position>& told = map_.told_links();
  return std::any_of(links_.up().begin(), links_.up().end(), [&](const auto& up) {
    return !std::binary_search(told.begin(), told.end(), up.first) &&
           !links_.find(up.second)->is_leaving() && !map_.has_another_way(up.first);
  });
}

/// Nobody knows of us, or of who is at the other end of a link, until somebody says so. Where
/// records go to neighbours alone, they are cheap.
void Keeper::links_changed(bool urgent) {
  std::vector<Position> positions;
  for (const auto& [position, link] : links_.up()) positions.push_back(position);
  map_.set_own_links(std::move(positions));
  if (links_.up().empty()) record_spread_ = false;
  explore_at_ = context_.now;
  explore_pause_ms_ = limits::ring_interval_ms;
  if (!map_.is_whole() && check_at_ == never) check_at_ = context_.now;
  const bool tells_most = 4 * links_told_ <= links_.up().size();
  touch_record(urgent || !map_.is_whole() || links_told_ == 0 ? Haste::now
               : tells_most                                   ? Haste::soon
                                                              : Haste::later);
  look_for_news_at_ = std::min(look_for_news_at_, context_.now + limits::spreading_ms);
  mend_at_ = std::min(mend_at_, context_.now + limits::ring_settle_ms);
}

void Keeper::record_came(Position origin) {
  Link* link = links_.to(origin);
  if (!link) return;
  const std::vector<Position>& theirs = map_.links_of(origin);
  const bool names_us = std::binary_search(theirs.begin(), theirs.end(), context_.self);
  link->is_left_out = !names_us && (link->is_named || link->is_left_out);
  link->is_named = names_us;
}

void Keeper::map_changed() {
  const std::size_t size = map_.estimate();
  if (map_.is_whole() && size > size_) grows_until_ = context_.now + limits::ring_growing_ms;
  if (map_.is_whole() || 2 * size > 3 * size_ || 3 * size < 2 * size_) size_ = size;
  record_rate_.pace(std::clamp(map_.estimate() * limits::record_interval_per_peer_ms,
                               limits::record_interval_min_ms, limits::record_interval_max_ms));
  mend_at_ = std::min(mend_at_, context_.now + limits::ring_settle_ms);
}

std::size_t Keeper::ring_links() const {
  std::size_t count = 0;
  for (const auto& [position, id] : links_.up()) {
    const Link& link = *links_.find(id);
    if (!link.application && !link.is_leaving()) ++count;
  }
  return count;
}

bool Keeper::is_ring_neighbour(Position peer) const {
  return is_next_to(map_.surroundings(), context_.self, peer);
}

bool Keeper::has_room(const PeerId& peer, bool application) const {
  if (links_.conduct().is_banned(peer.position())) return false;
  const std::size_t all = links_.up().size() + connector_.size();
  if (all >= limits::links_max + limits::application_links_max) return false;
  const std::size_t ring = ring_links() + connector_.size();
  if (application || ring < links_to_accept_up_to(size_)) return true;
  // Those of the ring come in above the limit, too: then others are trimmed.
  return ring < limits::links_max + 2 * ring_neighbours_each_side &&
         is_ring_neighbour(peer.position());
}

void Keeper::attempt_failed(const PeerId& peer) {
  const Position position = peer.position();
  if (backoffs_.size() >= limits::backoffs_max && !backoffs_.contains(position))
    backoffs_.erase(backoffs_.begin());
  Backoff& backoff = backoffs_[position];
  backoff.length_ms =
      std::clamp(backoff.length_ms * 2, limits::backoff_min_ms, limits::backoff_max_ms);
  // Some of it by chance, so that two peers that refuse each other do not do so in step.
  backoff.until = context_.now + backoff.length_ms / 2 + context_.random.below(backoff.length_ms);
  mend_at_ = std::min(mend_at_, context_.now + limits::ring_interval_ms);
}

bool Keeper::is_left_alone(Position peer) const {
  if (links_.conduct().is_banned(peer)) return true;
  const auto backoff = backoffs_.find(peer);
  return backoff != backoffs_.end() && backoff->second.until > context_.now;
}

bool Keeper::may_open(Position position) const {
  const PeerId* peer = map_.id_at(position);
  return position != context_.self && !is_left_alone(position) && !links_.to(position) &&
         !(peer && connector_.is_opening(*peer));
}

bool Keeper::open(Position position) {
  if (!may_open(position)) return false;
  const PeerId* peer = map_.id_at(position);
  if (!peer || !map_.has_record(*peer)) {
    ask_for_record(position);
    return false;
  }
  if (!open_rate_.take(context_.now)) return false;
  return connector_.open(*peer, false, false) == Error::none;
}

/// Of somebody who is only known by place: whoever names it has its record.
void Keeper::ask_for_record(Position position) {
  for (const auto& [neighbour, id] : links_.up()) {
    const std::vector<Position>& theirs = map_.links_of(neighbour);
    if (std::binary_search(theirs.begin(), theirs.end(), position))
      return links_.send(*links_.find(id), Want{Store::records, {{position, 0}}});
  }
}

/// The nearest on each side that can be reached.
std::vector<Position> Keeper::wanted_neighbours() const {
  if (backoffs_.empty() && links_.conduct().banned() == 0)
    return ring_neighbours(map_.surroundings(), context_.self);
  std::vector<Position> ring = map_.surroundings();
  std::erase_if(ring, [this](Position peer) { return is_left_alone(peer) && !links_.to(peer); });
  return ring_neighbours(ring, context_.self);
}

/// Both ends of a missing ring link notice it at the same time, or when a newcomer has been heard
/// of. The lower id acts at once, the other one after a while, so that their offers do not cross.
void Keeper::open_ring_links() {
  const TimeMs turn_ms =
      size_ > limits::patience_from ? limits::spreading_ms : limits::ring_interval_ms;
  Table<Position, TimeMs> missing;
  for (const Position neighbour : wanted_neighbours()) {
    if (links_.to(neighbour)) continue;
    const auto known = missing_since_.find(neighbour);
    const TimeMs since = known == missing_since_.end() ? context_.now : known->second;
    missing.emplace(neighbour, since);
    const bool ours_to_open = context_.self < neighbour || since + turn_ms <= context_.now;
    if (ours_to_open && connector_.outgoing(false) < limits::ring_attempts_max) open(neighbour);
  }
  missing_since_ = std::move(missing);
}

void Keeper::open_long_links() {
  const std::size_t all = links_to_open_up_to(size_);
  std::size_t enough = grows_until_ > context_.now ? links_to_open_soon(size_) : all;
  if (another_at_ <= context_.now) {
    another_at_ = context_.now + limits::ring_another_ms;
    enough = std::max(enough, std::min(all, ring_links() + 1));
  }
  const auto has_enough = [&] {
    return connector_.outgoing(false) + exploring_.size() >= limits::ring_attempts_max ||
           ring_links() + links_coming() >= enough;
  };
  for (const Position place : std::exchange(explored_, {})) {
    if (!has_enough()) open_near(place);
  }
  std::vector<Position> links = exploring_;
  for (const auto& [position, id] : links_.up()) links.push_back(position);
  const bool may_explore = map_.is_whole() || explore_at_ <= context_.now;
  for (int draw = 0; draw < draws_max && may_explore && !has_enough(); ++draw) {
    const Position place = draw_long_place(size_, links, context_.self, context_.random);
    map_.is_whole() ? open_near(place) : explore(place);
    // A link comes there, or nobody there has room.
    links.push_back(place);
  }
}

/// Looks for somebody who lives next to this place, and if that leads to no link, not again at
/// once: all whom we find may have as many links as they aim at.
void Keeper::explore(Position place) {
  if (explore_at_ <= context_.now) {
    explore_at_ = context_.now + explore_pause_ms_;
    explore_pause_ms_ = std::min(2 * explore_pause_ms_, limits::ring_another_ms);
  }
  exploring_.push_back(place);
  hooks.explore(place);
}

/// Links that somebody is opening, or will: the missing ones of the ring as well.
std::size_t Keeper::links_coming() const {
  std::size_t count = connector_.ring_attempts() + exploring_.size();
  for (const auto& [position, since] : missing_since_) {
    const PeerId* peer = map_.id_at(position);
    if (!peer || !connector_.is_opening(*peer)) ++count;
  }
  return count;
}

/// Opens a link to somebody next to this place: of several who have room to the one between whose
/// links it lies most evenly, as we do for ours.
void Keeper::open_near(Position place) {
  const std::size_t target = target_degree(size_);
  unsigned most = 0;
  const PeerId* chosen = nullptr;
  for (const Position position : nearest_places(map_.held(), place, candidates)) {
    const std::vector<Position>& theirs = map_.links_of(position);
    if (theirs.size() > target || missing_since_.contains(position) || !may_open(position))
      continue;
    const unsigned room = room_between(size_, theirs, position, context_.self);
    if (chosen && room <= most) continue;
    most = room;
    chosen = map_.id_at(position);
  }
  if (chosen) open(chosen->position());
}

void Keeper::explored(Position place) {
  std::erase(exploring_, place);
  if (place != context_.self) explored_.push_back(place);
  mend_at_ = std::min(mend_at_, context_.now + limits::ring_settle_ms);
}

void Keeper::scope_changed() {
  touch_record();
  check_at_ = map_.is_whole() ? never : context_.now;
  mend_at_ = std::min(mend_at_, context_.now);
}

/// Asks somebody far away who lives next to us, and next to a neighbour of ours that cannot be
/// reached: it may be all that knows of those behind it.
void Keeper::check_ring() {
  check_at_ = never;
  if (map_.is_whole() || links_.up().empty()) return;
  check_at_ =
      context_.now + limits::ring_check_ms / 2 + context_.random.below(limits::ring_check_ms);
  hooks.explore(context_.self);
  for (const Position neighbour : ring_neighbours(map_.surroundings(), context_.self)) {
    if (is_left_alone(neighbour) && !links_.to(neighbour)) hooks.explore(neighbour);
  }
}

/// Opens what is missing, a few at a time.
void Keeper::mend() {
  mend_at_ = context_.now + limits::ring_interval_ms;
  erase_if(backoffs_, [this](const auto& entry) {
    return entry.second.until + limits::backoff_max_ms <= context_.now;
  });
  if (links_.up().empty() || (map_.is_whole() && map_.ring().size() < 2)) {
    mend_at_ = never;
    return;
  }
  trim();
  open_ring_links();
  open_long_links();
  mend_at_ = next_look();
}

/// When there is something to open, to close or to wait for again.
TimeMs Keeper::next_look() const {
  const TimeMs soon = context_.now + limits::ring_interval_ms;
  const std::size_t enough = std::min(links_to_open_up_to(size_), size_ - 1);
  const bool is_busy = !backoffs_.empty() || !missing_since_.empty() || !exploring_.empty() ||
                       connector_.outgoing(false) != 0 || ring_links() > limits::links_max ||
                       !leaving().empty();
  if (is_busy) return soon;
  if (ring_links() >= enough) return never;
  // While others come and open links to us there is time.
  const TimeMs next = std::max(soon, std::min(another_at_, grows_until_));
  return map_.is_whole() ? next : std::max(next, explore_at_);
}

/// Ends links that are neither in the ring nor the application's: one when both ends have more than
/// they aim at, as many as are above limits::links_max. None that is the only way to somebody, so
/// that no part of the network is cut off. First our record is said without them, so that nobody
/// sends anything over them any more when they are closed.
void Keeper::trim() {
  close_leaving();
  // Others may judge the network to be twice as large, and aim at more.
  const std::size_t target = target_degree(map_.is_whole() ? size_ : 2 * size_);
  std::size_t staying = ring_links();
  const bool must = staying > limits::links_max;
  if (staying <= target || (!must && leaving().size() >= limits::links_leaving_max)) return;
  Table<LinkId, Position> oldest_first;
  for (const auto& [position, id] : links_.up()) {
    const Link& link = *links_.find(id);
    const bool both = map_.links_of(position).size() > target;
    if ((must || both) && !link.is_leaving() && !is_needed(link) &&
        link.since + trim_after_ms <= context_.now)
      oldest_first.emplace(id, position);
  }
  const std::size_t enough = must ? limits::links_max : staying - 1;
  for (auto at = oldest_first.before({}); at != oldest_first.end() && staying > enough;
       at = oldest_first.before(at)) {
    if (!map_.has_another_way(at->second, leaving())) continue;
    links_.find(at->first)->leaves_at = never;
    --staying;
  }
  if (!leaving().empty()) touch_record(must ? Haste::soon : Haste::later);
}

bool Keeper::is_needed(const Link& link) const {
  return link.application || is_ring_neighbour(link.peer->position());
}

std::vector<Position> Keeper::leaving() const {
  std::vector<Position> out;
  for (const auto& [position, id] : links_.up()) {
    if (links_.find(id)->is_leaving()) out.push_back(position);
  }
  return out;
}

void Keeper::close_leaving() {
  for (const Position position : leaving()) {
    Link& link = *links_.to(position);
    if (is_needed(link) || !map_.has_another_way(position, leaving())) {
      link.leaves_at = 0;
      touch_record(Haste::later);
    } else if (link.leaves_at <= context_.now) {
      links_.close(link.id, Error::trimmed);
    }
  }
}

// ---- Time ---------------------------------------------------------------------------------------

void Keeper::tick() {
  if (renew_at_ <= context_.now) {
    renew_at_ = never;
    touch_record();
  }
  if (look_for_news_at_ <= context_.now) {
    look_for_news_at_ = never;
    if (tells_of_somebody()) touch_record();
  }
  if (record_due_ <= context_.now) publish_record();
  if (check_at_ <= context_.now) check_ring();
  if (mend_at_ <= context_.now) mend();
}

TimeMs Keeper::next_timeout() const {
  return std::min({record_due_, look_for_news_at_, renew_at_, mend_at_, check_at_});
}

}  // namespace membrane
