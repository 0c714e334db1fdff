#include "verdict.h"

#include <algorithm>

namespace membrane::sim {

void Verdict::violated(const std::string& check, TimeUs at, std::string what) {
  ++count_;
  const auto known = std::count_if(kept_.begin(), kept_.end(),
                                   [&](const Violation& other) { return other.check == check; });
  if (static_cast<std::size_t>(known) < kept_of_each_max)
    kept_.push_back({check, at, std::move(what)});
}

void Verdict::add(const Verdict& other) {
  for (const Violation& one : other.kept_) violated(one.check, one.at, one.what);
  count_ += other.count_ - other.kept_.size();
}

}  // namespace membrane::sim
