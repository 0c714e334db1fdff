#pragma once

#include "callback.h"
#include "context.h"
#include "map.h"
#include "origins.h"
#include "rate.h"
#include "store.h"
#include "table.h"

namespace membrane {

/// State topics: of each origin and key the newest value, kept by everybody until its lifetime is
/// over and reconciled like all statements, so that whoever comes later has it too.
///
/// A lifetime counts from when the value was said: whoever hands one on adds how old it is, so that
/// it ends everywhere at about the same moment. That is only a word, so the sequence bounds it: a
/// value is not taken when its lifetime is over by its origin's own clock, which the origin's
/// record shows, or by ours when the origin is not in the map (docs/decisions/0012). The name of a
/// value that was replaced or is over is remembered as long as any older one of its key could live,
/// so that none comes back.
///
/// Bounds: limits::state_keys_max keys of us, twice that of another origin, state_bytes_max in all.
/// What is over is taken from whoever holds most, those who are not in the map first.
class States : public StatementStore {
 public:
  States(Context& context, Map& map) : context_(context), map_(map) {}

  struct Hooks {
    Callback<void(const Statement&, ByteView encoded)> spread;
  };
  Hooks hooks;

  Status status(const PeerId& origin, std::uint64_t sequence) const override;
  Error accept(const Statement& statement, ByteView encoded) override;
  ByteView find(const Item& item) const override;
  std::vector<Item> items(const Arc& arc) const override;
  bool lacks(const Item& item) const override { return !values_.contains(item); }
  std::uint64_t age_ms(const Item& item) const override;

  /// Errors: oversized, invalid_argument, busy, full.
  Error set(std::string_view topic, std::string_view key, ByteView value, std::uint64_t lifetime_s);
  std::vector<StateValue> values(std::string_view topic) const;
  std::size_t size() const { return values_.size(); }

  void tick();
  TimeMs next_timeout() const { return next_; }

 private:
  struct Value {
    PeerId origin;
    StateBody body;     ///< without its value once its lifetime is over
    Bytes encoded;      ///< empty while we sign it, and once its lifetime is over
    TimeMs said = 0;    ///< by our clock
    TimeMs forget = 0;  ///< when no older value of its key can live any more
    bool ours = false;  ///< set in this life: to be renewed

    TimeMs expires() const { return said + body.lifetime_s * 1'000; }
    TimeMs renewal() const { return said + body.lifetime_s * 500; }
    bool is_renewed() const { return ours && !body.value.empty(); }
  };
  using Values = Table<Item, Value>;

  bool is_timely(const Item& item, TimeMs lifetime_ms) const;
  Values::iterator find_key(Position origin, std::string_view topic, std::string_view key);
  Error say(StateBody&& body);
  Error keep(const Item& item, Value&& value);
  bool make_room(const Item& item);
  void charge(Position origin, std::size_t size);
  void discharge(Position origin, std::size_t size);
  void remove(Values::iterator at);
  void fade(const Item& item, Value& value);
  void tell(const Item& item, const Value& value);
  static StateValue state_value(const Item& item, const Value& value);
  std::size_t count_ours() const;
  void renew(const Item& item);
  void wake_at(TimeMs at);

  Context& context_;
  Map& map_;
  Values values_;
  Origins origins_;
  std::size_t bytes_ = 0;
  TimeMs next_ = never;
  TimeMs swept_ = 0;
  Rate own_rate_ = Rate::per_second(limits::states_per_s, limits::states_burst);
};

}  // namespace membrane
