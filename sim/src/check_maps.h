#pragma once

#include "census.h"
#include "membrane/node.h"
#include "verdict.h"

namespace membrane::sim {

/// What one peer believes, for comparison: everybody and every edge.
struct MapView {
  PeerIndex peer = nobody;
  std::vector<PeerId> peers;
  std::vector<std::pair<PeerId, PeerId>> edges;
};

/// The maps of connected peers agree when nothing has happened for a while: each holds exactly
/// those who are there (honest or not: who lives and is awake), and all hold the same edges. Asked
/// of nodes that know everybody; at rest only, since maps catch up.
void check_maps(const Census& census, const std::vector<MapView>& views, TimeUs now,
                Verdict& verdict);

}  // namespace membrane::sim
