#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "membrane/output.h"
#include "observer.h"

namespace membrane::sim {

/// What is due when an event comes up.
enum class Kind : std::uint8_t {
  // To a node; they wait while its host sleeps.
  frame,
  link_opened,
  link_closed,
  local_description,
  local_candidate,
  contact_opened,
  contact_closed,
  contact_request,
  contact_request_candidate,
  contact_answer,
  contact_answer_candidate,
  contact_unresolved,
  contact_failed,
  signed_job,
  verified_job,
  sealed_job,
  opened_job,
  // To a host.
  timer,
  wake,
  // To the world.
  connection_lost,  ///< what others' transports notice of a host that is silent
  wall_timeout,
  server_hears,
  server_misses,  ///< a client has been silent for long
  server_drops,
  server_gives_up,  ///< a nominee has not answered
  call,
};

/// What comes with an event that needs more than its kind and its peer.
struct Payload {
  std::uint64_t number = 0;  ///< link, request, ticket or job
  PeerIndex other = nobody;  ///< who sent it
  std::uint32_t epoch = 0;   ///< of the connection to the server
  std::uint8_t detail = 0;   ///< channel, kind of message, or outcome
  Bytes data{};
};

using Slot = std::uint32_t;
inline constexpr Slot no_slot = ~Slot{0};

struct Event {
  TimeUs time = 0;
  std::uint64_t order = 0;  ///< the sequence, and the kind in the low 8 bits
  PeerIndex peer = nobody;
  Slot slot = no_slot;

  Kind kind() const { return static_cast<Kind>(order & 0xff); }
};

/// All that is going to happen, ordered by (time, sequence): what was pushed first comes first
/// among equals. Events are 24 bytes; their payloads lie in a slab.
///
/// A calendar (R. Brown, 1988): what is due within the next second lies unsorted in buckets of a
/// quarter of a millisecond, each sorted when its time comes; what is due later, mostly timers,
/// waits in a heap and moves over once. So an event costs the same whether ten thousand or ten
/// million others are waiting, and the next ones are known before their turn.
class EventQueue {
 public:
  EventQueue() : buckets_(bucket_count) {}

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// The time must not lie before the last one that pop was called with.
  void push(TimeUs time, Kind kind, PeerIndex peer, Slot slot = no_slot);
  /// The next event, when it is due by then.
  std::optional<Event> pop(TimeUs until) {
    if (at_ == run_.size() && !turn_over(until)) return std::nullopt;
    if (run_[at_].time > until) return std::nullopt;
    --size_;
    return run_[at_++];
  }
  /// The event that comes so many after the next one, as far as is known; null when it is not.
  const Event* ahead(std::size_t count) const {
    return at_ + count < run_.size() ? &run_[at_ + count] : nullptr;
  }

  /// Shows the next events, in order, until `see` says false: those due by `until` and less than
  /// `span` after the first, and within the next second, beyond which nothing is in order yet.
  template <typename See>
  void look(TimeUs until, TimeUs span, const See& see) {
    if (at_ == run_.size() && !turn_over(until)) return;
    const TimeUs last = std::min(until, run_[at_].time + span - 1);
    for (std::size_t at = at_; at < run_.size(); ++at) {
      if (run_[at].time > last || !see(run_[at])) return;
    }
    const TimeUs last_day = std::min(last >> bucket_shift, today_ + bucket_count - 1);
    for (TimeUs day = today_ + 1; day <= last_day; ++day) {
      std::vector<Event>& events = bucket(day);
      if (!std::is_sorted(events.begin(), events.end(), before))
        std::sort(events.begin(), events.end(), before);
      for (const Event& event : events) {
        if (event.time > last || !see(event)) return;
      }
    }
  }

  /// A place for a payload; it stays until it is given back.
  Slot keep(Payload&& payload);
  Payload& payload(Slot slot) { return payloads_[slot]; }
  const Payload& payload(Slot slot) const { return payloads_[slot]; }
  Payload take(Slot slot);

 private:
  static constexpr std::size_t bucket_count = 4096;
  static constexpr int bucket_shift = 8;  ///< 256 us

  static bool before(const Event& a, const Event& b) {
    return a.time != b.time ? a.time < b.time : a.order < b.order;
  }
  static bool after(const Event& a, const Event& b) { return before(b, a); }
  std::vector<Event>& bucket(TimeUs number) { return buckets_[number % bucket_count]; }
  bool turn_over(TimeUs until);
  void gather_far();

  std::uint64_t sequence_ = 0;
  std::size_t size_ = 0;
  TimeUs today_ = 0;        ///< the number of the bucket whose events are in run_
  std::size_t at_ = 0;      ///< the next one of them
  std::vector<Event> run_;  ///< sorted
  std::size_t near_ = 0;    ///< events in buckets
  std::vector<std::vector<Event>> buckets_;
  std::vector<Event> far_;  ///< a heap
  std::vector<Payload> payloads_;
  std::vector<Slot> free_;
};

}  // namespace membrane::sim
