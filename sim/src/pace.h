#pragma once

#include <functional>

#include "world.h"

namespace membrane::sim {

/// Lets something happen so many times a second from now until then, at uneven intervals drawn
/// from `random`, which must outlive it. Nothing at a rate of 0.
void at_pace(World& world, Random& random, double per_s, TimeUs until,
             const std::function<void()>& act);

}  // namespace membrane::sim
