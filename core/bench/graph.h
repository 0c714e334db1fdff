#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "membrane/id.h"

/// The networks that are measured: random, connected, the same for every side.
namespace membrane::bench {

struct GraphShape {
  std::size_t peers;
  std::size_t degree;
  std::string name() const;  ///< "1000 peers, degree 4"
};

struct Graph {
  GraphShape shape;
  std::vector<PeerId> peers;                               ///< the first is ourselves
  std::vector<std::pair<std::size_t, std::size_t>> edges;  ///< numbers of peers, the lower first
};

inline constexpr GraphShape graph_shapes[] = {{1000, 4}, {1000, 8}, {5000, 4}, {5000, 8}};

/// `degree` / 2 random circles through all peers, laid over each other; an edge that occurs twice
/// counts once, so a few peers have fewer. Same seed, same graph.
Graph random_graph(const GraphShape& shape, std::uint64_t seed);

/// The peers that each peer has an edge to.
std::vector<std::vector<std::size_t>> neighbours_of(const Graph& graph);

/// As text: a line `graph PEERS DEGREE EDGES`, so many lines `peer ID` and `edge A B`; then the
/// next graph.
void write_graph(const Graph& graph, std::FILE* file);
/// The next graph, none at the end. Ends the program when the text is not as above.
std::optional<Graph> read_graph(std::FILE* file);

}  // namespace membrane::bench
