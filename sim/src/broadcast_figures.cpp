#include "broadcast_figures.h"

#include <algorithm>

#include "samples.h"

namespace membrane::sim {
namespace {

struct Sums {
  Samples redundancy;
  Samples hops;
  Samples last_ms;
  std::uint64_t sent = 0;
  std::uint64_t owed = 0;
  std::uint64_t missed = 0;
  std::uint64_t in_time = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t unconnected = 0;
};

void take_receipts(const Deliveries& deliveries, const Deliveries::Message& message,
                   TimeUs in_time_us, Sums& sums) {
  std::uint64_t receivers = 0;
  std::uint32_t last_us = 0;
  for (PeerIndex peer = 0; peer < message.receipts.size(); ++peer) {
    const auto& receipt = message.receipts[peer];
    const bool is_owed = deliveries.is_owed(message, peer);
    const bool came = receipt.after_us != Deliveries::never_came;
    sums.owed += is_owed ? 1u : 0u;
    sums.missed += is_owed && !came ? 1u : 0u;
    sums.in_time += is_owed && came && receipt.after_us <= in_time_us ? 1u : 0u;
    if (peer == message.origin || !came) continue;
    ++receivers;
    if (receipt.hop != Deliveries::no_hop) sums.hops.add(receipt.hop);
    if (is_owed) last_us = std::max(last_us, receipt.after_us);
  }
  if (receivers == 0) return;
  sums.redundancy.add(static_cast<double>(message.copies) / static_cast<double>(receivers) - 1);
  sums.last_ms.add(last_us / 1000.0);
}

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void report_broadcast(const Deliveries& deliveries, TimeUs in_time_us, Report& report) {
  Sums sums;
  for (const auto& message : deliveries.messages()) {
    sums.duplicated += message.duplicates;
    if (message.forgiven) continue;
    ++sums.sent;
    sums.unconnected += message.unconnected;
    take_receipts(deliveries, message, in_time_us, sums);
  }
  report.set("broadcast.rmr", sums.redundancy.mean());
  report.set("broadcast.ldh_mean", sums.hops.mean());
  report.set("broadcast.ldh_max", sums.hops.max());
  report.set("broadcast.last_ms_p50", sums.last_ms.percentile(50));
  report.set("broadcast.last_ms_p99", sums.last_ms.percentile(99));
  report.set("broadcast.sent", sums.sent);
  report.set("broadcast.missed", sums.missed);
  report.set("broadcast.duplicated", sums.duplicated);
  report.set("broadcast.owed", sums.owed);
  report.set("broadcast.unconnected", sums.unconnected);
  report.set("broadcast.delivered_in_time", share(sums.in_time, sums.owed));
}

}  // namespace membrane::sim
