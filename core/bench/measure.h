#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

/// How long something takes, on a machine that may do other work beside it. That only ever adds, so
/// the figure is the lower quartile of several rounds after a warm-up, and how far the median lies
/// above it tells how much to trust it.
namespace membrane::bench {

struct Figure {
  double quartile_ns;
  double median_ns;
};

inline constexpr std::size_t rounds = 15;
using Rounds = std::array<double, rounds>;

/// A round repeats the work until it has taken this long: far above the clock's grain, below a
/// scheduler's slice.
inline constexpr double round_ns_min = 3e6;

Figure summarize(Rounds per_call_ns);

/// Prints one line for table.mjs: what was measured, a tab, its figures.
void report(const std::string& name, const Figure& figure);
/// The same for something that was counted.
void report_count(const std::string& name, std::size_t count);

/// Keeps the compiler from leaving out what made this value.
template <typename T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

inline double now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

/// One call of `work`, measured in batches.
template <typename Work>
Figure measure(Work work) {
  const auto time_batch = [&work](std::size_t calls) {
    const double start = now_ns();
    for (std::size_t i = 0; i < calls; ++i) work();
    return now_ns() - start;
  };
  std::size_t calls = 1;
  while (time_batch(calls) < round_ns_min) calls *= 2;
  Rounds out{};
  for (double& per_call : out) per_call = time_batch(calls) / static_cast<double>(calls);
  return summarize(out);
}

/// One call of `work`, each after a `prepare` that is not measured; for work of a microsecond or
/// more.
template <typename Prepare, typename Work>
Figure measure(Prepare prepare, Work work) {
  const auto time_round = [&] {
    double spent = 0;
    std::size_t calls = 0;
    for (; spent < round_ns_min; ++calls) {
      prepare();
      const double start = now_ns();
      work();
      spent += now_ns() - start;
    }
    return spent / static_cast<double>(calls);
  };
  time_round();
  Rounds out{};
  for (double& per_call : out) per_call = time_round();
  return summarize(out);
}

}  // namespace membrane::bench
