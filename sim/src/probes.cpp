#include "probes.h"

#include "deliveries.h"

namespace membrane::sim {
namespace {

bool is_settled(const Census::Member& member, TimeUs now) {
  return member.joined_us && *member.joined_us + Deliveries::settled_us <= now &&
         member.unbroken_us + Deliveries::settled_us <= now;
}

}  // namespace

bool Probes::may_ask(PeerIndex from, PeerIndex to) const {
  return from != to && !open_.contains({from, to}) && census_.takes_part(from) &&
         census_.takes_part(to) && census_.networks()[from] == census_.networks()[to];
}

void Probes::ask(PeerIndex from, PeerIndex to, TimeUs now, bool forgiven) {
  const bool are_settled = is_settled(census_.at(from), now) && is_settled(census_.at(to), now);
  open_[{from, to}] = {now, are_settled && !forgiven};
}

void Probes::refused(PeerIndex from, PeerIndex to) { open_.erase({from, to}); }

bool Probes::counts(const Question& question, const Asked& asked) const {
  const auto [from, to] = question;
  return asked.counts && census_.takes_part(from) && census_.takes_part(to) &&
         census_.at(from).unbroken_us <= asked.at && census_.at(to).unbroken_us <= asked.at;
}

void Probes::succeeded(PeerIndex from, PeerIndex to, TimeUs now, unsigned hops, bool relayed) {
  const auto question = open_.extract(Question{from, to});
  if (!question || !counts(question.key(), question.mapped())) return;
  ++ended_;
  ++succeeded_;
  relayed_ += relayed ? 1u : 0u;
  hops_.add(hops);
  took_ms_.add(static_cast<double>(now - question.mapped().at) / 1000);
}

void Probes::failed(PeerIndex from, PeerIndex to, const std::string& reason) {
  const auto question = open_.extract(Question{from, to});
  if (!question || !counts(question.key(), question.mapped())) return;
  ++ended_;
  ++reasons_[reason];
}

void Probes::close() {
  while (!open_.empty()) {
    const auto [from, to] = open_.begin()->first;
    failed(from, to, "no answer");
  }
}

std::optional<double> Probes::success() const {
  if (ended_ == 0) return std::nullopt;
  return static_cast<double>(succeeded_) / static_cast<double>(ended_);
}

void Probes::report_reasons(const std::string& section, Report& report) const {
  for (const auto& [reason, count] : reasons_)
    report.set(std::string(section).append(".failed: ").append(reason), count);
}

void Probes::report_routing(Report& report) const {
  report.set("routing.sent", ended_);
  report.set("routing.success", success());
  report.set("routing.hops_mean", hops_.mean());
  report.set("routing.hops_p99", hops_.percentile(99));
  report_reasons("routing", report);
}

void Probes::report_connect(Report& report) const {
  report.set("connect.attempts", ended_);
  report.set("connect.success", success());
  report.set("connect.relayed", relayed_);
  report.set("connect.p50_ms", took_ms_.percentile(50));
  report.set("connect.p99_ms", took_ms_.percentile(99));
  report_reasons("connect", report);
}

}  // namespace membrane::sim
