#include "stage.h"

#include <algorithm>

namespace membrane::sim {

Endpoint* Host::find(LinkId link) {
  const auto found = std::lower_bound(
      endpoints.begin(), endpoints.end(), link,
      [](const Endpoint& endpoint, LinkId wanted) { return endpoint.link < wanted; });
  return found == endpoints.end() || found->link != link ? nullptr : &*found;
}

Stage::Stage(const WorldOptions& world_options)
    : options(world_options),
      random(world_options.seed),
      internet({mix(world_options.seed, 1), world_options.latency_ms, world_options.nat_per_mille}),
      crypto(world_options.real_crypto ? make_real_crypto() : make_fast_crypto()) {}

}  // namespace membrane::sim
