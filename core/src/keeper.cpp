#include "keeper.h"

#include <algorithm>

#include "ring.h"

namespace membrane {
namespace {

/// Long links are drawn at random; one that hits nobody new is drawn again this often before the
/// next look.
constexpr int draws_max = 8;
/// Of so many peers next to a place the one with the fewest links is taken.
constexpr std::size_t candidates = 4;
/// A link this young is not trimmed: to a newcomer it may be the only one, and maps are still
/// catching up.
constexpr TimeMs trim_after_ms = 10'000;

}  // namespace

Keeper::Keeper(Context& context, Links& links, Map& map, Connector& connector)
    : context_(context), links_(links), map_(map), connector_(connector) {}

// ---- Our record ---------------------------------------------------------------------------------

void Keeper::touch_record(bool urgent) {
  const TimeMs size = size_;
  TimeMs coalesce =
      std::clamp(size / 4, limits::record_coalesce_min_ms, limits::record_coalesce_max_ms);
  if (!urgent && size > limits::patience_from)
    coalesce = std::min((size - limits::patience_from) * limits::record_patience_per_peer_ms,
                        limits::record_patience_max_ms);
  const TimeMs due = std::max(context_.now + coalesce, record_rate_.ready_at(context_.now));
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
  for (const auto& [position, link] : links_.up()) {
    if (record.links.size() < limits::record_links_max) record.links.push_back(position);
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
        links_told_ = record.links.size();
        record_spread_ = links_told_ != 0;
        if (record_spread_) hooks.spread(statement, encoded);
        hooks.published();
      });
  if (!signing_) touch_record();
}

// ---- Our links ----------------------------------------------------------------------------------

/// Whether without our record others may not know of somebody: ourselves, or a newcomer whom nobody
/// else has a link to. Where records go to neighbours alone, they are cheap.
bool Keeper::tells_of_somebody() const {
  if (!map_.is_whole() || 4 * links_told_ <= links_.up().size()) return true;
  return std::any_of(links_.up().begin(), links_.up().end(),
                     [this](const auto& up) { return !map_.has_another_way(up.first); });
}

void Keeper::links_changed(bool urgent) {
  std::vector<Position> positions;
  for (const auto& [position, link] : links_.up()) positions.push_back(position);
  map_.set_own_links(std::move(positions));
  if (links_.up().empty()) record_spread_ = false;
  if (!map_.is_whole() && check_at_ == never) check_at_ = context_.now;
  touch_record(urgent || tells_of_somebody());
  mend_at_ = std::min(mend_at_, context_.now + limits::ring_settle_ms);
}

void Keeper::map_changed() {
  const std::size_t size = map_.estimate();
  if (map_.is_whole() && size > size_) grows_until_ = context_.now + limits::ring_another_ms;
  if (map_.is_whole() || 2 * size > 3 * size_ || 3 * size < 2 * size_) size_ = size;
  record_rate_.pace(std::clamp(map_.estimate() * limits::record_interval_per_peer_ms,
                               limits::record_interval_min_ms, limits::record_interval_max_ms));
  mend_at_ = std::min(mend_at_, context_.now + limits::ring_settle_ms);
}

std::size_t Keeper::ring_links() const {
  std::size_t count = 0;
  for (const auto& [position, id] : links_.up()) {
    if (!links_.find(id)->application) ++count;
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
  return ring < limits::links_max && is_ring_neighbour(peer.position());
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
  if (!peer || !map_.record_of(*peer)) {
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

/// Both ends of a missing ring link notice it at the same time. The lower id acts at once, the
/// other one after a while, so that their offers do not cross.
void Keeper::open_ring_links() {
  Table<Position, TimeMs> missing;
  for (const Position neighbour : wanted_neighbours()) {
    if (links_.to(neighbour)) continue;
    const auto known = missing_since_.find(neighbour);
    const TimeMs since = known == missing_since_.end() ? context_.now : known->second;
    missing.emplace(neighbour, since);
    const bool ours_to_open =
        context_.self < neighbour || since + limits::ring_interval_ms <= context_.now;
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
    const std::size_t under_way = connector_.outgoing(false) + exploring_.size();
    return under_way >= limits::ring_attempts_max ||
           ring_links() + std::max(under_way, missing_since_.size()) >= enough;
  };
  for (const Position place : std::exchange(explored_, {})) {
    if (!has_enough()) open_near(place);
  }
  std::vector<Position> links;
  for (const auto& [position, id] : links_.up()) links.push_back(position);
  for (int draw = 0; draw < draws_max && !has_enough(); ++draw) {
    const Position place = draw_long_place(size_, links, context_.self, context_.random);
    if (map_.is_whole()) {
      open_near(place);
    } else {
      exploring_.push_back(place);
      hooks.explore(place);
    }
  }
}

/// Opens a link to somebody next to this place: of several to the one that has the fewest.
void Keeper::open_near(Position place) {
  std::size_t fewest = target_degree(size_) + 1;
  const PeerId* chosen = nullptr;
  for (const Position position : nearest_places(map_.held(), place, candidates)) {
    const std::size_t links = map_.links_of(position).size();
    if (links >= fewest || missing_since_.contains(position) || !may_open(position)) continue;
    fewest = links;
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

/// Asks somebody far away who lives next to us.
void Keeper::check_ring() {
  check_at_ = never;
  if (map_.is_whole() || links_.up().empty()) return;
  check_at_ =
      context_.now + limits::ring_check_ms / 2 + context_.random.below(limits::ring_check_ms);
  hooks.explore(context_.self);
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
  if (is_complete()) mend_at_ = never;
}

bool Keeper::is_complete() const {
  const std::size_t enough = std::min(links_to_open_up_to(size_), size_ - 1);
  return ring_links() >= enough && ring_links() <= limits::links_max && backoffs_.empty() &&
         missing_since_.empty() && exploring_.empty() && connector_.outgoing(false) == 0;
}

/// Closes a link that is neither in the ring nor the application's, one at a time: when both ends
/// have more than they aim at, or we have more than limits::links_max. None that is the only way to
/// somebody, so that no part of the network is cut off.
void Keeper::trim() {
  // Others may judge the network to be twice as large, and aim at more.
  const std::size_t target = target_degree(map_.is_whole() ? size_ : 2 * size_);
  if (ring_links() <= target) return;
  const bool must = ring_links() > limits::links_max;
  Table<LinkId, Position> oldest_first;
  for (const auto& [position, id] : links_.up()) {
    const Link& link = *links_.find(id);
    const bool both = map_.links_of(position).size() > target;
    if (!link.application && (must || both) && link.since + trim_after_ms <= context_.now &&
        !is_ring_neighbour(position))
      oldest_first.emplace(id, position);
  }
  for (auto at = oldest_first.before({}); at != oldest_first.end(); at = oldest_first.before(at)) {
    if (map_.has_another_way(at->second)) return links_.close(at->first, Error::trimmed);
  }
}

// ---- Time ---------------------------------------------------------------------------------------

void Keeper::tick() {
  if (renew_at_ <= context_.now) {
    renew_at_ = never;
    touch_record();
  }
  if (record_due_ <= context_.now) publish_record();
  if (check_at_ <= context_.now) check_ring();
  if (mend_at_ <= context_.now) mend();
}

TimeMs Keeper::next_timeout() const {
  return std::min({record_due_, renew_at_, mend_at_, check_at_});
}

}  // namespace membrane
