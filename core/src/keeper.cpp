#include "keeper.h"

#include <algorithm>

#include "ring.h"

namespace membrane {
namespace {

/// Long links are drawn at random; a draw that hits a neighbour is drawn again this often before
/// the next look.
constexpr int draws_max = 8;
/// A link this young is not trimmed: to a newcomer it may be the only one, and maps are still
/// catching up.
constexpr TimeMs trim_after_ms = 10'000;

}  // namespace

Keeper::Keeper(Context& context, Links& links, Map& map, Connector& connector)
    : context_(context), links_(links), map_(map), connector_(connector) {}

// ---- Our record ---------------------------------------------------------------------------------

void Keeper::touch_record() {
  const TimeMs due =
      std::max(context_.now + limits::record_coalesce_ms, record_rate_.ready_at(context_.now));
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
        record_spread_ = !record.links.empty();
        if (record_spread_) hooks.spread(statement, encoded);
        hooks.published();
      });
  if (!signing_) touch_record();
}

// ---- Our links ----------------------------------------------------------------------------------

void Keeper::links_changed() {
  std::vector<Position> positions;
  for (const auto& [position, link] : links_.up()) positions.push_back(position);
  map_.set_own_links(std::move(positions));
  if (links_.up().empty()) record_spread_ = false;
  touch_record();
  mend_at_ = std::min(mend_at_, context_.now + limits::ring_settle_ms);
}

void Keeper::map_changed() {
  record_rate_.pace(std::clamp(map_.size() * limits::record_interval_per_peer_ms,
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
  const auto neighbours = ring_neighbours(map_.ring(), context_.self);
  return std::find(neighbours.begin(), neighbours.end(), peer) != neighbours.end();
}

bool Keeper::has_room(const PeerId& peer, bool application) const {
  if (links_.conduct().is_banned(peer.position())) return false;
  if (is_ring_neighbour(peer.position())) return true;
  const std::size_t all = links_.up().size() + connector_.size();
  if (all >= limits::links_max + limits::application_links_max) return false;
  return application || ring_links() + connector_.size() < limits::links_max;
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

bool Keeper::may_open(const PeerId& peer) const {
  const auto backoff = backoffs_.find(peer.position());
  if (backoff != backoffs_.end() && backoff->second.until > context_.now) return false;
  if (links_.conduct().is_banned(peer.position())) return false;
  return !links_.to(peer.position()) && !connector_.is_opening(peer);
}

bool Keeper::open(Position position) {
  const PeerId* peer = map_.id_at(position);
  if (!peer || !may_open(*peer) || !open_rate_.take(context_.now)) return false;
  return connector_.open(*peer, false, false) == Error::none;
}

/// Both ends of a missing ring link notice it at the same time. The lower id acts at once, the
/// other one after a while, so that their offers do not cross.
void Keeper::open_ring_links() {
  std::map<Position, TimeMs> missing;
  for (const Position neighbour : ring_neighbours(map_.ring(), context_.self)) {
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

void Keeper::open_long_links(std::size_t enough) {
  for (int draw = 0; draw < draws_max; ++draw) {
    const std::size_t under_way = connector_.outgoing(false);
    if (under_way >= limits::ring_attempts_max) return;
    if (links_.up().size() + std::max(under_way, missing_since_.size()) >= enough) return;
    open(draw_long_link(map_.ring(), context_.self, context_.random));
  }
}

/// Opens what is missing, a few at a time.
void Keeper::mend() {
  mend_at_ = context_.now + limits::ring_interval_ms;
  std::erase_if(backoffs_, [this](const auto& entry) {
    return entry.second.until + limits::backoff_max_ms <= context_.now;
  });
  trim();
  const auto& ring = map_.ring();
  if (ring.size() < 2 || links_.up().empty()) {
    mend_at_ = never;
    return;
  }
  open_ring_links();
  const std::size_t enough = std::min(links_to_open_up_to(ring.size()), ring.size() - 1);
  open_long_links(enough);
  const bool complete = links_.up().size() >= enough && ring_links() <= limits::links_max &&
                        backoffs_.empty() && missing_since_.empty() &&
                        connector_.outgoing(false) == 0;
  if (complete) mend_at_ = never;
}

/// Closes the youngest link that is neither in the ring nor the application's while there are too
/// many: one at a time, and none that is the only way to somebody, so that no part of the network
/// is cut off.
void Keeper::trim() {
  if (ring_links() <= limits::links_max) return;
  std::map<LinkId, Position, std::greater<>> youngest_first;
  for (const auto& [position, id] : links_.up()) {
    const Link& link = *links_.find(id);
    if (!link.application && link.since + trim_after_ms <= context_.now &&
        !is_ring_neighbour(position))
      youngest_first.emplace(id, position);
  }
  for (const auto& [id, position] : youngest_first) {
    if (map_.has_another_way(position)) return links_.close(id, Error::trimmed);
  }
}

// ---- Time ---------------------------------------------------------------------------------------

void Keeper::tick() {
  if (renew_at_ <= context_.now) {
    renew_at_ = never;
    touch_record();
  }
  if (record_due_ <= context_.now) publish_record();
  if (mend_at_ <= context_.now) mend();
}

TimeMs Keeper::next_timeout() const { return std::min({record_due_, renew_at_, mend_at_}); }

}  // namespace membrane
