#include "round_trip.h"

#include <algorithm>

#include "membrane/limits.h"

namespace membrane {

void RoundTrip::note(TimeMs sample_ms) {
  // One answer that was very late must not make us patient for the minutes after it.
  const std::uint64_t sample_us = std::clamp<TimeMs>(sample_ms, 1, limits::patience_max_ms) * 1'000;
  if (!is_known()) {
    mean_us_ = sample_us;
    deviation_us_ = sample_us / 2;
    return;
  }
  const std::uint64_t off_us = sample_us > mean_us_ ? sample_us - mean_us_ : mean_us_ - sample_us;
  deviation_us_ = (3 * deviation_us_ + off_us) / 4;
  mean_us_ = (7 * mean_us_ + sample_us) / 8;
}

TimeMs RoundTrip::patience_ms() const {
  if (!is_known()) return limits::patience_unknown_ms;
  const std::uint64_t late_us = mean_us_ + std::max(4 * deviation_us_, mean_us_);
  return std::clamp(late_us / 1'000, limits::patience_min_ms, limits::patience_max_ms);
}

}  // namespace membrane
