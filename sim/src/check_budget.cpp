#include "check_budget.h"

#include <algorithm>
#include <string>

#include "membrane/limits.h"

namespace membrane::sim {
namespace {

constexpr double allowance_of_application = 2;

double per_us(std::uint64_t interval_ms) { return 1 / (1000.0 * static_cast<double>(interval_ms)); }

}  // namespace

double CheckBudget::full() {
  return static_cast<double>(limits::ring_open_burst + limits::contact_seek_burst);
}

CheckBudget::Bucket& CheckBudget::bucket(PeerIndex peer) {
  if (buckets_.size() <= peer) buckets_.resize(peer + 1);
  return buckets_[peer];
}

void CheckBudget::asked(PeerIndex peer) { bucket(peer).level += allowance_of_application; }

void CheckBudget::offers(PeerIndex peer, TimeUs now) {
  Bucket& at = bucket(peer);
  const double pace =
      per_us(limits::ring_open_interval_ms) + per_us(limits::contact_seek_interval_ms);
  const double filled = at.level + static_cast<double>(now - at.at) * pace;
  at.level = std::max(at.level, std::min(filled, full())) - 1;
  at.at = now;
  if (at.level >= 0) return;
  verdict_.violated("budget", now,
                    "peer " + std::to_string(peer) + " opens connections above its budget");
  at.level = full();  // said once, not for each one that follows
}

}  // namespace membrane::sim
