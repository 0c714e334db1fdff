#include "graph.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <set>

#include "random.h"

namespace membrane::bench {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File open_file(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode), &std::fclose);
  if (file) return file;
  std::fprintf(stderr, "cannot open %s\n", path.c_str());
  std::exit(EXIT_FAILURE);
}

Random random_from(std::uint64_t seed) {
  Random::Seed bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(seed >> (8 * i));
  return Random(bytes);
}

}  // namespace

std::string GraphShape::name() const {
  return std::to_string(peers) + " peers, degree " + std::to_string(degree);
}

std::string GraphShape::file_name() const {
  return "graph-" + std::to_string(peers) + "-" + std::to_string(degree) + ".txt";
}

Graph random_graph(const GraphShape& shape, std::uint64_t seed) {
  Random random = random_from(seed);
  Graph graph;
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

void write_graph(const Graph& graph, const std::string& path) {
  const File file = open_file(path, "w");
  for (const PeerId& peer : graph.peers) std::fprintf(file.get(), "peer %s\n", peer.text().c_str());
  for (const auto& [a, b] : graph.edges) std::fprintf(file.get(), "edge %zu %zu\n", a, b);
}

Graph read_graph(const std::string& path) {
  const File file = open_file(path, "r");
  Graph graph;
  char text[64];
  std::size_t a = 0;
  std::size_t b = 0;
  while (std::fscanf(file.get(), "peer %63s\n", text) == 1) {
    const auto id = PeerId::parse(text);
    if (!id) std::abort();
    graph.peers.push_back(*id);
  }
  while (std::fscanf(file.get(), "edge %zu %zu\n", &a, &b) == 2) graph.edges.emplace_back(a, b);
  return graph;
}

}  // namespace membrane::bench
