#pragma once

#include "membrane/node.h"
#include "verdict.h"

namespace membrane::sim {

/// Every table of a node is within its limit (Node::tables).
void check_tables(PeerIndex peer, const std::vector<Node::Table>& tables, TimeUs now,
                  Verdict& verdict);

}  // namespace membrane::sim
