#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "membrane/id.h"

/// The networks that are measured: random, connected, the same for every side.
namespace membrane::bench {

struct Graph {
  std::vector<PeerId> peers;                               ///< the first is ourselves
  std::vector<std::pair<std::size_t, std::size_t>> edges;  ///< numbers of peers, the lower first
};

struct GraphShape {
  std::size_t peers;
  std::size_t degree;
  std::string name() const;       ///< "1000 peers, degree 4"
  std::string file_name() const;  ///< "graph-1000-4.txt"
};

inline constexpr GraphShape graph_shapes[] = {{1000, 4}, {1000, 8}, {5000, 4}, {5000, 8}};

/// `degree` / 2 random circles through all peers, laid over each other; an edge that occurs twice
/// counts once, so a few peers have fewer. Same seed, same graph.
Graph random_graph(const GraphShape& shape, std::uint64_t seed);

/// The peers that each peer has an edge to.
std::vector<std::vector<std::size_t>> neighbours_of(const Graph& graph);

/// As text: a line `peer ID` for each peer, then a line `edge A B` for each edge. Both end the
/// program when the file cannot be used.
void write_graph(const Graph& graph, const std::string& path);
Graph read_graph(const std::string& path);

}  // namespace membrane::bench
