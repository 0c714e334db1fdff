#include "reconcile.h"

#include <algorithm>

#include "arc.h"
#include "membrane/limits.h"

namespace membrane {
namespace {

constexpr std::size_t branches = 8;
/// Others hear of what was missing after this pause, in which more of it comes in.
constexpr TimeMs everyone_after_ms = 50;
/// How long a change counts as recent.
constexpr TimeMs busy_ms = 10'000;
constexpr Arc whole_ring{0, ~Position{0}};

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

/// Equal parts of what we have; the parts cover the arc.
std::vector<SummaryRange> split_range(const Arc& arc, const std::vector<Item>& mine) {
  std::vector<SummaryRange> out;
  Position first = arc.first;
  std::size_t from = 0;
  for (std::size_t branch = 1; branch <= branches; ++branch) {
    std::size_t to = mine.size() * branch / branches;
    // One origin's statements stay together, since ranges are stretches of the ring.
    while (to > from && to < mine.size() && mine[to].origin == mine[to - 1].origin) ++to;
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
  std::uint64_t sum = 0;
  for (const Item& item : items) sum += mix(item.origin ^ mix(item.sequence));
  return sum;
}

void Reconcile::compare(const Link& link, Store kind) {
  const auto items = broadcast_.store(kind).items(whole_ring);
  // Most networks have no states. Who has some begins.
  if (kind == Store::states && items.empty()) return;
  links_.send(link, Summary{kind, {{whole_ring, items.size(), fingerprint(items), std::nullopt}}});
}

void Reconcile::compare(const Link& link) {
  for (const Store kind : {Store::records, Store::messages, Store::states}) compare(link, kind);
}

void Reconcile::push_records(Link& link) {
  for (const Item& item : broadcast_.store(Store::records).items(whole_ring))
    push(link, Store::records, item);
}

void Reconcile::push(Link& link, Store kind, const Item& item) {
  const StatementStore& store = broadcast_.store(kind);
  const ByteView held = store.find(item);
  if (held.empty()) return;
  const std::uint64_t kibibytes = held.size() / limits::kibibyte + 1;
  if (!link.pushes.take(context_.now, kibibytes)) return;  // a later round finds it missing still
  links_.send(link, Push{Bytes(held.begin(), held.end()), store.age_ms(item)});
}

void Reconcile::receive(Link& link, const Summary& summary) {
  if (!link.summaries.take(context_.now)) return context_.reject(Error::busy);
  Summary reply{summary.store, {}};
  Want want{summary.store, {}};
  for (const SummaryRange& range : summary.ranges)
    answer_range(link, summary.store, range, reply, want);
  if (!want.items.empty()) links_.send(link, want);
  if (!reply.ranges.empty()) links_.send(link, reply);
}

void Reconcile::answer_range(Link& link, Store kind, const SummaryRange& theirs, Summary& reply,
                             Want& want) {
  const auto mine = broadcast_.store(kind).items(theirs.arc);
  if (theirs.items) return answer_items(link, kind, theirs, mine, want);
  if (mine.size() == theirs.count && fingerprint(mine) == theirs.fingerprint) return;
  if (theirs.count == 0) {
    for (const Item& item : mine) push(link, kind, item);
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

void Reconcile::answer_items(Link& link, Store kind, const SummaryRange& theirs,
                             const std::vector<Item>& mine, Want& want) {
  const StatementStore& store = broadcast_.store(kind);
  for (const Item& item : *theirs.items) {
    if (store.lacks(item) && want.items.size() < want_items_max) want.items.push_back(item);
  }
  const std::vector<Item>& known = *theirs.items;
  for (const Item& item : mine) {
    if (std::binary_search(known.begin(), known.end(), item)) continue;
    // Of records only the newest counts: theirs may be newer than ours.
    const auto after = std::upper_bound(known.begin(), known.end(), item);
    const bool superseded =
        kind == Store::records && after != known.end() && after->origin == item.origin;
    if (!superseded) push(link, kind, item);
  }
}

void Reconcile::receive(Link& link, const Want& want) {
  if (!link.summaries.take(context_.now)) return context_.reject(Error::busy);
  for (const Item& item : want.items) push(link, want.store, item);
}

void Reconcile::note(bool pulled) {
  busy_until_ = context_.now + busy_ms;
  next_ = std::min(next_, context_.now + limits::reconcile_soon_ms);
  if (pulled && everyone_at_ == 0) everyone_at_ = context_.now + everyone_after_ms;
}

/// The neighbour clockwise and the one counter-clockwise take turns.
const Link* Reconcile::next_neighbour() {
  const auto& up = links_.up();
  if (up.empty()) return nullptr;
  clockwise_next_ = !clockwise_next_;
  auto found = up.upper_bound(context_.self);
  if (clockwise_next_) {
    if (found == up.end()) found = up.begin();
  } else {
    found = found == up.begin() ? std::prev(up.end()) : std::prev(found);
  }
  return links_.find(found->second);
}

void Reconcile::tick() {
  if (everyone_at_ != 0 && everyone_at_ <= context_.now) {
    everyone_at_ = 0;
    for (const auto& [position, id] : links_.up()) compare(*links_.find(id));
  }
  if (next_ > context_.now) return;
  const bool busy = busy_until_ > context_.now;
  next_ = context_.now + (busy ? limits::reconcile_soon_ms : limits::reconcile_idle_ms);
  if (const Link* link = next_neighbour()) compare(*link);
}

TimeMs Reconcile::next_timeout() const {
  if (links_.up().empty()) return never;
  // Due since before there was a link is due now, not late.
  const TimeMs next = std::max(next_, context_.now);
  return everyone_at_ != 0 ? std::min(everyone_at_, next) : next;
}

}  // namespace membrane
