#include "options.h"

#include <algorithm>
#include <charconv>
#include <thread>

namespace membrane::sim {
namespace {

constexpr std::string_view usage = R"(Usage: membrane-sim SCENARIO [OPTION ...]

Runs a network of real nodes under virtual time and judges it. The exit code is 1 when a checker
finds a violation or a figure is not what the scenario says it must be.

  --peers N         how many peers join
  --seed S          all chance follows from it (1)
  --set KEY=VALUE   replaces a value of the scenario; KEY is that of a scalar, PHASE.KEY or
                    must.FIGURE; may be repeated
  --threads N       how many take turns of different nodes at once; all but the time stays the same
                    (the processors, 4 at most)
  --show            prints the scenario as it would run, drawn from the seed where it is a swarm: a file
                    to change and to run
  --json            the report as one JSON object
  --no-timing       leaves out how long the run took: the same seed gives the same report
  --trace           one line an event on standard output, before the report
  --svg FILE        draws the ring, the links and the way of the last message
  --help            show this text

SCENARIO is a file, or one of these:
)";

Farewell mistake(std::string text) {
  return {text.insert(0, "membrane-sim: ").append("\nTry --help.\n"), 2};
}

std::string help(const std::string& folder) {
  std::string out(usage);
  for (const auto& [name, about] : list_scenarios(folder)) {
    std::string line = "  " + name;
    line.resize(std::max<std::size_t>(20, line.size() + 1), ' ');
    out.append(line).append(about).append("\n");
  }
  return out;
}

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && stop == text.data() + text.size();
}

bool apply_flag(Options& options, std::string_view name) {
  if (name == "--json") return options.json = true;
  if (name == "--show") return options.show = true;
  if (name == "--trace") return options.trace = true;
  if (name == "--no-timing") return !(options.timing = false);
  return false;
}

/// What is wrong, or nothing.
std::string apply(Options& options, std::string_view name, std::string_view value) {
  std::uint64_t number = 0;
  if (name == "--seed") return read_number(value, options.seed) ? "" : "--seed must be a number";
  if (name == "--peers") {
    options.settings.emplace_back("peers", value);
    return read_number(value, number) ? "" : "--peers must be a number";
  }
  if (name == "--threads") {
    if (!read_number(value, number) || number == 0 || number > threads_max)
      return "--threads must be a number from 1 to " + std::to_string(threads_max);
    options.threads = static_cast<std::size_t>(number);
    return "";
  }
  if (name == "--svg") {
    options.svg = value;
    return "";
  }
  if (name != "--set") return "there is no option " + std::string(name);
  const auto equals = value.find('=');
  if (equals == std::string_view::npos) return "--set needs KEY=VALUE";
  options.settings.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  return "";
}

}  // namespace

std::size_t threads_default() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

std::variant<Options, Farewell> parse_options(const std::vector<std::string_view>& arguments,
                                              const std::string& scenario_folder) {
  Options options;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string_view name = arguments[at];
    if (name == "--help") return Farewell{help(scenario_folder), 0};
    if (!name.starts_with("--")) {
      if (!options.scenario.empty()) return mistake("one scenario, please");
      options.scenario = name;
      continue;
    }
    if (apply_flag(options, name)) continue;
    if (at + 1 == arguments.size()) return mistake(std::string(name) + " needs a value");
    const std::string wrong = apply(options, name, arguments[++at]);
    if (!wrong.empty()) return mistake(wrong);
  }
  if (options.scenario.empty()) return mistake("which scenario?");
  return options;
}

std::string replay_command(const Options& options) {
  std::string out = "./run sim " + options.scenario + " --seed " + std::to_string(options.seed);
  for (const auto& [key, value] : options.settings) {
    if (key == "peers")
      out.append(" --peers ").append(value);
    else
      out.append(" --set '").append(key).append("=").append(value).append("'");
  }
  return out;
}

}  // namespace membrane::sim
