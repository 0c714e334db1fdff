// membrane-server: see docs/operating.md.

#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "server.h"

namespace {

using membrane::server::Farewell;
using membrane::server::Options;
using membrane::server::Server;

std::string host_of(const std::string& address) {
  return address.find(':') == std::string::npos ? address : '[' + address + ']';
}

// Each connection needs a descriptor: take as many as the system allows.
void raise_descriptor_limit(std::size_t connections_max) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < connections_max + 64) {
    std::fprintf(stderr, "limit: the system allows %lu descriptors, fewer than --connections-max\n",
                 static_cast<unsigned long>(limit.rlim_cur));
  }
}

int serve(const Options& options) {
  raise_descriptor_limit(options.limits.socket.connections_max);
  Server server(options, stderr);
  server.stop_on_signals();
  const std::string host = host_of(options.bind_address);
  std::printf("listening ws://%s:%u\n", host.c_str(), unsigned{server.port()});
  if (const auto port = server.static_port()) {
    std::printf("listening http://%s:%u\n", host.c_str(), unsigned{*port});
  }
  std::fflush(stdout);
  server.run();
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string_view> arguments(values + 1, values + count);
  const auto parsed = membrane::server::parse_options(arguments);
  if (const auto* farewell = std::get_if<Farewell>(&parsed)) {
    std::fputs(farewell->text.c_str(), farewell->exit_code == 0 ? stdout : stderr);
    return farewell->exit_code;
  }
  try {
    return serve(std::get<Options>(parsed));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "membrane-server: %s\n", error.what());
    return 1;
  }
}
