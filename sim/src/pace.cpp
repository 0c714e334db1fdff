#include "pace.h"

namespace membrane::sim {
namespace {

struct Pace {
  World& world;
  Random& random;
  TimeUs interval_us;
  TimeUs until;
  std::function<void()> act;

  /// Half to one and a half intervals from now.
  static void next(const std::shared_ptr<Pace>& pace) {
    const TimeUs gap = pace->interval_us / 2 + pace->random.below(pace->interval_us + 1);
    const TimeUs at = pace->world.now_us() + std::max<TimeUs>(gap, 1);
    if (at >= pace->until) return;
    pace->world.at(at, [pace] {
      pace->act();
      next(pace);
    });
  }
};

}  // namespace

void at_pace(World& world, Random& random, double per_s, TimeUs until,
             const std::function<void()>& act) {
  if (per_s <= 0) return;
  const auto interval = static_cast<TimeUs>(1e6 / per_s);
  Pace::next(std::make_shared<Pace>(Pace{world, random, interval, until, act}));
}

}  // namespace membrane::sim
