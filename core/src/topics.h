#pragma once

#include "callback.h"
#include "context.h"
#include "map.h"
#include "origins.h"
#include "rate.h"
#include "store.h"
#include "table.h"

namespace membrane {

/// Topic messages: published by us, delivered once from others, kept for a while for those who
/// missed them.
///
/// (origin, sequence) names a message. What was delivered is remembered for
/// limits::message_kept_ms; then the origin's floor rises over it, and nothing at or below a floor
/// is ever delivered again. An origin whose record is new to us starts with a floor shortly before
/// that record, so that old messages cannot be played back to a newcomer. One that has a record but
/// was never in the map is not listened to: whoever left could be played back with its record.
///
/// Without a whole map most origins are in no map of ours. There the clock decides: a message is
/// taken when its sequence is within limits::stranger_slack_ms of it, and a floor is kept for twice
/// as long (docs/decisions/0013).
///
/// limits::seen_messages_max and stored_message_bytes_max bound what is kept. What is over is taken
/// from the origin that holds most, its oldest first.
class Topics : public StatementStore {
 public:
  Topics(Context& context, Map& map) : context_(context), map_(map) {}

  struct Hooks {
    Callback<void(const Statement&, ByteView encoded)> spread;
    Callback<bool()> record_is_out;  ///< whether others can know us yet
  };
  Hooks hooks;

  Status status(const PeerId& origin, std::uint64_t sequence) const override;
  Error accept(const Statement& statement, ByteView encoded) override;
  ByteView find(const Item& item) const override;
  std::vector<Item> items(const Arc& arc) const override;
  std::optional<Digest> digest() const override { return digest_; }
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
  /// As encoded; empty when there was no room for it any more.
  using Messages = Table<Item, Bytes>;
  struct Arrival {
    Item item;
    TimeMs at = 0;
  };
  static TimeMs expires(const Arrival& arrival) { return arrival.at + limits::message_kept_ms; }

  std::uint64_t floor_of(Position origin) const;
  bool is_known(const Item& item) const;
  bool is_news(const Item& item) const;
  Origin* origin_at(Position origin);
  void make_room_for_origins();
  void forget_origins(TimeMs not_heard_since);
  void keep(const Item& item, ByteView encoded, Origin& origin);
  void drop_payloads();
  void drop_names();
  Messages::iterator forget(Messages::iterator message);
  void emit_own(const Statement& statement);

  Context& context_;
  Map& map_;
  Origins origins_;
  Messages messages_;
  std::size_t stored_bytes_ = 0;
  std::vector<Item> names_;        ///< of all of them, ascending: gone through all the time
  Digest digest_;                  ///< of the names
  std::vector<Arrival> arrivals_;  ///< of them, the oldest first; some may be forgotten already
  TimeMs origins_swept_ = 0;
  std::uint64_t strangers_floor_ = 0;  ///< of origins without a floor of their own
  std::vector<Statement> waiting_;
  Rate own_rate_ = Rate::per_second(limits::messages_per_s, limits::messages_burst);
};

}  // namespace membrane
