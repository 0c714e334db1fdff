// membrane-sim: a scenario, a seed, a verdict.

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>

#include "options.h"
#include "run.h"
#include "svg.h"
#include "swarm.h"

namespace {

using namespace membrane::sim;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One line on standard error now and then, as long as the run lasts.
class Progress {
 public:
  explicit Progress(const Run& run) : run_(run) {}

  void operator()(const std::string& phase) {
    constexpr double every_s = 5;
    const double wall_s = seconds_since(start_);
    if (wall_s < shown_s_ + every_s) return;
    shown_s_ = wall_s;
    std::fprintf(stderr, "%6.0f s  %-10s %6.0f virtual s  %zu peers  %.2f million events\n", wall_s,
                 phase.c_str(), static_cast<double>(run_.world().now_us()) / 1e6,
                 run_.world().size(), static_cast<double>(run_.world().events()) / 1e6);
  }

 private:
  const Run& run_;
  Clock::time_point start_ = Clock::now();
  double shown_s_ = 0;
};

Scenario scenario_of(const Options& options) {
  Scenario scenario = load_scenario(options.scenario, MEMBRANE_SCENARIO_FOLDER, options.settings);
  const bool peers_given = std::any_of(options.settings.begin(), options.settings.end(),
                                       [](const Setting& s) { return s.first == "peers"; });
  if (scenario.swarm) draw_swarm(scenario, options.seed, peers_given);
  return scenario;
}

/// What went wrong, on standard error; whether anything did.
bool tell_failures(const Run& run, const Scenario& scenario, const Options& options) {
  const std::vector<std::string> broken = broken_bounds(run.report(), scenario.must);
  if (run.verdict().holds() && broken.empty()) return false;
  std::cerr << "seed " << options.seed << " fails:\n";
  for (const Violation& violation : run.verdict().kept()) {
    std::fprintf(stderr, "  %s, at %.3f s: %s\n", violation.check.c_str(),
                 static_cast<double>(violation.at) / 1e6, violation.what.c_str());
  }
  for (const std::string& bound : broken) std::cerr << "  " << bound << "\n";
  std::cerr << "  replay: " << replay_command(options) << "\n";
  return true;
}

int simulate(const Options& options) {
  const Scenario scenario = scenario_of(options);
  if (options.show) {
    std::cout << write_scenario(scenario);
    return 0;
  }
  Trace trace(std::cout);
  Run run(scenario, options.seed, options.trace ? &trace : nullptr, options.threads);
  run.on_progress = Progress(run);
  const Clock::time_point start = Clock::now();
  run.go();
  Report report = run.report();
  if (options.timing) {
    const double wall_s = seconds_since(start);
    report.set("wall_s", wall_s);
    report.set("cpu_s", static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
    const double events = static_cast<double>(run.world().events());
    report.set("events_per_s", static_cast<std::uint64_t>(events / std::max(wall_s, 0.001)));
  }
  if (!options.svg.empty())
    std::ofstream(options.svg) << draw(run.watch().census, run.watch().tree);
  std::cout << (options.json ? report.json() : report.table());
  std::cout.flush();
  return tell_failures(run, scenario, options) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_options({argv + 1, argv + argc}, MEMBRANE_SCENARIO_FOLDER);
  if (const auto* farewell = std::get_if<Farewell>(&parsed)) {
    (farewell->exit_code == 0 ? std::cout : std::cerr) << farewell->text;
    return farewell->exit_code;
  }
  try {
    return simulate(std::get<Options>(parsed));
  } catch (const std::exception& error) {
    std::cerr << "membrane-sim: " << error.what() << "\n";
    return 2;
  }
}
