#pragma once

#include "census.h"
#include "membrane/output.h"

/// What the tests of the judges share: peers made up for the purpose.
namespace membrane::sim {

constexpr TimeUs second = 1'000'000;

inline PeerId made_up(std::uint8_t number) {
  PeerId id;
  id.bytes[0] = number;
  id.bytes[31] = number;
  return id;
}

/// So many members that joined in the beginning, without links.
inline Census crowd(std::uint8_t count) {
  Census census;
  for (std::uint8_t peer = 0; peer < count; ++peer) {
    census.add(made_up(peer), 0);
    census.joined(peer, 0);
  }
  return census;
}

inline void link(Census& census, PeerIndex a, PeerIndex b) {
  const auto add = [&](PeerIndex from, PeerIndex to) {
    std::vector<PeerId> links{census.at(to).id};
    for (const PeerIndex other : census.at(from).links) links.push_back(census.at(other).id);
    census.set_links(from, links);
  };
  add(a, b);
  add(b, a);
}

/// All in one row.
inline Census row(std::uint8_t count) {
  Census census = crowd(count);
  for (PeerIndex peer = 1; peer < count; ++peer) link(census, peer - 1, peer);
  return census;
}

}  // namespace membrane::sim
