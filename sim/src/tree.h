#pragma once

#include <vector>

#include "observer.h"

namespace membrane::sim {

/// The way that the last measured message took: who got its first copy from whom.
struct Tree {
  struct Branch {
    PeerIndex from = nobody;
    PeerIndex to = nobody;
    std::uint16_t hop = 0;
  };
  std::uint64_t number = 0;
  std::vector<Branch> branches;
};

}  // namespace membrane::sim
