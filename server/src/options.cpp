#include "options.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace membrane::server {
namespace {

constexpr std::string_view usage =
    R"(Usage: membrane-server [OPTION ...]

The first-contact server of Membrane: introduces newcomers to a member of their network.

  --port N                    WebSocket port (8777; 0 lets the system choose)
  --static DIR                also serve the files of DIR over HTTP
  --static-port N             port of the static files (8000; 0 lets the system choose)
  --bind ADDRESS              address to listen at (127.0.0.1; 0.0.0.0 or :: for all)
  --ice-server URL            a stun: or stuns: URL for v3 clients; may be repeated
  --connections-max N         WebSocket connections in all (20000)
  --connections-per-address-max N
                              WebSocket connections of one address (1024); behind a reverse proxy
                              set it to the number in all
  --help                      show this text
  --version                   show the version

Each listener prints one line once it listens, as in "listening ws://127.0.0.1:8777".
SIGINT and SIGTERM end the server. The log goes to standard error.
)";

constexpr std::size_t ice_servers_max = 16;

Farewell mistake(std::string text) {
  return {"membrane-server: " + std::move(text) + "\nTry --help.\n", 2};
}

template <class Number>
bool read_number(std::string_view text, Number low, Number high, Number& out) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < low || value > high) return false;
  out = value;
  return true;
}

/// No turn: URLs: a browser refuses them without credentials, which this server does not hand out.
bool is_ice_url(std::string_view url) {
  constexpr std::array<std::string_view, 2> schemes = {"stun:", "stuns:"};
  return std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
    return url.starts_with(scheme) && url.size() > scheme.size();
  });
}

bool is_address(const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  return !error;
}

// Applies one option; what is wrong with its value, or nothing.
std::string_view apply(Options& options, std::string_view name, std::string_view value) {
  SocketLimits& socket = options.limits.socket;
  constexpr std::uint16_t port_max = 65535;
  constexpr std::size_t connections_max = 1'000'000;
  if (name == "--port") {
    return read_number<std::uint16_t>(value, 0, port_max, options.port) ? "" : "is no port";
  }
  if (name == "--static-port") {
    return read_number<std::uint16_t>(value, 0, port_max, options.static_port) ? "" : "is no port";
  }
  if (name == "--connections-max") {
    return read_number<std::size_t>(value, 1, connections_max, socket.connections_max)
               ? ""
               : "is no number from 1 to 1000000";
  }
  if (name == "--connections-per-address-max") {
    return read_number<std::size_t>(value, 1, connections_max, socket.connections_per_address_max)
               ? ""
               : "is no number from 1 to 1000000";
  }
  if (name == "--static") {
    options.static_root = std::filesystem::path(value);
    std::error_code error;
    return std::filesystem::is_directory(*options.static_root, error) ? "" : "is no folder";
  }
  if (name == "--bind") {
    options.bind_address = std::string(value);
    return is_address(options.bind_address) ? "" : "is no IP address";
  }
  if (!is_ice_url(value)) return "is no stun: or stuns: URL";
  options.ice_servers.emplace_back(value);
  return options.ice_servers.size() <= ice_servers_max ? "" : "is one ICE server too many";
}

bool is_option(std::string_view name) {
  constexpr std::array<std::string_view, 7> names = {"--port",
                                                     "--static",
                                                     "--static-port",
                                                     "--bind",
                                                     "--ice-server",
                                                     "--connections-max",
                                                     "--connections-per-address-max"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::variant<Options, Farewell> parse_options(const std::vector<std::string_view>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    if (name == "--help") return Farewell{std::string(usage), 0};
    if (name == "--version") return Farewell{"membrane-server " MEMBRANE_VERSION "\n", 0};
    std::optional<std::string_view> value;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    if (!is_option(name)) return mistake("unknown option " + std::string(name));
    if (!value && i + 1 < arguments.size()) value = arguments[++i];
    if (!value) return mistake(std::string(name) + " needs a value");
    const std::string_view wrong = apply(options, name, *value);
    if (!wrong.empty()) {
      return mistake(std::string(name) + ": " + std::string(*value) + ' ' + std::string(wrong));
    }
  }
  return options;
}

}  // namespace membrane::server
