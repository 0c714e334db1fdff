#pragma once

#include "deliveries.h"
#include "report.h"

namespace membrane::sim {

/// The section "broadcast" of the report; what each figure means stands in docs/simulation.md.
/// `in_time_us` is how long a message may take to count as delivered in time.
void report_broadcast(const Deliveries& deliveries, TimeUs in_time_us, Report& report);

}  // namespace membrane::sim
