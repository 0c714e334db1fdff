#include "options.h"

#include <gtest/gtest.h>

namespace membrane::server {
namespace {

Options read(const std::vector<std::string_view>& arguments) {
  const auto parsed = parse_options(arguments);
  const auto* farewell = std::get_if<Farewell>(&parsed);
  EXPECT_EQ(farewell, nullptr) << farewell->text;
  return farewell == nullptr ? std::get<Options>(parsed) : Options{};
}

TEST(Options, defaults) {
  const Options options = read({});
  EXPECT_EQ(options.port, 8777);
  EXPECT_EQ(options.static_port, 8000);
  EXPECT_EQ(options.bind_address, "127.0.0.1");
  EXPECT_FALSE(options.static_root);
}

TEST(Options, everything_set_in_both_spellings) {
  const Options options =
      read({"--port", "0", "--static-port=1234", "--static", "/", "--bind=::1", "--ice-server",
            "stun:a.example", "--ice-server=stuns:b.example:5349", "--connections-max", "10",
            "--connections-per-address-max=5"});
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.static_port, 1234);
  EXPECT_EQ(options.static_root, "/");
  EXPECT_EQ(options.bind_address, "::1");
  EXPECT_EQ(options.ice_servers,
            (std::vector<std::string>{"stun:a.example", "stuns:b.example:5349"}));
  EXPECT_EQ(options.limits.socket.connections_max, 10U);
  EXPECT_EQ(options.limits.socket.connections_per_address_max, 5U);
}

TEST(Options, mistakes_are_named_and_exit_with_2) {
  const std::vector<std::vector<std::string_view>> mistakes = {
      {"--bogus"},
      {"port"},
      {"--port"},
      {"--port", "65536"},
      {"--port", "-1"},
      {"--port", "1x"},
      {"--port="},
      {"--static", "/no/such/folder"},
      {"--bind", "localhost"},
      {"--ice-server", "http://x"},
      {"--ice-server", "stun:"},
      {"--ice-server", "turn:without.credentials"},
      {"--connections-max", "0"},
      {"--connections-per-address-max", "x"}};
  for (const auto& arguments : mistakes) {
    const auto parsed = parse_options(arguments);
    const auto* farewell = std::get_if<Farewell>(&parsed);
    ASSERT_NE(farewell, nullptr) << arguments[0];
    EXPECT_EQ(farewell->exit_code, 2);
    EXPECT_NE(farewell->text.find(arguments[0].substr(0, 6)), std::string::npos) << farewell->text;
  }
}

TEST(Options, help_and_version_exit_with_0) {
  for (const auto argument : {"--help", "--version"}) {
    const auto parsed = parse_options({argument});
    ASSERT_TRUE(std::holds_alternative<Farewell>(parsed));
    EXPECT_EQ(std::get<Farewell>(parsed).exit_code, 0);
  }
}

}  // namespace
}  // namespace membrane::server
