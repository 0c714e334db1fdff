#pragma once

#include <cstdint>

#include "membrane/node.h"

namespace membrane {

/// A token bucket in virtual time: `burst` at once, then one each `interval_us` microseconds. There
/// are eight on each link and one for each record, so they are small: a whole burst is to be worth
/// less than an hour.
class Rate {
 public:
  Rate(std::uint64_t interval_us, std::uint64_t burst)
      : interval_us_(static_cast<std::uint32_t>(interval_us)),
        credit_max_us_(static_cast<std::uint32_t>(interval_us * burst)),
        credit_us_(credit_max_us_) {}

  static Rate per_second(std::uint64_t count, std::uint64_t burst) {
    return {1'000'000 / count, burst};
  }
  static Rate every_ms(std::uint64_t interval_ms, std::uint64_t burst) {
    return {interval_ms * 1'000, burst};
  }

  /// Takes so many when they are there.
  bool take(TimeMs now, std::uint64_t count = 1);
  /// From now on one each `interval_ms`; what is left of the burst stays left.
  void pace(std::uint64_t interval_ms);
  /// When the next one will be there.
  TimeMs ready_at(TimeMs now);

 private:
  void refill(TimeMs now);

  std::uint32_t interval_us_;
  std::uint32_t credit_max_us_;
  std::uint32_t credit_us_;
  TimeMs last_ = 0;
};

}  // namespace membrane
