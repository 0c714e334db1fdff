#include "nominees.h"

#include <algorithm>

namespace membrane::server {
namespace {

// Guesses, in proportion to the harm: a silent nominee costs its asker three seconds, a bad
// description a failed connection.
constexpr Time cost_of(Penalty penalty) {
  switch (penalty) {
    case Penalty::imposed:
      return Time{5'000};
    case Penalty::refusal:
      return Time{10'000};
    case Penalty::bad_data:
      return Time{30'000};
    case Penalty::silence:
      return Time{60'000};
    case Penalty::bad_description:
      return Time{120'000};
  }
  return Time{0};
}

// A fault weighs less the longer a client has served, down to a tenth after ten minutes.
constexpr std::int64_t minutes_of_service_max = 10;

std::int64_t minutes_of_service(Time age) {
  return std::clamp<std::int64_t>(age.count() / 60'000, 1, minutes_of_service_max);
}

}  // namespace

void Standing::penalise(Penalty penalty, Time now) {
  Time cost = cost_of(penalty);
  if (penalty != Penalty::imposed) cost /= minutes_of_service(now - joined_);
  turn_ = std::min(std::max(turn_, now) + cost, now + turn_ahead_max);
}

std::optional<ClientId> Nominees::first(const std::function<bool(ClientId)>& suits) const {
  for (const auto& [turn, client] : order_) {
    if (suits(client)) return client;
  }
  return std::nullopt;
}

}  // namespace membrane::server
