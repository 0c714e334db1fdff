#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace membrane::sim {

/// Values that were measured, and what one says of them. Of none there is nothing to say.
class Samples {
 public:
  void add(double value);
  void add_all(const Samples& others);

  std::size_t size() const { return values_.size(); }
  std::optional<double> mean() const;
  std::optional<double> max() const;
  /// The smallest value that at least `percent` of all values do not exceed (nearest rank).
  std::optional<double> percentile(double percent) const;

 private:
  mutable std::vector<double> values_;
  mutable bool is_sorted_ = true;
};

}  // namespace membrane::sim
