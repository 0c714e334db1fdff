#pragma once

#include "callback.h"
#include "connector.h"
#include "links.h"
#include "map.h"
#include "rate.h"
#include "table.h"

namespace membrane {

/// Keeps our place in the ring: publishes our record when our links change, and opens the links
/// that are missing — to the ring neighbours first, then long ones up to the target degree, to
/// those who have few. Links are kept as long as they live; nothing is ever closed to be replaced
/// by something better, only when both ends have more than the target.
///
/// A ring neighbour that cannot be reached is left alone for a while and the next one taken in its
/// place. Where there is no whole map the ring's places are learned from the records of the
/// neighbours, who name theirs, and every limits::ring_check_ms by asking somebody far away who
/// lives next to us: a second way to our ring neighbours, by which parts of the ring that have lost
/// sight of each other are found.
class Keeper {
 public:
  Keeper(Context& context, Links& links, Map& map, Connector& connector);

  struct Hooks {
    Callback<void(const Statement&, ByteView encoded)> spread;
    Callback<void()> published;
    /// Fetches the records of those who live next to a place; explored() is called then.
    Callback<void(Position)> explore;
  };
  Hooks hooks;

  /// `urgent` when others should know at once, because somebody has come or may be gone.
  void links_changed(bool urgent);
  void map_changed();
  /// A new record of somebody at this place was accepted.
  void record_came(Position origin);
  void renamed() { touch_record(); }
  /// Our record must be said anew, above this sequence.
  void overtaken(std::uint64_t sequence);
  void attempt_failed(const PeerId& peer);
  void explored(Position place);
  void scope_changed();
  bool has_room(const PeerId& peer, bool application) const;
  /// Whether the newest state of our links has been told to somebody.
  bool record_is_out() const { return record_spread_; }

  void tick();
  TimeMs next_timeout() const;

 private:
  struct Backoff {
    TimeMs until = 0;
    TimeMs length_ms = 0;
  };

  /// How soon others must know: at once, soon because most of it is news, or with what else comes.
  enum class Haste : std::uint8_t { now, soon, later };
  void touch_record(Haste haste = Haste::now);
  bool tells_of_somebody() const;
  void publish_record();
  void published(const std::vector<Position>& named);
  void mend();
  bool is_left_alone(Position peer) const;
  bool may_open(Position peer) const;
  bool open(Position peer);
  void ask_for_record(Position peer);
  std::vector<Position> wanted_neighbours() const;
  void open_ring_links();
  void open_long_links();
  void open_near(Position place);
  void explore(Position place);
  void check_ring();
  std::size_t ring_links() const;
  std::size_t links_coming() const;
  bool is_ring_neighbour(Position peer) const;
  bool is_needed(const Link& link) const;
  std::vector<Position> leaving() const;
  void close_leaving();
  void trim();
  TimeMs next_look() const;

  Context& context_;
  Links& links_;
  Map& map_;
  Connector& connector_;
  Rate record_rate_ = Rate::every_ms(limits::record_interval_min_ms, limits::record_burst);
  Rate open_rate_ = Rate::every_ms(limits::ring_open_interval_ms, limits::ring_open_burst);
  TimeMs record_due_ = never;
  TimeMs look_for_news_at_ = never;  ///< whether somebody waits to be told of
  TimeMs renew_at_ = never;
  TimeMs mend_at_ = never;
  bool record_spread_ = false;
  std::size_t links_told_ = 0;  ///< how many our newest record names
  bool signing_ = false;
  /// That of the network, by which our degree goes. Without a whole map it is an estimate that
  /// wavers: it is taken anew when it is half as much again, or less by as much, so that no links
  /// come and go with it.
  std::size_t size_ = 1;
  Table<Position, Backoff> backoffs_;
  Table<Position, TimeMs> missing_since_;
  std::vector<Position> exploring_;
  std::vector<Position> explored_;
  TimeMs check_at_ = never;
  TimeMs grows_until_ = 0;  ///< the network, so that others may come and open links to us
  TimeMs explore_at_ = 0;   ///< when somebody far away may be looked for again
  TimeMs explore_pause_ms_ = limits::ring_interval_ms;
  TimeMs another_at_ = 0;  ///< when one more long link may be opened all the same
};

}  // namespace membrane
