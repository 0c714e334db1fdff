#include "census.h"

#include <algorithm>

namespace membrane::sim {

void Census::add(const PeerId& id, TimeUs now) {
  by_place_[id.position()] = static_cast<PeerIndex>(members_.size());
  Member& member = members_.emplace_back();
  member.id = id;
  member.added_us = member.unbroken_us = now;
  is_counted_ = false;
}

void Census::joined(PeerIndex peer, TimeUs now) {
  if (!members_[peer].joined_us) members_[peer].joined_us = now;
}

void Census::gone(PeerIndex peer) {
  members_[peer].alive = false;
  is_counted_ = false;
}

void Census::asleep(PeerIndex peer) {
  members_[peer].awake = false;
  is_counted_ = false;
}

void Census::awake(PeerIndex peer, TimeUs now) {
  members_[peer].awake = true;
  members_[peer].unbroken_us = now;
  is_counted_ = false;
}

void Census::turned(PeerIndex peer) {
  members_[peer].honest = false;
  is_counted_ = false;
}

void Census::moved(PeerIndex peer, std::uint32_t part) {
  members_[peer].part = part;
  is_counted_ = false;
}

void Census::set_links(PeerIndex peer, const std::vector<PeerId>& links) {
  std::vector<PeerIndex>& out = members_[peer].links;
  out.clear();
  for (const PeerId& id : links) {
    if (const PeerIndex other = index_of(id); other != nobody) out.push_back(other);
  }
  std::sort(out.begin(), out.end());
  is_counted_ = false;
}

PeerIndex Census::index_of(const PeerId& id) const {
  const auto found = by_place_.find(id.position());
  return found == by_place_.end() ? nobody : found->second;
}

bool Census::takes_part(PeerIndex peer) const {
  const Member& member = members_[peer];
  return member.alive && member.awake && member.honest;
}

std::vector<PeerIndex> Census::living() const {
  std::vector<PeerIndex> out;
  for (PeerIndex peer = 0; peer < members_.size(); ++peer) {
    if (members_[peer].alive) out.push_back(peer);
  }
  return out;
}

std::vector<PeerIndex> Census::present() const {
  std::vector<PeerIndex> out;
  for (PeerIndex peer = 0; peer < members_.size(); ++peer) {
    if (takes_part(peer)) out.push_back(peer);
  }
  return out;
}

bool Census::is_linked(PeerIndex a, PeerIndex b) const {
  const auto holds = [this](PeerIndex from, PeerIndex to) {
    const auto& links = members_[from].links;
    return std::binary_search(links.begin(), links.end(), to);
  };
  return members_[a].part == members_[b].part && holds(a, b) && holds(b, a);
}

const std::vector<std::uint32_t>& Census::networks() const {
  if (!is_counted_) count_networks();
  return networks_;
}

std::pair<std::uint32_t, std::size_t> Census::largest() const {
  if (!is_counted_) count_networks();
  const auto most = std::max_element(sizes_.begin(), sizes_.end());
  if (most == sizes_.end()) return {none, 0};
  return {static_cast<std::uint32_t>(most - sizes_.begin()), *most};
}

/// Breadth first from each peer that has no number yet.
void Census::count_networks() const {
  is_counted_ = true;
  networks_.assign(members_.size(), none);
  sizes_.clear();
  std::vector<PeerIndex> reached;
  for (PeerIndex start = 0; start < members_.size(); ++start) {
    if (networks_[start] != none || !takes_part(start)) continue;
    const auto number = static_cast<std::uint32_t>(sizes_.size());
    reached.assign(1, start);
    networks_[start] = number;
    for (std::size_t next = 0; next < reached.size(); ++next) {
      for (const PeerIndex to : members_[reached[next]].links) {
        if (networks_[to] != none || !takes_part(to) || !is_linked(reached[next], to)) continue;
        networks_[to] = number;
        reached.push_back(to);
      }
    }
    sizes_.push_back(reached.size());
  }
}

}  // namespace membrane::sim
