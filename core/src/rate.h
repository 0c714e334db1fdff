#pragma once

#include <cstdint>

#include "membrane/node.h"

namespace membrane {

/// A token bucket in virtual time: `burst` at once, then one each `interval_us` microseconds.
class Rate {
 public:
  Rate(std::uint64_t interval_us, std::uint64_t burst)
      : interval_us_(interval_us),
        credit_max_us_(interval_us * burst),
        credit_us_(credit_max_us_) {}

  static Rate per_second(std::uint64_t count, std::uint64_t burst) {
    return {1'000'000 / count, burst};
  }
  static Rate every_ms(std::uint64_t interval_ms, std::uint64_t burst) {
    return {interval_ms * 1'000, burst};
  }

  /// Takes one when there is one.
  bool take(TimeMs now) {
    refill(now);
    if (credit_us_ < interval_us_) return false;
    credit_us_ -= interval_us_;
    return true;
  }

  /// When the next one will be there.
  TimeMs ready_at(TimeMs now) {
    refill(now);
    return credit_us_ >= interval_us_ ? now : now + (interval_us_ - credit_us_ + 999) / 1'000;
  }

 private:
  void refill(TimeMs now) {
    if (now <= last_) return;
    const std::uint64_t passed_ms = now - last_;
    last_ = now;
    if (passed_ms >= credit_max_us_ / 1'000 + 1) {
      credit_us_ = credit_max_us_;
    } else {
      credit_us_ += passed_ms * 1'000;
      if (credit_us_ > credit_max_us_) credit_us_ = credit_max_us_;
    }
  }

  std::uint64_t interval_us_;
  std::uint64_t credit_max_us_;
  std::uint64_t credit_us_;
  TimeMs last_ = 0;
};

}  // namespace membrane
