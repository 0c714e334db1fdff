// The command line of membrane-server.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server_limits.h"

namespace membrane::server {

struct Options {
  /// The folder of static files; without it there is no static listener.
  std::optional<std::filesystem::path> static_root;
  std::string bind_address = "127.0.0.1";
  std::uint16_t port = 8777;
  std::uint16_t static_port = 8000;
  std::vector<std::string> ice_servers;
  Limits limits;
};

/// Text to print instead of serving, and the exit code: 0 for --help and --version, 2 for a
/// mistake.
struct Farewell {
  std::string text;
  int exit_code;
};

/// Reads the arguments after the program's name. Throws nothing; a mistake is named in the text.
std::variant<Options, Farewell> parse_options(const std::vector<std::string_view>& arguments);

}  // namespace membrane::server
