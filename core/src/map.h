#pragma once

#include <optional>
#include <vector>

#include "callback.h"
#include "context.h"
#include "membrane/limits.h"
#include "place_index.h"
#include "rate.h"
#include "store.h"

namespace membrane {

/// Everybody's records, and what follows from them: who is here, which links there are, the
/// shortest way to each.
///
/// An edge exists when both ends name it; our own links are what they are, whatever the records
/// say. A peer is in the map when it can be reached over edges; one that cannot is kept aside for
/// limits::unreachable_kept_ms. Records commute: the newest of each origin wins, so everybody who
/// has heard the same records has the same map. A tree of shortest routes from ourselves is kept as
/// edges come and go, at the cost of those whose route changes, and looked up in O(1). What the
/// application is told is looked at at once in a small network, in a large one at most every
/// limits::map_refresh_per_peer_us for each peer. At most `peers_max` records; one more is refused
/// as full unless an unreachable one can go.
///
/// That is the whole map. A network of more than `peers_max` has none: there a peer keeps the
/// records of those it has links to, which name their neighbours, so that everybody sees two hops
/// far, and limits::strangers_max of others met lately. Each peer decides for itself by how dense
/// the ring is (estimate) that it could be whole again: below three quarters of `peers_max`, so
/// that it does not waver, or a little above when most neighbours could. It says so, and does it
/// when more than three quarters of the neighbours could, too. Where the maps of most are not whole
/// it is not told of everybody, and gives its own up. So all come to have the same kind, though
/// their estimates differ: the opinion of most spreads, and that of a few does not. Both kinds of
/// peers understand each other.
class Map : public StatementStore {
 public:
  explicit Map(Context& context);

  struct Hooks {
    /// Somebody repeats a record of ours that is newer than any we know of: from our last life.
    Callback<void(std::uint64_t sequence)> overtaken;
    Callback<void()> changed;        ///< the members, or in a small network anything
    Callback<void()> scope_changed;  ///< what capabilities() says
  };
  Hooks hooks;

  // StatementStore. Records of peers that cannot be reached are not reconciled.
  Status status(const PeerId& origin, std::uint64_t sequence) const override;
  Error accept(const Statement& statement, ByteView encoded) override;
  ByteView find(const Item& item) const override;
  std::vector<Item> items(const Arc& arc) const override;
  std::optional<Digest> digest() const override { return whole_ ? digest_ : Digest{}; }
  bool lacks(const Item& item) const override;

  /// Our own record, as signed.
  void set_own_record(const Statement& statement, const Record& record, ByteView encoded);
  /// Our links changed: their places on the ring, ascending.
  void set_own_links(std::vector<Position> links);

  /// Whether the records of everybody are kept, not of the neighbours alone.
  bool is_whole() const { return whole_; }
  /// Whether it is whole, and neither less than most neighbours name nor doubted by them.
  bool holds_everybody() const { return whole_ && behind_since_ == never; }
  /// What we say of our map, of `Capability`.
  std::uint64_t capabilities() const;
  /// We have just come and know nothing: what the first peer that we meet says.
  void adopt_scope(bool whole);
  /// How many peers the network has: counted, or judged by how dense the ring is around those we
  /// have records of. The median of many is not moved by a few liars.
  std::size_t estimate() const;

  bool contains(const PeerId& peer) const;
  /// Whether the peer at this place is in the map, or was until lately. A record alone does not
  /// make it so: anybody can say an old one again.
  bool has_met(Position position) const;
  std::size_t size() const { return ring_.size(); }
  /// A shortest route: the neighbour that it begins with, and how many hops it has.
  struct Route {
    Position first = 0;
    std::uint64_t hops = 0;
  };
  std::optional<Route> route(Position to) const;
  /// Of those that begin with one of these neighbours and do not come back through us. O(peers).
  std::optional<Route> route_over(Position to, const std::vector<Position>& neighbours) const;
  /// Whether this neighbour could still be reached without our links to it and to those others.
  bool has_another_way(Position neighbour, const std::vector<Position>& others = {}) const;
  /// Whose place on the ring this is, in the map or aside.
  const PeerId* id_at(Position position) const;
  bool has_record(const PeerId& peer) const;
  /// The key its record gives for what is sealed to it; null when there is no record.
  const Key* sealing_key_of(const PeerId& peer) const;
  /// The sequence of the newest record at this place; 0 when there is none.
  std::uint64_t sequence_at(Position position) const;
  /// The links that the record at this place names; none when there is no record.
  const std::vector<Position>& links_of(Position position) const;
  /// The links that our own newest record names.
  const std::vector<Position>& told_links() const { return entries_[0].links; }
  /// The places of everybody in the map, ourselves included, ascending.
  const std::vector<Position>& ring() const { return ring_; }
  /// The places of everybody whose record is held, ourselves included, ascending.
  std::vector<Position> held() const;
  /// The places of everybody we know to be there, ascending: in a whole map the ring, else those
  /// held and their neighbours.
  const std::vector<Position>& surroundings() const;
  std::vector<std::pair<PeerId, PeerId>> edges() const;

