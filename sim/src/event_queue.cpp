#include "event_queue.h"

#include <algorithm>
#include <utility>

namespace membrane::sim {

void EventQueue::push(TimeUs time, Kind kind, PeerIndex peer, Slot slot) {
  const Event event{time, ++sequence_ << 8 | static_cast<std::uint64_t>(kind), peer, slot};
  ++size_;
  const TimeUs day = time >> bucket_shift;
  if (day <= today_) {
    // Its sequence is the highest so far: behind all of the same time.
    const auto from = run_.begin() + static_cast<std::ptrdiff_t>(at_);
    run_.insert(std::upper_bound(from, run_.end(), event, before), event);
  } else if (day < today_ + bucket_count) {
    bucket(day).push_back(event);
    ++near_;
  } else {
    far_.push_back(event);
    std::push_heap(far_.begin(), far_.end(), after);
  }
}

/// Fetches the events of the next day on which there are any; false when that is later.
bool EventQueue::turn_over(TimeUs until) {
  run_.clear();
  at_ = 0;
  const TimeUs last_day = until >> bucket_shift;
  while (run_.empty()) {
    if (near_ == 0 && far_.empty()) return false;
    const TimeUs next = near_ > 0 ? today_ + 1 : far_.front().time >> bucket_shift;
    if (next > last_day) return false;
    today_ = next;
    gather_far();
    run_.swap(bucket(today_));
  }
  near_ -= run_.size();
  std::sort(run_.begin(), run_.end(), before);
  return true;
}

/// What was far and is near now gets its bucket.
void EventQueue::gather_far() {
  while (!far_.empty() && far_.front().time >> bucket_shift < today_ + bucket_count) {
    bucket(far_.front().time >> bucket_shift).push_back(far_.front());
    ++near_;
    std::pop_heap(far_.begin(), far_.end(), after);
    far_.pop_back();
  }
}

Slot EventQueue::keep(Payload&& payload) {
  if (free_.empty()) {
    payloads_.push_back(std::move(payload));
    return static_cast<Slot>(payloads_.size() - 1);
  }
  const Slot slot = free_.back();
  free_.pop_back();
  payloads_[slot] = std::move(payload);
  return slot;
}

Payload EventQueue::take(Slot slot) {
  free_.push_back(slot);
  return std::exchange(payloads_[slot], Payload{});
}

}  // namespace membrane::sim
