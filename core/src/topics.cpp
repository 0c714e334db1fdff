#include "topics.h"

#include <algorithm>

#include "arc.h"
#include "membrane/limits.h"

namespace membrane {
namespace {

/// How long before the record by which we learn of an origin its messages may have been said.
/// Sequences follow the origin's clock, so this is its own time, whatever ours says.
constexpr std::uint64_t floor_slack_ms = 30'000;

}  // namespace

// ---- The store ----------------------------------------------------------------------------------

std::uint64_t Topics::floor_of(Position origin) const {
  if (const auto found = origins_.find(origin); found != origins_.end()) return found->second.floor;
  const std::uint64_t record = map_.sequence_at(origin);
  return record > floor_slack_ms ? record - floor_slack_ms : 0;
}

Topics::Status Topics::status(const PeerId& origin, std::uint64_t sequence) const {
  const Item item{origin.position(), sequence};
  if (messages_.contains(item)) return Status::known;
  return sequence <= floor_of(item.origin) ? Status::stale : Status::unknown;
}

bool Topics::lacks(const Item& item) const {
  return !messages_.contains(item) && item.sequence > floor_of(item.origin);
}

ByteView Topics::find(const Item& item) const {
  const auto found = messages_.find(item);
  return found == messages_.end() ? ByteView{} : ByteView(found->second);
}

std::vector<Item> Topics::items(const Arc& arc) const {
  std::vector<Item> out;
  const auto start = messages_.lower_bound({arc.first, 0});
  const auto take = [&](auto from, auto to) {
    for (; from != to && contains(arc, from->first.origin); ++from) out.push_back(from->first);
  };
  take(start, messages_.end());
  take(messages_.begin(), start);
  return out;
}

Topics::Origin* Topics::origin_at(Position position) {
  const auto found = origins_.find(position);
  if (found != origins_.end()) return &found->second;
  if (origins_.size() >= limits::origins_max) return nullptr;
  Origin origin;
  origin.floor = floor_of(position);
  return &origins_.emplace(position, origin).first->second;
}

Error Topics::accept(const Statement& statement, ByteView encoded) {
  auto body = decode_topic_body(statement.body);
  if (!body) return body.error();
  const Item item{statement.origin.position(), statement.sequence};
  if (map_.is_whole() && (!map_.record_of(statement.origin) || !map_.has_met(item.origin)))
    return Error::unknown_peer;
  if (origins_.size() >= limits::origins_max) forget_strangers();
  Origin* origin = origin_at(item.origin);
  if (!origin) return Error::full;
  if (!origin->rate.take(context_.now)) return Error::busy;
  keep(item, encoded, *origin);
  context_.emit(TopicMessage{std::move(body->topic), statement.origin, statement.sequence,
                             std::move(body->payload)});
  return Error::none;
}

/// Floors of somebody whom nobody knows make room: whoever we met first may have invented them.
void Topics::forget_strangers() {
  std::erase_if(origins_, [this](const auto& entry) {
    return entry.second.held == 0 && map_.sequence_at(entry.first) == 0;
  });
}

void Topics::keep(const Item& item, ByteView encoded, Origin& origin) {
  origin.last_heard = context_.now;
  ++origin.held;
  stored_bytes_ += encoded.size();
  messages_.emplace(item, Bytes(encoded.begin(), encoded.end()));
  by_age_.push_back({context_.now, item});
  stored_by_age_.push_back({context_.now, item});
  while (stored_bytes_ > limits::stored_message_bytes_max) {
    // The name stays as seen; only the payload can no longer be given to others.
    const auto oldest = messages_.find(stored_by_age_.front().item);
    stored_by_age_.pop_front();
    if (oldest == messages_.end()) continue;
    stored_bytes_ -= oldest->second.size();
    oldest->second = Bytes();
  }
  if (messages_.size() > limits::seen_messages_max) forget_oldest();
}

void Topics::forget_oldest() {
  const Item item = by_age_.front().item;
  by_age_.pop_front();
  const auto found = messages_.find(item);
  stored_bytes_ -= found->second.size();
  messages_.erase(found);
  while (!stored_by_age_.empty() && !messages_.contains(stored_by_age_.front().item))
    stored_by_age_.pop_front();
  Origin& origin = origins_.at(item.origin);
  --origin.held;
  origin.floor = std::max(origin.floor, item.sequence);
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
    const auto after = messages_.upper_bound({position, varint_max});
    const bool has_one = after != messages_.begin() && std::prev(after)->first.origin == position;
    out.push_back({position, has_one ? std::prev(after)->first.sequence : origin.floor});
  }
  return out;
}

// ---- Time ---------------------------------------------------------------------------------------

void Topics::tick() {
  if (by_age_.empty() || by_age_.front().since + limits::message_kept_ms > context_.now) return;
  while (!by_age_.empty() && by_age_.front().since + limits::message_kept_ms <= context_.now)
    forget_oldest();
  // An origin's floor is kept while its peer is known, and for as long again as a message would be.
  std::erase_if(origins_, [this](const auto& entry) {
    const auto& [position, origin] = entry;
    return origin.held == 0 && origin.last_heard + 2 * limits::message_kept_ms <= context_.now &&
           map_.sequence_at(position) == 0;
  });
}

TimeMs Topics::next_timeout() const {
  return by_age_.empty() ? never : by_age_.front().since + limits::message_kept_ms;
}

}  // namespace membrane
