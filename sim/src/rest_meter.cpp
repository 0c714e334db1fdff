#include "rest_meter.h"

namespace membrane::sim {

void RestMeter::begin(TimeUs now, bool is_idle) {
  is_on_ = true;
  is_idle_ = is_idle;
  since_ = looked_ = now;
  sent_.assign(census_.size(), 0);
}

void RestMeter::end(TimeUs now) {
  if (!is_on_) return;
  look(now);
  is_on_ = false;
  if (!is_idle_ || now == since_) return;
  const double seconds = static_cast<double>(now - since_) / 1e6;
  for (PeerIndex peer = 0; peer < sent_.size(); ++peer) {
    if (census_.takes_part(peer) && census_.at(peer).unbroken_us <= since_)
      bytes_per_s_.add(static_cast<double>(sent_[peer]) / seconds);
  }
}

void RestMeter::offers(PeerIndex peer) {
  if (is_on_ && census_.at(peer).honest) ++offers_;
}

void RestMeter::connection() {
  if (is_on_) ++connections_;
}

void RestMeter::sent(PeerIndex peer, std::size_t bytes) {
  if (is_on_ && peer < sent_.size()) sent_[peer] += bytes;
}

void RestMeter::look(TimeUs now) {
  if (!is_on_) return;
  const std::vector<PeerIndex> present = census_.present();
  peer_hours_ += static_cast<double>(present.size()) * static_cast<double>(now - looked_) / 3.6e9;
  looked_ = now;
  for (const PeerIndex peer : present)
    degrees_.add(static_cast<double>(census_.at(peer).links.size()));
}

void RestMeter::report(Report& report) const {
  const auto per_hour = [this](std::uint64_t count) -> std::optional<double> {
    if (peer_hours_ == 0) return std::nullopt;
    return static_cast<double>(count) / peer_hours_;
  };
  report.set("links.mean", degrees_.mean());
  report.set("links.max", degrees_.max());
  report.set("links.opened_per_peer_hour", per_hour(offers_));
  report.set("links.connections_per_peer_hour", per_hour(connections_));
  report.set("state_bytes.mean", state_bytes_.mean());
  report.set("state_bytes.max", state_bytes_.max());
  report.set("traffic.idle_bytes_per_s_mean", bytes_per_s_.mean());
  report.set("traffic.idle_bytes_per_s_max", bytes_per_s_.max());
}

}  // namespace membrane::sim
