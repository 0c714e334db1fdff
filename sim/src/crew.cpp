#include "crew.h"

#include <algorithm>

#include "heap.h"

namespace membrane::sim {
namespace {

/// Looks before a thread goes to sleep: about a millisecond.
constexpr int looks_max = 20'000;

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
  at_work_ = others_.size();
  ++calls_;
  calls_.notify_all();
  work(0);
  for (int looks = 0; at_work_ != 0; ++looks) {
    pause();
    if (looks > looks_max) std::this_thread::yield();
  }
}

void Crew::serve(std::size_t own) {
  for (std::uint32_t served = 0;; ++served) {
    for (int looks = 0; calls_ == served && looks < looks_max; ++looks) pause();
    calls_.wait(served);
    if (is_over_) break;
    work(own);
    --at_work_;
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
