#pragma once

#include <string>

#include "census.h"
#include "tree.h"

namespace membrane::sim {

/// A picture of the network: the ring, those who take part on it at their places, their links in
/// grey, and over them the way of one message, each branch in the colour of its hop.
std::string draw(const Census& census, const Tree& tree);

}  // namespace membrane::sim
