#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scenario.h"

namespace membrane::sim {

/// More than these do not make it faster: what is carried out in order takes a fifth of the time.
inline constexpr std::size_t threads_max = 8;
/// As many as there are processors, up to four.
std::size_t threads_default();

/// The command line of membrane-sim.
struct Options {
  std::string scenario;
  std::uint64_t seed = 1;
  std::vector<Setting> settings;  ///< of the scenario; --peers is one of them
  bool json = false;
  bool trace = false;
  bool show = false;   ///< the scenario as it would run, instead of running it
  bool timing = true;  ///< whether the report says how long the run took
  std::size_t threads = threads_default();
  std::string svg;  ///< a file to draw into, if any
};

/// Text to print instead of a run, and the exit code: 0 for --help, 2 for a mistake.
struct Farewell {
  std::string text;
  int exit_code = 0;
};

/// Reads the arguments after the program's name.
std::variant<Options, Farewell> parse_options(const std::vector<std::string_view>& arguments,
                                              const std::string& scenario_folder);

/// The command that does the same run again.
std::string replay_command(const Options& options);

}  // namespace membrane::sim
