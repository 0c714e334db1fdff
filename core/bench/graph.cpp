#include "graph.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>

#include "random.h"

namespace membrane::bench {
namespace {

Random random_from(std::uint64_t seed) {
  Random::Seed bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(seed >> (8 * i));
  return Random(bytes);
}

}  // namespace

std::string GraphShape::name() const {
  return std::to_string(peers) + " peers, degree " + std::to_string(degree);
}

Graph random_graph(const GraphShape& shape, std::uint64_t seed) {
  Random random = random_from(seed);
  Graph graph{shape, {}, {}};
  for (std::size_t i = 0; i < shape.peers; ++i) graph.peers.push_back({random.bytes32()});
  std::vector<std::size_t> circle(shape.peers);
  std::iota(circle.begin(), circle.end(), std::size_t{0});
  std::set<std::pair<std::size_t, std::size_t>> edges;
  for (std::size_t round = 0; round < shape.degree / 2; ++round) {
    for (std::size_t i = circle.size() - 1; i > 0; --i)
      std::swap(circle[i], circle[static_cast<std::size_t>(random.below(i + 1))]);
    for (std::size_t i = 0; i < circle.size(); ++i)
      edges.insert(std::minmax(circle[i], circle[(i + 1) % circle.size()]));
  }
  graph.edges.assign(edges.begin(), edges.end());
  return graph;
}

std::vector<std::vector<std::size_t>> neighbours_of(const Graph& graph) {
  std::vector<std::vector<std::size_t>> out(graph.peers.size());
  for (const auto& [a, b] : graph.edges) {
    out[a].push_back(b);
    out[b].push_back(a);
  }
  return out;
}

void write_graph(const Graph& graph, std::FILE* file) {
  std::fprintf(file, "graph %zu %zu %zu\n", graph.shape.peers, graph.shape.degree,
               graph.edges.size());
  for (const PeerId& peer : graph.peers) std::fprintf(file, "peer %s\n", peer.text().c_str());
  for (const auto& [a, b] : graph.edges) std::fprintf(file, "edge %zu %zu\n", a, b);
}

std::optional<Graph> read_graph(std::FILE* file) {
  GraphShape shape{};
  std::size_t edges = 0;
  if (std::fscanf(file, "graph %zu %zu %zu\n", &shape.peers, &shape.degree, &edges) != 3)
    return std::nullopt;
  Graph graph{shape, {}, {}};
  for (std::size_t i = 0; i < shape.peers; ++i) {
    char text[64];
    const auto id =
        std::fscanf(file, "peer %63s\n", text) == 1 ? PeerId::parse(text) : std::nullopt;
    if (!id) std::abort();
    graph.peers.push_back(*id);
  }
  for (std::size_t i = 0; i < edges; ++i) {
    std::size_t a = 0;
    std::size_t b = 0;
    if (std::fscanf(file, "edge %zu %zu\n", &a, &b) != 2) std::abort();
    graph.edges.emplace_back(a, b);
  }
  return graph;
}

}  // namespace membrane::bench
