#include "check_maps.h"

#include <algorithm>
#include <map>
#include <string>

namespace membrane::sim {
namespace {

/// Those of one network, in ring order.
std::vector<PeerId> members_of(const Census& census, std::uint32_t network) {
  std::vector<PeerId> out;
  for (PeerIndex peer = 0; peer < census.size(); ++peer) {
    if (census.networks()[peer] == network) out.push_back(census.at(peer).id);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Who is in one of two sorted lists only.
std::string difference(const Census& census, const std::vector<PeerId>& map,
                       const std::vector<PeerId>& truth) {
  std::vector<PeerId> lacks;
  std::vector<PeerId> ghosts;
  std::set_difference(truth.begin(), truth.end(), map.begin(), map.end(),
                      std::back_inserter(lacks));
  std::set_difference(map.begin(), map.end(), truth.begin(), truth.end(),
                      std::back_inserter(ghosts));
  // Liars are no part of a network of honest peers, and no harm in its maps either.
  std::erase_if(ghosts, [&](const PeerId& id) {
    const PeerIndex peer = census.index_of(id);
    return peer != nobody && census.at(peer).alive && !census.at(peer).honest;
  });
  if (lacks.empty() && ghosts.empty()) return {};
  std::string out = "lacks " + std::to_string(lacks.size()) + " of " +
                    std::to_string(truth.size()) + " and has " + std::to_string(ghosts.size()) +
                    " that are not there";
  const auto name = [&](const PeerId& id) {
    const PeerIndex peer = census.index_of(id);
    return peer == nobody ? std::string("a stranger") : "peer " + std::to_string(peer);
  };
  if (!lacks.empty()) out += ", such as " + name(lacks.front());
  if (!ghosts.empty()) out += ", such as " + name(ghosts.front());
  return out;
}

}  // namespace

void check_maps(const Census& census, const std::vector<MapView>& views, TimeUs now,
                Verdict& verdict) {
  std::map<std::uint32_t, std::vector<PeerId>> truths;
  std::map<std::uint32_t, const MapView*> first;
  for (const MapView& view : views) {
    const std::uint32_t network = census.networks()[view.peer];
    if (network == Census::none) continue;
    if (!truths.contains(network)) truths[network] = members_of(census, network);
    const std::string who = "the map of peer " + std::to_string(view.peer);
    const std::string wrong = difference(census, view.peers, truths[network]);
    if (!wrong.empty()) verdict.violated("maps", now, std::string(who).append(" ").append(wrong));
    const MapView*& other = first[network];
    if (!other) other = &view;
    if (view.edges != other->edges) {
      verdict.violated("maps", now,
                       who + " has other edges than that of peer " + std::to_string(other->peer));
    }
  }
}

}  // namespace membrane::sim
