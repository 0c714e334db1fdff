#pragma once

#include <cstdint>

#include "membrane/node.h"

namespace membrane {

/// How long a link takes to answer: the mean and the mean deviation of what was measured, smoothed
/// as RFC 6298 says, in integers.
class RoundTrip {
 public:
  void note(TimeMs sample_ms);
  bool is_known() const { return mean_us_ != 0; }
  /// 0 before the first measurement.
  TimeMs mean_ms() const { return mean_us_ / 1'000; }
  /// How long to wait before an answer counts as late: the mean and four deviations, two means at
  /// least; within limits::patience_min_ms and patience_max_ms, patience_unknown_ms before the
  /// first measurement.
  TimeMs patience_ms() const;

 private:
  std::uint64_t mean_us_ = 0;
  std::uint64_t deviation_us_ = 0;
};

}  // namespace membrane
