#include "reconcile.h"

#include <algorithm>

#include "arc.h"
#include "list.h"
#include "membrane/limits.h"

namespace membrane {
namespace {

constexpr std::size_t branches = 8;
/// Others are offered what was missing after this pause, in which more of it comes in.
constexpr TimeMs offer_after_ms = 50;
/// How long a change counts as recent.
constexpr TimeMs busy_ms = 10'000;
constexpr Arc whole_ring{0, ~Position{0}};

/// Of all that a store has.
Digest digest_of(const StatementStore& store) {
  if (const auto known = store.digest()) return *known;
  const std::vector<Item> items = store.items(whole_ring);
  return {items.size(), fingerprint(items)};
}

/// Equal parts of what we have, two at least unless all is of one origin; the parts cover the arc.
std::vector<SummaryRange> split_range(const Arc& arc, const std::vector<Item>& mine) {
  std::vector<SummaryRange> out;
  Position first = arc.first;
  std::size_t from = 0;
  for (std::size_t branch = 1; branch <= branches; ++branch) {
    std::size_t to = mine.size() * branch / branches;
    // One origin's statements stay together, since ranges are stretches of the ring: the cut goes
    // before them, or else behind them.
    const auto cuts = [&](std::size_t at) {
      return at > from && at < mine.size() && mine[at].origin == mine[at - 1].origin;
    };
    std::size_t before = to;
    while (cuts(before)) --before;
    if (before > from)
      to = before;
    else
      while (cuts(to)) ++to;
    if (to <= from && branch < branches) continue;
    const Position last = to < mine.size() ? mine[to].origin - 1 : arc.last;
    const std::vector<Item> part(mine.begin() + static_cast<std::ptrdiff_t>(from),
                                 mine.begin() + static_cast<std::ptrdiff_t>(to));
    out.push_back({{first, last}, part.size(), fingerprint(part), std::nullopt});
    if (to == mine.size()) break;
    first = last + 1;
    from = to;
  }
  return out;
}

}  // namespace

std::uint64_t fingerprint(const std::vector<Item>& items) {
  Digest sum;
  for (const Item& item : items) sum.add(item);
  return sum.fingerprint;
}

void Reconcile::compare(const Link& link, Store kind) {
  const auto [count, sum] = digest_of(broadcast_.store(kind));
  // Most networks have no states. Who has some begins.
  if (kind == Store::states && count == 0) return;
  links_.send(link, Summary{kind, {{whole_ring, count, sum, std::nullopt}}});
}

void Reconcile::compare(const Link& link) {
  if (map_.is_whole()) compare(link, Store::records);
  for (const Store kind : {Store::messages, Store::states}) compare(link, kind);
}

void Reconcile::greet(Link& link) {
  for (const Position position : map_.ring())
    give(link, Store::records, {position, map_.sequence_at(position)});
  // What is under way to everybody was not on its way to whoever comes now.
  Have recent{Store::states, {}};
  for (const Item& item : broadcast_.store(Store::states).items(whole_ring)) {
    if (is_under_way(item) && recent.items.size() < want_items_max) recent.items.push_back(item);
  }
  if (!recent.items.empty()) links_.send(link, recent);
  compare(link, Store::states);
}

void Reconcile::push_own_record(Link& link) {
  give(link, Store::records, {context_.self, map_.sequence_at(context_.self)});
}

/// What was said this moment is still on its way to everybody.
bool Reconcile::is_under_way(const Item& item) const {
  return item.sequence <= context_.now + limits::spreading_ms &&
         context_.now < item.sequence + limits::spreading_ms;
}

/// Beyond a message's worth the rest is found in a later round.
void Reconcile::add(Have& have, const Item& item) const {
  if (!is_under_way(item) && have.items.size() < want_items_max) have.items.push_back(item);
}

void Reconcile::give(Link& link, Store kind, const Item& item) {
  const StatementStore& store = broadcast_.store(kind);
  const ByteView held = store.find(item);
  if (held.empty()) return;
  const std::uint64_t kibibytes = held.size() / limits::kibibyte + 1;
  if (!link.pushes.take(context_.now, kibibytes)) return;  // a later round finds it missing still
  links_.send(link, Push{Bytes(held.begin(), held.end()), store.age_ms(item)});
}

void Reconcile::receive(Link& link, const Summary& summary) {
  if (!link.summaries.take(context_.now)) return context_.reject(Error::busy);
  if (summary.store == Store::records && !map_.is_whole()) return;  // theirs is of no use to us
  Summary reply{summary.store, {}};
  Have have{summary.store, {}};
  Want want{summary.store, {}};
  for (const SummaryRange& range : summary.ranges)
    answer_range(summary.store, range, reply, have, want);
  // A range goes by its clockwise order; on the wire names ascend.
  sort_ascending(have.items);
  if (!have.items.empty()) links_.send(link, have);
  if (!want.items.empty()) links_.send(link, want);
  if (!reply.ranges.empty()) links_.send(link, reply);
}

void Reconcile::answer_range(Store kind, const SummaryRange& theirs, Summary& reply, Have& have,
                             Want& want) {
  const StatementStore& store = broadcast_.store(kind);
  const bool compares_all = theirs.arc == whole_ring && !theirs.items;
  if (compares_all && digest_of(store) == Digest{theirs.count, theirs.fingerprint}) return;
  const auto mine = store.items(theirs.arc);
  if (theirs.items) return answer_items(kind, theirs, mine, have, want);
  if (mine.size() == theirs.count && fingerprint(mine) == theirs.fingerprint) return;
  if (theirs.count == 0) {
    for (const Item& item : mine) add(have, item);
    return;
  }
  if (reply.ranges.size() + branches > summary_ranges_max) return;  // the next round finds it
  // One origin with very many messages cannot be split further: then the newest are compared.
  const bool one_origin = !mine.empty() && mine.front().origin == mine.back().origin;
  if (mine.size() <= summary_items_max || one_origin) {
    const std::size_t skip = mine.size() > summary_items_max ? mine.size() - summary_items_max : 0;
    std::vector<Item> newest(mine.begin() + static_cast<std::ptrdiff_t>(skip), mine.end());
    reply.ranges.push_back({theirs.arc, newest.size(), 0, std::move(newest)});
    return;
  }
  for (SummaryRange& range : split_range(theirs.arc, mine))
    reply.ranges.push_back(std::move(range));
}

void Reconcile::answer_items(Store kind, const SummaryRange& theirs, const std::vector<Item>& mine,
                             Have& have, Want& want) {
  const StatementStore& store = broadcast_.store(kind);
  for (const Item& item : *theirs.items) {
    if (store.lacks(item) && !is_under_way(item) && want.items.size() < want_items_max)
      want.items.push_back(item);
  }
  const std::vector<Item>& known = *theirs.items;
  for (const Item& item : mine) {
    if (std::binary_search(known.begin(), known.end(), item)) continue;
    // Of records only the newest counts: theirs may be newer than ours.
    const auto after = std::upper_bound(known.begin(), known.end(), item);
    const bool superseded =
        kind == Store::records && after != known.end() && after->origin == item.origin;
    if (!superseded) add(have, item);
  }
}

void Reconcile::receive(Link& link, const Have& have) {
  if (!link.summaries.take(context_.now)) return context_.reject(Error::busy);
  if (have.store == Store::records && !map_.is_whole()) return;  // as above
  const StatementStore& store = broadcast_.store(have.store);
  Want want{have.store, {}};
  for (const Item& item : have.items) {
    if (store.lacks(item)) want.items.push_back(item);
  }
  if (!want.items.empty()) links_.send(link, want);
}

void Reconcile::receive(Link& link, const Want& want) {
  if (!link.summaries.take(context_.now)) return context_.reject(Error::busy);
  for (const Item& item : want.items) give(link, want.store, item);
}

void Reconcile::came() {
  busy_until_ = context_.now + busy_ms;
  next_ = std::min(next_, context_.now + interval_ms());
}

void Reconcile::pulled(Store kind, const Item& item) {
  if (kind == Store::records && !map_.is_whole()) return;  // a neighbour's own, nobody else's news
  expect_losses();
  // What does not fit into one message is found by comparing.
  std::vector<Item>& found = found_[static_cast<std::size_t>(kind)];
  if (found.size() < want_items_max) insert_sorted(found, item);
  if (offer_at_ == 0) offer_at_ = context_.now + offer_after_ms;
}

void Reconcile::offer_found() {
  offer_at_ = 0;
  for (const Store kind : {Store::records, Store::messages, Store::states}) {
    const Have have{kind, std::exchange(found_[static_cast<std::size_t>(kind)], {})};
    if (have.items.empty()) continue;
    for (const auto& [position, id] : links_.up()) {
      const Link& link = *links_.find(id);
      if (link.is_usable()) links_.send(link, have);
    }
  }
}

void Reconcile::expect_losses() {
  losing_until_ = context_.now + busy_ms;
  next_ = std::min(next_, context_.now + interval_ms());
}

/// Where nothing is lost a comparison says so, and costs the more the more statements are on their
/// way at any moment.
TimeMs Reconcile::interval_ms() const {
  if (context_.now < losing_until_) return limits::reconcile_soon_ms;
  if (context_.now >= busy_until_) return limits::reconcile_idle_ms;
  return std::clamp<TimeMs>(map_.estimate() * limits::reconcile_per_peer_ms,
                            limits::reconcile_soon_ms, limits::reconcile_idle_ms);
}

/// The neighbour clockwise, the one counter-clockwise and one by chance take turns; of those that
/// answer.
const Link* Reconcile::next_neighbour() {
  std::vector<const Link*> ring;
  for (const auto& [position, id] : links_.up()) {
    const Link* link = links_.find(id);
    if (link->is_usable()) ring.push_back(link);
  }
  if (ring.empty()) return nullptr;
  const auto above = std::find_if(ring.begin(), ring.end(), [this](const Link* link) {
    return link->peer->position() > context_.self;
  });
  const auto at = static_cast<std::size_t>(above - ring.begin());
  const std::size_t offset = turn_ == 0 ? 0
                             : turn_ == 1
                                 ? ring.size() - 1
                                 : static_cast<std::size_t>(context_.random.below(ring.size()));
  turn_ = (turn_ + 1) % 3;
  return ring[(at + offset) % ring.size()];
}

void Reconcile::tick() {
  if (offer_at_ != 0 && offer_at_ <= context_.now) offer_found();
  if (next_ > context_.now) return;
  next_ = context_.now + interval_ms();
  if (const Link* link = next_neighbour()) compare(*link);
}

TimeMs Reconcile::next_timeout() const {
  if (links_.up().empty()) return never;
  // Due since before there was a link is due now, not late.
  const TimeMs next = std::max(next_, context_.now);
  return offer_at_ != 0 ? std::min(offer_at_, next) : next;
}

}  // namespace membrane
