#include "states.h"

#include <algorithm>

#include "arc.h"
#include "membrane/limits.h"

namespace membrane {
namespace {

/// What is due is looked for at most this often: nothing depends on the moment.
constexpr TimeMs sweep_interval_ms = 1'000;

std::size_t size_of(const StateBody& body) {
  return limits::state_entry_size + body.topic.size() + body.key.size() + body.value.size();
}

std::size_t weight(const Origin& origin) {
  return origin.bytes + (origin.is_stranger ? limits::state_bytes_max : 0);
}

}  // namespace

// ---- The store ----------------------------------------------------------------------------------

States::Status States::status(const PeerId& origin, std::uint64_t sequence) const {
  return lacks({origin.position(), sequence}) ? Status::unknown : Status::known;
}

ByteView States::find(const Item& item) const {
  const auto found = values_.find(item);
  return found == values_.end() ? ByteView{} : ByteView(found->second.encoded);
}

std::uint64_t States::age_ms(const Item& item) const {
  const auto found = values_.find(item);
  return found == values_.end() ? 0 : context_.now - found->second.said;
}

/// What others would take: nothing else is offered to them, again and again.
std::vector<Item> States::items(const Arc& arc) const {
  std::vector<Item> out;
  const auto start = values_.lower_bound({arc.first, 0});
  const auto take = [&](auto from, auto to) {
    for (; from != to && contains(arc, from->first.origin); ++from) {
      const auto& [item, value] = *from;
      const bool is_held = !value.encoded.empty() && value.expires() > context_.now;
      if (is_held && is_timely(item, value.body.lifetime_s * 1'000)) out.push_back(item);
    }
  };
  take(start, values_.end());
  take(values_.begin(), start);
  return out;
}

/// Whether a value may be alive, whatever is said about its age: by the clock of its origin, which
/// its record shows if it is in the map, else by ours.
bool States::is_timely(const Item& item, TimeMs lifetime_ms) const {
  const std::uint64_t over = item.sequence + lifetime_ms;
  if (map_.has_met(item.origin)) return over >= map_.sequence_at(item.origin);
  return over + limits::stranger_slack_ms >= context_.now &&
         item.sequence <= context_.now + limits::stranger_slack_ms;
}

Error States::accept(const Statement& statement, ByteView encoded) {
  auto body = decode_state_body(statement.body);
  if (!body) return body.error();
  body->lifetime_s = std::min(body->lifetime_s, limits::state_lifetime_max_s);
  const TimeMs lifetime_ms = body->lifetime_s * 1'000;
  const Item item{statement.origin.position(), statement.sequence};
  if (statement.age_ms >= lifetime_ms || !is_timely(item, lifetime_ms)) return Error::stale;
  if (const auto held = find_key(item.origin, body->topic, body->key); held != values_.end()) {
    if (item.sequence < held->first.sequence) return Error::stale;
    if (held->second.ours) {
      // From our last life, when our clock was ahead: what we set in this one is said above it.
      context_.sequence = std::max(context_.sequence, item.sequence);
      held->second.said = 0;
      wake_at(context_.now);
      return Error::stale;
    }
  }
  const auto origin = origins_.find(item.origin);
  if (origin != origins_.end() && !origin->second.rate.take(context_.now)) return Error::busy;
  Value value{statement.origin, std::move(*body), {encoded.begin(), encoded.end()}};
  value.said = context_.now - statement.age_ms;
  return keep(item, std::move(value));
}

States::Values::iterator States::find_key(Position origin, std::string_view topic,
                                          std::string_view key) {
  auto at = values_.lower_bound({origin, 0});
  for (; at != values_.end() && at->first.origin == origin; ++at) {
    if (at->second.body.topic == topic && at->second.body.key == key) return at;
  }
  return values_.end();
}

// ---- Keeping ------------------------------------------------------------------------------------

/// Puts a value in the place of the one that its key has.
Error States::keep(const Item& item, Value&& value) {
  Bytes before;
  const std::size_t size = size_of(value.body);
  charge(item.origin, size);
  value.forget = value.expires();
  if (const auto old = find_key(item.origin, value.body.topic, value.body.key);
      old != values_.end()) {
    value.forget = std::max(value.forget, old->second.forget);
    before = std::move(old->second.body.value);
    remove(old);
  }
  const bool has_room = make_room(item);
  if (!has_room) {
    discharge(item.origin, size);
    value.body.value.clear();
  }
  if (before != value.body.value) tell(item, value);
  if (!has_room) return Error::full;
  wake_at(value.is_renewed() ? value.renewal() : value.expires());
  values_.emplace(item, std::move(value));
  return Error::none;
}

/// Room for one that is charged already is taken from whoever has most; there is none when that is
/// its own origin and has nothing older.
bool States::make_room(const Item& item) {
  while (bytes_ > limits::state_bytes_max ||
         origins_.at(item.origin).held > 2 * limits::state_keys_max) {
    const bool is_full = bytes_ > limits::state_bytes_max;
    const Position most = is_full ? heaviest(origins_, weight)->first : item.origin;
    const auto oldest = values_.lower_bound({most, 0});
    const bool is_there = oldest != values_.end() && oldest->first.origin == most;
    if (!is_there || (most == item.origin && item < oldest->first)) return false;
    fade(oldest->first, oldest->second);
    remove(oldest);
  }
  return true;
}

void States::charge(Position position, std::size_t size) {
  const Rate tolerated = Rate::per_second(2 * limits::states_per_s, 2 * limits::states_burst);
  Origin& origin = origins_.emplace(position, tolerated).first->second;
  origin.is_stranger = !map_.has_met(position);
  origin.bytes += size;
  ++origin.held;
  bytes_ += size;
}

void States::discharge(Position position, std::size_t size) {
  const auto origin = origins_.find(position);
  origin->second.bytes -= size;
  bytes_ -= size;
  if (--origin->second.held == 0) origins_.erase(origin);
}

void States::remove(Values::iterator at) {
  discharge(at->first.origin, size_of(at->second.body));
  values_.erase(at);
}

/// The value goes, its name stays.
void States::fade(const Item& item, Value& value) {
  const Bytes before = std::exchange(value.body.value, {});
  value.encoded = Bytes();  // `{}` would keep its memory
  origins_.at(item.origin).bytes -= before.size();
  bytes_ -= before.size();
  if (!before.empty()) tell(item, value);
}

void States::tell(const Item& item, const Value& value) { context_.emit(state_value(item, value)); }

// ---- Ours ---------------------------------------------------------------------------------------

Error States::set(std::string_view topic, std::string_view key, ByteView value,
                  std::uint64_t lifetime_s) {
  const bool is_valid = is_topic(topic) && key.size() <= limits::state_key_size_max &&
                        is_utf8(bytes_of(key)) && lifetime_s >= limits::state_lifetime_min_s &&
                        lifetime_s <= limits::state_lifetime_max_s;
  if (!is_valid) return Error::invalid_argument;
  if (value.size() > limits::state_value_size_max) return Error::oversized;
  const auto held = find_key(context_.self, topic, key);
  const bool is_new = held == values_.end() || !held->second.ours;
  if (is_new && count_ours() >= limits::state_keys_max) return Error::busy;
  // What takes a value back must not be forgotten before the value is.
  if (value.empty() && held != values_.end()) {
    const TimeMs left = held->second.forget - std::min(held->second.forget, context_.now);
    lifetime_s = std::clamp(left / 1'000 + 1, lifetime_s, limits::state_lifetime_max_s);
  }
  if (!own_rate_.take(context_.now)) return Error::busy;
  return say({std::string(topic), std::string(key), lifetime_s, {value.begin(), value.end()}});
}

std::size_t States::count_ours() const {
  std::size_t count = 0;
  auto at = values_.lower_bound({context_.self, 0});
  for (; at != values_.end() && at->first.origin == context_.self; ++at) count += at->second.ours;
  return count;
}

Error States::say(StateBody&& body) {
  const auto number =
      context_.sign(StatementKind::state, encode_state_body(body),
                    [this](Statement&& statement, ByteView encoded) {
                      const auto held = values_.find({context_.self, statement.sequence});
                      if (held == values_.end()) return;  // replaced while it was being signed
                      held->second.encoded.assign(encoded.begin(), encoded.end());
                      hooks.spread(statement, encoded);
                    });
  if (number == 0) return Error::busy;
  Value value{context_.config.id, std::move(body), {}};
  value.said = context_.now;
  value.ours = true;
  return keep({context_.self, number}, std::move(value));
}

void States::renew(const Item& item) {
  if (!own_rate_.take(context_.now)) return wake_at(own_rate_.ready_at(context_.now));
  if (say(StateBody(values_.at(item).body)) != Error::none) wake_at(context_.now);
}

// ---- Looking at it ------------------------------------------------------------------------------

StateValue States::state_value(const Item& item, const Value& value) {
  const StateBody& body = value.body;
  return {body.topic, body.key, value.origin, item.sequence, body.value, !body.value.empty()};
}

std::vector<StateValue> States::values(std::string_view topic) const {
  std::vector<StateValue> out;
  for (const auto& [item, value] : values_) {
    if (value.body.topic == topic && !value.body.value.empty())
      out.push_back(state_value(item, value));
  }
  return out;
}

// ---- Time ---------------------------------------------------------------------------------------

void States::wake_at(TimeMs at) {
  next_ = std::min(next_, std::max(at, swept_ + sweep_interval_ms));
}

void States::tick() {
  if (next_ > context_.now) return;
  next_ = never;
  swept_ = context_.now;
  std::vector<Item> to_renew;
  for (auto at = values_.begin(); at != values_.end();) {
    const auto current = at++;
    auto& [item, value] = *current;
    if (value.is_renewed()) {
      if (value.renewal() <= context_.now)
        to_renew.push_back(item);
      else
        wake_at(value.renewal());
      continue;
    }
    const bool is_over = value.expires() <= context_.now;
    if (is_over) fade(item, value);
    if (value.forget <= context_.now)
      remove(current);
    else
      wake_at(is_over ? value.forget : value.expires());
  }
  for (const Item& item : to_renew) renew(item);
}

}  // namespace membrane
