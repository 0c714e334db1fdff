#pragma once

#include <cstdint>
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
/// among equals. Events are 24 bytes; their payloads lie in a slab. A heap with four children a
/// node, which costs half the cache misses of one with two.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  /// When the next event is due. The queue must not be empty.
  TimeUs next_time() const { return heap_.front().time; }

  void push(TimeUs time, Kind kind, PeerIndex peer, Slot slot = no_slot);
  Event pop();

  /// A place for a payload; it stays until it is given back.
  Slot keep(Payload&& payload);
  Payload& payload(Slot slot) { return payloads_[slot]; }
  Payload take(Slot slot);

 private:
  static bool before(const Event& a, const Event& b) {
    return a.time != b.time ? a.time < b.time : a.order < b.order;
  }

  std::uint64_t sequence_ = 0;
  std::vector<Event> heap_;
  std::vector<Payload> payloads_;
  std::vector<Slot> free_;
};

}  // namespace membrane::sim
