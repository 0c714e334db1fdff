#pragma once

#include <vector>

#include "membrane/limits.h"
#include "rate.h"

namespace membrane {

/// A reliable, ordered stream over packets that may be lost, doubled or overtake each other: both
/// directions at one end of it. Each packet has a number, counted from 1, and carries the last
/// number up to which all has come. What is not acknowledged in time is sent again from there on,
/// slowly first (RFC 5681's slow start), with a time that doubles (RFC 6298).
///
/// Bounded: at most limits::relay_window frames wait to be acknowledged, and as many that came
/// early for those before them; limits::relay_pieces_per_s leave.
class RelayStream {
 public:
  // ---- Sending ----------------------------------------------------------------------------------
  bool has_room() const { return waiting_.size() < limits::relay_window; }
  bool all_acknowledged() const { return waiting_.empty(); }
  /// Takes a frame, also without room: whoever may wait asks first.
  void write(Bytes frame) { waiting_.push_back(std::move(frame)); }
  /// The next frame to send, which counts as sent now; nothing when it has to wait.
  const Bytes* send(TimeMs now);
  /// The number of the frame that was sent last.
  std::uint64_t sequence() const { return acknowledged_ + in_flight_; }
  /// All up to this number has arrived. Error: malformed, when that was never written.
  Error acknowledge(TimeMs now, std::uint64_t sequence);
  /// Takes back what is not acknowledged by now, to be sent again; says whether there is something.
  bool expire(TimeMs now);
  /// Something on its way seems to be lost: it is taken back soon.
  void hurry(TimeMs now);
  /// When there is something to send or to take back.
  TimeMs due() const;

  // ---- Receiving --------------------------------------------------------------------------------
  /// All up to this number has come.
  std::uint64_t received() const { return received_; }
  /// Errors: duplicate, full (too far ahead).
  Error receive(std::uint64_t sequence, ByteView frame);
  /// The next frame in order; an empty one when it has not come yet.
  Bytes take();

 private:
  std::vector<Bytes> waiting_;      ///< not acknowledged yet, the oldest first
  std::uint64_t acknowledged_ = 0;  ///< the number before the first of them
  std::size_t in_flight_ = 0;       ///< so many of them have been sent
  std::size_t allowed_ = 4;         ///< so many may be in flight
  std::uint64_t sent_ = 0;          ///< the highest number ever sent
  std::uint64_t timed_ = 0;         ///< whose round trip is measured; 0 when none is
  TimeMs timed_since_ = 0;
  TimeMs patience_ms_ = limits::relay_resend_min_ms;
  TimeMs resend_at_ = never;
  TimeMs ready_at_ = 0;  ///< when the rate allows one more
  Rate rate_ = Rate::per_second(limits::relay_pieces_per_s, limits::relay_pieces_burst);

  std::vector<Bytes> early_;  ///< what comes behind received_, empty where one is missing
  std::uint64_t received_ = 0;
};

}  // namespace membrane
