// The core's benchmark. `membrane-core-bench prepare FOLDER` writes what all sides read: the graphs
// and the samples as JSON. `membrane-core-bench measure FOLDER` prints one line a figure: its name,
// a tab, then median, lower and upper quartile in nanoseconds, or a count. core/bench/run puts them
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

void prepare(const std::string& folder) {
  for (const GraphShape& shape : graph_shapes)
    write_graph(random_graph(shape, graph_seed), folder + "/" + shape.file_name());
  write_json_samples(folder + "/samples.json");
}
#endif

void measure_all(const std::string& folder) {
  measure_map(folder);
  measure_codec();
  measure_broadcast();
#ifndef __EMSCRIPTEN__
  measure_json();
  measure_links();
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc == 3 ? argv[1] : "";
#ifndef __EMSCRIPTEN__
  if (command == "prepare") return prepare(argv[2]), EXIT_SUCCESS;
#endif
  if (command == "measure") return measure_all(argv[2]), EXIT_SUCCESS;
  std::fprintf(stderr, "usage: membrane-core-bench prepare|measure FOLDER\n");
  return EXIT_FAILURE;
}
