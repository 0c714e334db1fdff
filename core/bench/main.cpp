// The core's benchmark. `membrane-core-bench prepare FOLDER` writes what all sides read: graphs.txt
// and samples.json. `membrane-core-bench measure <graphs.txt` prints one line a figure: its name, a
// tab, then the lower quartile and the median in nanoseconds, or a count. core/bench/run puts them
// beside the other side's.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "benches.h"
#include "graph.h"

using namespace membrane::bench;

namespace {

#ifndef __EMSCRIPTEN__
constexpr std::uint64_t graph_seed = 20'260'101;

int prepare(const std::string& folder) {
  std::FILE* file = std::fopen((folder + "/graphs.txt").c_str(), "w");
  if (!file) return EXIT_FAILURE;
  for (const GraphShape& shape : graph_shapes) write_graph(random_graph(shape, graph_seed), file);
  write_json_samples(folder + "/samples.json");
  return std::fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif

int measure_all() {
  measure_map();
  measure_codec();
  measure_broadcast();
#ifndef __EMSCRIPTEN__
  measure_json();
  measure_links();
#endif
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "measure" && argc == 2) return measure_all();
#ifndef __EMSCRIPTEN__
  if (command == "prepare" && argc == 3) return prepare(argv[2]);
#endif
  std::fprintf(stderr, "usage: membrane-core-bench prepare FOLDER | measure <FOLDER/graphs.txt\n");
  return EXIT_FAILURE;
}
