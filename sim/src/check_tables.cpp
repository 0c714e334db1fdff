#include "check_tables.h"

#include <string>

namespace membrane::sim {

void check_tables(PeerIndex peer, const std::vector<Node::Table>& tables, TimeUs now,
                  Verdict& verdict) {
  for (const Node::Table& table : tables) {
    if (table.size <= table.limit) continue;
    verdict.violated("tables", now,
                     "peer " + std::to_string(peer) + " has " + std::to_string(table.size) + " " +
                         table.name + ", its limit is " + std::to_string(table.limit));
  }
}

}  // namespace membrane::sim
