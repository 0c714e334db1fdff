#include "measure.h"

#include <algorithm>
#include <cstdio>

namespace membrane::bench {

Figure summarize(Rounds per_call_ns) {
  std::sort(per_call_ns.begin(), per_call_ns.end());
  return {per_call_ns[rounds / 4], per_call_ns[rounds / 2]};
}

void report(const std::string& name, const Figure& figure) {
  std::printf("%s\t%.2f\t%.2f\n", name.c_str(), figure.quartile_ns, figure.median_ns);
  std::fflush(stdout);
}

void report_count(const std::string& name, std::size_t count) {
  std::printf("%s\t%zu\n", name.c_str(), count);
}

}  // namespace membrane::bench
