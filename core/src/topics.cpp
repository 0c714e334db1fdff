#include "topics.h"

#include <algorithm>

#include "arc.h"
#include "list.h"
#include "membrane/limits.h"

namespace membrane {
namespace {

/// How long before the record by which we learn of an origin its messages may have been said.
/// Sequences follow the origin's clock, so this is its own time, whatever ours says.
constexpr std::uint64_t floor_slack_ms = 30'000;
/// How late a message may be forgotten when nothing else happens, and how often origins are looked
/// through: nothing depends on the moment.
constexpr TimeMs forgotten_within_ms = 5'000;
constexpr TimeMs origins_interval_ms = 60'000;

std::size_t bytes_of_origin(const Origin& origin) { return origin.bytes; }
std::size_t names_of_origin(const Origin& origin) { return origin.held; }

}  // namespace

// ---- The store ----------------------------------------------------------------------------------

std::uint64_t Topics::floor_of(Position origin) const {
  if (const auto found = origins_.find(origin); found != origins_.end()) return found->second.floor;
  const std::uint64_t record = map_.sequence_at(origin);
  const std::uint64_t floor = record > floor_slack_ms ? record - floor_slack_ms : 0;
  return map_.is_whole() ? floor : std::max(floor, strangers_floor_);
}

bool Topics::is_known(const Item& item) const {
  return std::binary_search(names_.begin(), names_.end(), item);
}

bool Topics::is_news(const Item& item) const {
  if (is_known(item) || item.sequence <= floor_of(item.origin)) return false;
  return map_.is_whole() || (item.sequence <= context_.now + limits::stranger_slack_ms &&
                             context_.now <= item.sequence + limits::stranger_slack_ms);
}

Topics::Status Topics::status(const PeerId& origin, std::uint64_t sequence) const {
  const Item item{origin.position(), sequence};
  if (is_news(item)) return Status::unknown;
  return is_known(item) ? Status::known : Status::stale;
}

bool Topics::lacks(const Item& item) const { return is_news(item); }

ByteView Topics::find(const Item& item) const {
  const auto found = messages_.find(item);
  return found == messages_.end() ? ByteView{} : ByteView(found->second);
}

std::vector<Item> Topics::items(const Arc& arc) const {
  std::vector<Item> out;
  const auto start = std::lower_bound(names_.begin(), names_.end(), Item{arc.first, 0});
  const auto take = [&](auto from, auto to) {
    for (; from != to && contains(arc, from->origin); ++from) out.push_back(*from);
  };
  take(start, names_.end());
  take(names_.begin(), start);
  return out;
}

Error Topics::accept(const Statement& statement, ByteView encoded) {
  auto body = decode_topic_body(statement.body);
  if (!body) return body.error();
  const Item item{statement.origin.position(), statement.sequence};
  if (map_.is_whole() && (!map_.has_record(statement.origin) || !map_.has_met(item.origin)))
    return Error::unknown_peer;
  if (origins_.size() >= limits::origins_max) make_room_for_origins();
  Origin* origin = origin_at(item.origin);
  if (!origin) return Error::full;
  if (!origin->rate.take(context_.now)) return Error::busy;
  keep(item, encoded, *origin);
  context_.emit(TopicMessage{std::move(body->topic), statement.origin, statement.sequence,
                             std::move(body->payload)});
  return Error::none;
}

// ---- Origins ------------------------------------------------------------------------------------

Origin* Topics::origin_at(Position position) {
  const auto found = origins_.find(position);
  if (found != origins_.end()) return &found->second;
  if (origins_.size() >= limits::origins_max) return nullptr;
  Origin origin(Rate::per_second(2 * limits::messages_per_s, 2 * limits::messages_burst));
  origin.floor = floor_of(position);
  return &origins_.emplace(position, origin).first->second;
}

/// Origins whom nobody knows make room, those not heard of for longest: whoever we met first may
/// have invented them. An eighth of the time at once, so that it is not done for each.
void Topics::make_room_for_origins() {
  TimeMs oldest = context_.now;
  for (const auto& [position, origin] : origins_) {
    if (map_.sequence_at(position) == 0) oldest = std::min(oldest, origin.last_heard);
  }
  forget_origins(oldest + (context_.now - oldest) / 8);
}

/// What they said is below the floor of strangers from then on, as far as that is not ahead of us.
void Topics::forget_origins(TimeMs not_heard_since) {
  for (auto at = origins_.begin(); at != origins_.end();) {
    auto& [position, origin] = *at;
    if (origin.last_heard > not_heard_since || map_.sequence_at(position) != 0) {
      ++at;
      continue;
    }
    while (origin.held > 0) forget(messages_.lower_bound({position, 0}));
    strangers_floor_ = std::max(strangers_floor_, std::min(origin.floor, context_.now));
    at = origins_.erase(at);
  }
}

// ---- Keeping ------------------------------------------------------------------------------------

void Topics::keep(const Item& item, ByteView encoded, Origin& origin) {
  origin.last_heard = context_.now;
  origin.bytes += encoded.size();
  ++origin.held;
  stored_bytes_ += encoded.size();
  messages_.emplace(item, encoded.begin(), encoded.end());
  insert_sorted(names_, item);
  digest_.add(item);
  arrivals_.push_back({item, context_.now});
  while (stored_bytes_ > limits::stored_message_bytes_max) drop_payloads();
  if (messages_.size() > limits::seen_messages_max) drop_names();
}

/// An eighth of what the largest holds: it is not looked for each time. The names stay as seen;
/// only the payloads can no longer be given to others.
void Topics::drop_payloads() {
  const auto largest = heaviest(origins_, bytes_of_origin);
  const std::size_t enough = largest->second.bytes - largest->second.bytes / 8 - 1;
  for (auto at = messages_.lower_bound({largest->first, 0}); largest->second.bytes > enough; ++at) {
    const Bytes dropped = std::exchange(at->second, {});
    largest->second.bytes -= dropped.size();
    stored_bytes_ -= dropped.size();
  }
}

void Topics::drop_names() {
  const auto largest = heaviest(origins_, names_of_origin);
  auto at = messages_.lower_bound({largest->first, 0});
  for (std::size_t count = largest->second.held / 8 + 1; count > 0; --count) at = forget(at);
  if (arrivals_.size() > 2 * limits::seen_messages_max)
    std::erase_if(arrivals_, [this](const Arrival& one) { return !is_known(one.item); });
}

Topics::Messages::iterator Topics::forget(Messages::iterator message) {
  Origin& origin = origins_.at(message->first.origin);
  origin.floor = std::max(origin.floor, message->first.sequence);
  origin.bytes -= message->second.size();
  --origin.held;
  stored_bytes_ -= message->second.size();
  erase_sorted(names_, message->first);
  digest_.remove(message->first);
  return messages_.erase(message);
}

// ---- Publishing ---------------------------------------------------------------------------------

Error Topics::publish(std::string_view topic, ByteView payload) {
  if (!is_topic(topic)) return Error::invalid_argument;
  if (payload.size() > limits::topic_payload_size_max) return Error::oversized;
  if (waiting_.size() >= limits::messages_burst || !own_rate_.take(context_.now))
    return Error::busy;
  const auto number = context_.sign(StatementKind::message, encode_topic_body(topic, payload),
                                    [this](Statement&& statement, ByteView) {
                                      waiting_.push_back(std::move(statement));
                                      if (hooks.record_is_out()) flush();
                                    });
  return number != 0 ? Error::none : Error::busy;
}

void Topics::flush() {
  for (const Statement& statement : std::exchange(waiting_, {})) emit_own(statement);
}

void Topics::emit_own(const Statement& statement) {
  const Bytes encoded = encode_statement(statement);
  Origin* origin = origin_at(context_.self);
  auto body = decode_topic_body(statement.body);
  if (!origin || !body) return context_.reject(Error::full);
  keep({context_.self, statement.sequence}, encoded, *origin);
  hooks.spread(statement, encoded);
  context_.emit(TopicMessage{std::move(body->topic), statement.origin, statement.sequence,
                             std::move(body->payload)});
}

// ---- Newcomers ----------------------------------------------------------------------------------

void Topics::raise_floors(const std::vector<Item>& floors) {
  // Sequences follow the clock: a floor far ahead of it would silence its origin for good.
  const std::uint64_t highest = context_.now + floor_slack_ms;
  for (const Item& item : floors) {
    if (item.origin == context_.self) continue;
    if (Origin* origin = origin_at(item.origin)) {
      origin->floor = std::max(origin->floor, std::min(item.sequence, highest));
      origin->last_heard = context_.now;
    }
  }
}

std::vector<Item> Topics::floors() const {
  std::vector<Item> out;
  for (const auto& [position, origin] : origins_) {
    const auto after = std::upper_bound(names_.begin(), names_.end(), Item{position, varint_max});
    const bool has_one = after != names_.begin() && std::prev(after)->origin == position;
    out.push_back({position, has_one ? std::prev(after)->sequence : origin.floor});
  }
  return out;
}

// ---- Time ---------------------------------------------------------------------------------------

void Topics::tick() {
  std::size_t over = 0;
  for (; over < arrivals_.size() && expires(arrivals_[over]) <= context_.now; ++over) {
    // One that made room is gone already.
    const auto message = messages_.find(arrivals_[over].item);
    if (message != messages_.end()) forget(message);
  }
  arrivals_.erase(arrivals_.begin(), arrivals_.begin() + static_cast<std::ptrdiff_t>(over));
  if (context_.now < origins_swept_ + origins_interval_ms) return;
  origins_swept_ = context_.now;
  // A floor is kept while its origin is known, and for as long as the clock would let it in again.
  const TimeMs kept = 2 * limits::stranger_slack_ms;
  if (context_.now > kept) forget_origins(context_.now - kept);
}

TimeMs Topics::next_timeout() const {
  return arrivals_.empty() ? never : expires(arrivals_.front()) + forgotten_within_ms;
}

}  // namespace membrane
