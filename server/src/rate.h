// A token bucket: how often something may happen. Time is handed in.

#pragma once

#include <algorithm>

#include "server_limits.h"

namespace membrane::server {

class Rate {
 public:
  /// Allows `burst` at once and `per_second` in the long run.
  Rate(double per_second, double burst, Time now)
      : per_second_(static_cast<float>(per_second)),
        burst_(static_cast<float>(burst)),
        tokens_(burst_),
        filled_(now) {}

  /// Takes one token; false when there is none.
  bool take(Time now) {
    const auto passed = static_cast<float>((now - filled_).count()) / 1000;
    tokens_ = std::min(burst_, tokens_ + passed * per_second_);
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  /// Puts a token back: the event was one that had been asked for.
  void give_back() { tokens_ = std::min(burst_, tokens_ + 1); }

 private:
  float per_second_;
  float burst_;
  float tokens_;
  Time filled_;
};

}  // namespace membrane::server
