#pragma once

#include "deliveries.h"
#include "verdict.h"

namespace membrane::sim {

/// Whoever is owed a message (Deliveries) has got it when all is over.
void check_everybody(const Deliveries& deliveries, TimeUs now, Verdict& verdict);

}  // namespace membrane::sim
