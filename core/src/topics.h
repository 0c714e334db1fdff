#pragma once

#include <deque>
#include <functional>
#include <map>

#include "context.h"
#include "map.h"
#include "rate.h"
#include "store.h"

namespace membrane {

/// Topic messages: published by us, delivered once from others, kept for a while for those who
/// missed them.
///
/// (origin, sequence) names a message. What was delivered is remembered for
/// limits::message_kept_ms; then the origin's floor rises over it, and nothing at or below a floor
/// is ever delivered again. An origin whose record is new to us starts with a floor shortly before
/// that record, so that old messages cannot be played back to a newcomer. One that has a record but
/// was never in the map is not listened to: whoever left could be played back with its record.
class Topics : public StatementStore {
 public:
  Topics(Context& context, Map& map) : context_(context), map_(map) {}

  struct Hooks {
    std::function<void(const Statement&, ByteView encoded)> spread;
    std::function<bool()> record_is_out;  ///< whether others can know us yet
  };
  Hooks hooks;

  Status status(const PeerId& origin, std::uint64_t sequence) const override;
  Error accept(const Statement& statement, ByteView encoded) override;
  ByteView find(const Item& item) const override;
  std::vector<Item> items(const Arc& arc) const override;
  bool lacks(const Item& item) const override;

  /// Errors: oversized, invalid_argument, busy.
  Error publish(std::string_view topic, ByteView payload);
  /// Our record is out: what waited for it goes now.
  void flush();

  /// To a node that has just come: nothing up to here concerns it.
  void raise_floors(const std::vector<Item>& floors);
  /// The highest sequence seen of each origin heard of lately.
  std::vector<Item> floors() const;

  std::size_t size() const { return messages_.size(); }
  std::size_t waiting() const { return waiting_.size(); }

  void tick();
  TimeMs next_timeout() const;

 private:
  struct Origin {
    std::uint64_t floor = 0;
    std::size_t held = 0;
    TimeMs last_heard = 0;
    Rate rate = Rate::per_second(2 * limits::messages_per_s, 2 * limits::messages_burst);
  };

  struct Aged {
    TimeMs since;
    Item item;
  };

  std::uint64_t floor_of(Position origin) const;
  Origin* origin_at(Position origin);
  void forget_strangers();
  void keep(const Item& item, ByteView encoded, Origin& origin);
  void forget_oldest();
  void emit_own(const Statement& statement);

  Context& context_;
  Map& map_;
  std::map<Position, Origin> origins_;
  std::map<Item, Bytes> messages_;
  std::deque<Aged> by_age_;         ///< all, oldest first
  std::deque<Aged> stored_by_age_;  ///< those whose payload is kept, oldest first
  std::size_t stored_bytes_ = 0;
  std::vector<Statement> waiting_;
  Rate own_rate_ = Rate::per_second(limits::messages_per_s, limits::messages_burst);
};

}  // namespace membrane
