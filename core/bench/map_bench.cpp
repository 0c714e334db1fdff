#include <algorithm>
#include <cstdlib>

#include "benches.h"
#include "graph.h"
#include "map.h"
#include "measure.h"

namespace membrane::bench {
namespace {

constexpr TimeMs start_ms = 1'700'000'000'000;

Config config_of(const PeerId& id, std::size_t peers_max) {
  Config config;
  config.id = id;
  config.name = "peer 0";
  config.network = "bench";
  config.peers_max = peers_max;
  return config;
}

/// One peer's map, fed with the signed bytes of the others' records.
struct World {
  explicit World(const PeerId& self, std::size_t peers_max)
      : context(config_of(self, peers_max), start_ms), map(context) {
    map.hooks = {.overtaken = [](std::uint64_t) {}, .changed = [] {}, .scope_changed = [] {}};
  }

  void accept(ByteView encoded) {
    const auto statement = decode_statement(encoded);
    if (!statement || map.accept(*statement, encoded) != Error::none) std::abort();
  }

  /// As a node ends each input: the map is brought up to date, the events leave.
  void refresh() {
    map.refresh();
    context.outputs.clear();
  }

  Context context;
  Map map;
};

/// The network as its peers describe it: the records as they travel.
class Records {
 public:
  explicit Records(const Graph& graph) : graph_(graph), links_(neighbours_of(graph)) {
    for (std::size_t peer = 0; peer < graph.peers.size(); ++peer) encoded_.push_back(encode(peer));
  }

  void import_into(World& world) const {
    for (std::size_t peer = 1; peer < encoded_.size(); ++peer) world.accept(encoded_[peer]);
    world.map.set_own_links(positions(0));
    world.refresh();
    if (world.map.size() != graph_.peers.size()) std::abort();
  }

  /// Adds or removes one edge, and writes both ends' next records.
  void toggle(std::size_t a, std::size_t b) {
    ++sequence_;
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      if (std::erase(links_[from], to) == 0) links_[from].push_back(to);
      encoded_[from] = encode(from);
    }
  }

  const Bytes& of(std::size_t peer) const { return encoded_[peer]; }

 private:
  std::vector<Position> positions(std::size_t peer) const {
    std::vector<Position> out;
    for (const std::size_t other : links_[peer]) out.push_back(graph_.peers[other].position());
    std::sort(out.begin(), out.end());
    return out;
  }

  Bytes encode(std::size_t peer) const {
    Record record;
    record.name = "peer " + std::to_string(peer);
    record.lifetime_s = limits::record_lifetime_s;
    record.links = positions(peer);
    Statement statement;
    statement.origin = graph_.peers[peer];
    statement.sequence = sequence_;
    statement.body = encode_record(record);
    return encode_statement(statement);
  }

  const Graph& graph_;
  std::vector<std::vector<std::size_t>> links_;
  std::vector<Bytes> encoded_;
  std::uint64_t sequence_ = start_ms;
};

void measure_import(const std::string& name, const Graph& graph, const Records& records) {
  report("import: " + name, measure([&] {
           World world(graph.peers[0], graph.peers.size());
           records.import_into(world);
         }));
}

void measure_lookup(const std::string& name, const Graph& graph, const World& world) {
  std::size_t peer = 0;
  report("lookup: " + name, measure([&] {
           peer = peer + 7 < graph.peers.size() ? peer + 7 : peer + 7 - graph.peers.size();
           keep(world.map.route(graph.peers[peer].position()));
         }));
}

/// What a living network pays: an edge between two others comes or goes, both ends say so, the
/// next envelope needs a route.
void measure_change(const std::string& name, const Graph& graph, Records& records, World& world) {
  const std::size_t a = graph.peers.size() / 3;
  const std::size_t b = 2 * a;
  const auto prepare = [&] {
    records.toggle(a, b);
    world.context.now += limits::record_interval_min_ms;
  };
  report("change: " + name, measure(prepare, [&] {
           world.accept(records.of(a));
           world.accept(records.of(b));
           world.refresh();
           keep(world.map.route(graph.peers[b].position()));
         }));
  const auto prepare_refresh = [&] {
    prepare();
    world.accept(records.of(a));
    world.accept(records.of(b));
  };
  report("refresh: " + name, measure(prepare_refresh, [&] { world.refresh(); }));
}

}  // namespace

void measure_map() {
  while (const auto graph = read_graph(stdin)) {
    const std::string name = graph->shape.name();
    Records records(*graph);
    World world(graph->peers[0], graph->peers.size());
    records.import_into(world);
    measure_import(name, *graph, records);
    measure_lookup(name, *graph, world);
    measure_change(name, *graph, records, world);
  }
  // The largest map that ships, refreshed.
  const GraphShape largest{limits::peers_max, 16};
  const Graph graph = random_graph(largest, 1);
  Records records(graph);
  World world(graph.peers[0], graph.peers.size());
  records.import_into(world);
  measure_change(largest.name(), graph, records, world);
}

}  // namespace membrane::bench
