#include "crew.h"

#include <algorithm>

#include "heap.h"

namespace membrane::sim {
namespace {

/// Looks before a thread goes to sleep: up to a millisecond, by the processor.
constexpr int looks_max = 20'000;
/// Somebody who is waited for may have no processor.
constexpr int yield_every = 500;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

Crew::Crew(std::size_t threads) : lists_(std::max<std::size_t>(threads, 1)) {
  for (std::size_t own = 1; own < threads; ++own) others_.emplace_back([this, own] { serve(own); });
}

Crew::~Crew() {
  is_over_ = true;
  ++calls_;
  calls_.notify_all();
  for (std::thread& other : others_) other.join();
}

void Crew::share(const std::vector<std::size_t>& sizes,
                 const std::function<void(std::size_t, std::size_t)>& work_of) {
  work_ = &work_of;
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    lists_[i].size = sizes[i];
    lists_[i].next = 0;
  }
  is_open_ = true;
  ++calls_;
  calls_.notify_all();
  work(0);
  is_open_ = false;  // who comes from now on finds nothing to do; the others are waited for
  for (int looks = 1; inside_ != 0; ++looks) {
    pause();
    if (looks % yield_every == 0) std::this_thread::yield();
  }
}

void Crew::serve(std::size_t own) {
  for (std::uint32_t served = 0;;) {
    for (int looks = 0; calls_ == served && looks < looks_max; ++looks) pause();
    calls_.wait(served);
    served = calls_;  // perhaps of a later call: those between are over
    if (is_over_) break;
    ++inside_;
    if (is_open_) work(own);
    --inside_;
  }
  heap::hand_over();
}

void Crew::work(std::size_t own) {
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const std::size_t at_list = (own + i) % lists_.size();
    List& list = lists_[at_list];
    for (std::size_t at = list.next++; at < list.size; at = list.next++) (*work_)(at_list, at);
  }
}

}  // namespace membrane::sim