  /// Recomputes what changed and emits the events, when it is time. Called after each input.
  void refresh();
  void tick();
  TimeMs next_timeout() const;

 private:
  using Slot = PlaceIndex::Slot;
  static constexpr Slot none = PlaceIndex::none;

  struct Entry {
    PeerId id;
    Position position = 0;
    std::uint64_t sequence = 0;  ///< of its newest record; 0 where there is none
    Bytes encoded;               ///< that record, as it is passed on
    std::string name;
    Key sealing_key{};
    std::uint64_t capabilities = 0;
    std::vector<Position> links;  ///< ascending; none of a record that is too old
    TimeMs heard = 0;
    TimeMs expires = 0;
    TimeMs unreachable_since = 0;
    bool is_announced = false;
    bool is_renamed = false;  ///< since it was announced
    bool was_reachable = false;
    bool used = false;
    Rate rate = Rate::every_ms(limits::record_interval_min_ms, limits::record_burst_tolerated);
  };

  /// What is read of others when somebody's links change: apart and small.
  struct Vertex {
    std::uint64_t named = 0;       ///< by its record: a bit for each, by the last six of the place
    std::vector<Slot> neighbours;  ///< over edges that both ends name, ascending
    Slot first_hop = none;
    Slot before = none;       ///< on the shortest way here; none where there is none, and for us
    std::uint32_t depth = 0;  ///< hops from us
    bool reached = false;     ///< there is a way here
    bool reachable = false;   ///< there was at the last refresh
    bool touched = false;     ///< something is to be announced
    std::vector<Slot> announced;  ///< the edges the application has been told of, ascending
  };

  Slot slot_at(Position position) const { return index_.find(position); }
  Slot slot_of(const PeerId& peer) const;
  Slot take_slot(const PeerId& peer);
  std::size_t capacity() const;
  bool is_linked(Position position) const;
  Slot make_room();
  static void take(Entry& entry, Record record);
  void set_scope(bool whole);
  void forget_all_but_links();
  void check_scope();
  void check_whole();
  void check_neighbours_only();
  std::size_t judge() const;
  bool knows_less_than_neighbours() const;
  bool is_so_of(std::size_t quarters, bool (*is_so)(std::uint64_t capabilities)) const;
  void retract(Slot slot);
  void release(Slot slot);
  void touch(Slot slot);
  static std::uint64_t bit_of(Position position) { return std::uint64_t{1} << (position & 63); }
  bool names(Slot from, Position to) const;
  void set_links(Slot slot, const std::vector<Position>& places, bool present);
  void relink(Slot slot, const std::vector<Position>& before, const std::vector<Position>& now);
  void unlink(Slot slot);
  void look_around() const;
  bool leads_out(Slot slot) const;
  void edge_changed(Slot a, Slot b, bool present);
  void find_another_way(Slot slot);
  void reach(Slot slot, Slot from);
  void reach_on();
  bool update_members();
  bool update_member(Slot slot);
  void list(Slot slot);
  void unlist(Slot slot);
  void count(Slot slot, bool present);
  void set_sequence(Slot slot, std::uint64_t sequence);
  void list_ring();
  void announce();
  void set_edge(Slot a, Slot b, bool present);

  Context& context_;
  std::size_t peers_max_;
  std::vector<Entry> entries_;    ///< entry 0 is ourselves
  std::vector<Vertex> vertices_;  ///< of the same slots
  std::vector<Slot> free_;
  PlaceIndex index_;
  std::vector<Position> own_links_;
  std::vector<Position> ring_;
  std::vector<Slot> ring_slots_;          ///< of those on the ring, in its order
  mutable std::vector<Position> around_;  ///< looked for when somebody asks
  mutable bool around_changed_ = true;
  std::vector<Slot> touched_;
  std::vector<Slot> queue_;       ///< to whom the search has just found a way
  std::vector<Slot> looked_for_;  ///< who may be reachable since the last refresh, or not any more
  Digest digest_;                 ///< of the records on the ring
  TimeMs sweep_at_ = 0;
  TimeMs refresh_at_ = 0;
  bool dirty_ = true;
  bool whole_ = true;
  bool could_be_whole_ = false;
  bool overfull_ = false;
  TimeMs behind_since_ = never;  ///< what most neighbours name
  TimeMs scope_at_ = never;
  TimeMs whole_again_at_ = 0;
  mutable std::size_t judged_ = 0;
  mutable std::size_t judged_by_ = 0;
  mutable TimeMs judge_at_ = 0;
};

}  // namespace membrane
