#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace membrane::sim {

/// Threads that share out many small pieces of work that have nothing to do with one another.
///
/// Between two calls of share() they stay awake for up to a millisecond, since the next one comes
/// soon, and then sleep. So a crew wants as many processors as it has threads. Where it does not
/// get them, the caller's thread does what others have not begun.
class Crew {
 public:
  /// As many threads as that, the caller's own among them; 0 counts as 1.
  explicit Crew(std::size_t threads);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  std::size_t threads() const { return others_.size() + 1; }
  /// One list of work for each thread, of so many pieces: calls work(list, 0) … work(list, size -
  /// 1) for each, once each and in any order, and returns when all are done. A thread begins with
  /// its own list, in whose pieces it should find what it worked on before, and then helps the
  /// others. What was written before is seen by all of them, and what they write after it.
  void share(const std::vector<std::size_t>& sizes,
             const std::function<void(std::size_t list, std::size_t at)>& work);

 private:
  /// A line of the caches of its own: all threads write into it.
  struct alignas(64) List {
    std::size_t size = 0;
    std::atomic<std::size_t> next = 0;
  };

  void serve(std::size_t own);
  void work(std::size_t own);

  std::vector<std::thread> others_;
  std::vector<List> lists_;
  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::atomic<bool> is_open_ = false;     ///< whether there may be work
  std::atomic<std::size_t> inside_ = 0;   ///< so many of the others may be at it
  std::atomic<std::uint32_t> calls_ = 0;  ///< of share(), and one at the end
  std::atomic<bool> is_over_ = false;
};

}  // namespace membrane::sim
