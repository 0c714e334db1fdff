#include "samples.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace membrane::sim {

void Samples::add(double value) {
  values_.push_back(value);
  is_sorted_ = false;
}

void Samples::add_all(const Samples& others) {
  values_.insert(values_.end(), others.values_.begin(), others.values_.end());
  is_sorted_ = false;
}

std::optional<double> Samples::mean() const {
  if (values_.empty()) return std::nullopt;
  return std::accumulate(values_.begin(), values_.end(), 0.0) / static_cast<double>(values_.size());
}

std::optional<double> Samples::max() const {
  if (values_.empty()) return std::nullopt;
  return *std::max_element(values_.begin(), values_.end());
}

std::optional<double> Samples::percentile(double percent) const {
  if (values_.empty()) return std::nullopt;
  if (!is_sorted_) std::sort(values_.begin(), values_.end());
  is_sorted_ = true;
  const double rank = std::ceil(percent / 100 * static_cast<double>(values_.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return values_[std::min(index, values_.size() - 1)];
}

}  // namespace membrane::sim
