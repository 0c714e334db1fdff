#include "rate.h"

namespace membrane {

bool Rate::take(TimeMs now, std::uint64_t count) {
  refill(now);
  const std::uint64_t cost_us = interval_us_ * count;
  if (credit_us_ < cost_us) return false;
  credit_us_ -= static_cast<std::uint32_t>(cost_us);
  return true;
}

void Rate::pace(std::uint64_t interval_ms) {
  const std::uint64_t interval_us = interval_ms * 1'000;
  credit_us_ = static_cast<std::uint32_t>(credit_us_ * interval_us / interval_us_);
  credit_max_us_ = static_cast<std::uint32_t>(credit_max_us_ / interval_us_ * interval_us);
  interval_us_ = static_cast<std::uint32_t>(interval_us);
}

TimeMs Rate::ready_at(TimeMs now) {
  refill(now);
  return credit_us_ >= interval_us_ ? now : now + (interval_us_ - credit_us_ + 999) / 1'000;
}

void Rate::refill(TimeMs now) {
  if (now <= last_) return;
  const std::uint64_t passed_ms = now - last_;
  last_ = now;
  const std::uint64_t room_us = credit_max_us_ - credit_us_;
  const bool to_the_brim = passed_ms > room_us / 1'000;
  credit_us_ =
      to_the_brim ? credit_max_us_ : credit_us_ + static_cast<std::uint32_t>(passed_ms * 1'000);
}

}  // namespace membrane
