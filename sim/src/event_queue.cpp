#include "event_queue.h"

#include <algorithm>
#include <utility>

namespace membrane::sim {
namespace {

constexpr std::size_t arity = 4;

}  // namespace

void EventQueue::push(TimeUs time, Kind kind, PeerIndex peer, Slot slot) {
  const Event event{time, ++sequence_ << 8 | static_cast<std::uint64_t>(kind), peer, slot};
  heap_.push_back(event);
  std::size_t at = heap_.size() - 1;
  while (at > 0) {
    const std::size_t parent = (at - 1) / arity;
    if (!before(event, heap_[parent])) break;
    heap_[at] = heap_[parent];
    at = parent;
  }
  heap_[at] = event;
}

Event EventQueue::pop() {
  const Event out = heap_.front();
  const Event moved = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) return out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t first = at * arity + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = std::min(first + arity, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], moved)) break;
    heap_[at] = heap_[least];
    at = least;
  }
  heap_[at] = moved;
  return out;
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
