#pragma once

#include <unordered_map>
#include <vector>

#include "membrane/output.h"
#include "verdict.h"

namespace membrane::sim {

/// Nobody's application hears a message twice: no peer emits a topic message that it has emitted.
/// (origin, sequence) names a message.
class CheckOnce {
 public:
  explicit CheckOnce(Verdict& verdict) : verdict_(verdict) {}

  void heard(PeerIndex peer, const TopicMessage& message, TimeUs now);

 private:
  Verdict& verdict_;
  std::unordered_map<std::uint64_t, std::vector<bool>> heard_;  // looked up, never walked
};

}  // namespace membrane::sim
