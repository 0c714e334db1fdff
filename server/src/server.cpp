#include "server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <stdexcept>

#include "static_server.h"
#include "websocket_server.h"

namespace membrane::server {
namespace {

net::ip::tcp::endpoint endpoint_of(const Options& options, std::uint16_t port) {
  return {net::ip::make_address(options.bind_address), port};
}

// Calls `make`, which listens at a port, and names the port in what it throws.
template <class Make>
auto listening_at(const Options& options, std::uint16_t port, Make make) {
  try {
    return make(endpoint_of(options, port));
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot listen at " + options.bind_address + " port " +
                             std::to_string(port) + ": " + error.code().message());
  }
}

}  // namespace

class Server::State {
 public:
  State(const Options& given, std::FILE* log_file)
      : options(given), log(log_file), signals(context) {
    websocket = listening_at(options, options.port, [&](const net::ip::tcp::endpoint& endpoint) {
      return std::make_unique<WebSocketServer>(context, endpoint, options.limits,
                                               options.ice_servers, log);
    });
    if (!options.static_root) return;
    files = listening_at(options, options.static_port, [&](const net::ip::tcp::endpoint& endpoint) {
      return std::make_unique<StaticServer>(context, endpoint, *options.static_root,
                                            options.limits.socket, log);
    });
  }
  // Handlers refer to the listeners, so they are run out before those are destroyed.
  ~State() {
    stop();
    context.restart();
    context.run();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void stop() {
    Error ignored;
    signals.cancel(ignored);
    if (websocket) websocket->stop();
    if (files) files->stop();
  }

  const Options options;
  Log log;
  net::io_context context{1};
  net::signal_set signals;
  std::unique_ptr<WebSocketServer> websocket;
  std::unique_ptr<StaticServer> files;
};

Server::Server(const Options& options, std::FILE* log)
    : state_(std::make_unique<State>(options, log)) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return state_->websocket->port(); }

std::optional<std::uint16_t> Server::static_port() const {
  if (!state_->files) return std::nullopt;
  return state_->files->port();
}

void Server::stop_on_signals() {
  state_->signals.add(SIGINT);
  state_->signals.add(SIGTERM);
  state_->signals.async_wait([this](const Error& error, int) {
    if (!error) state_->stop();
  });
}

void Server::run() { state_->context.run(); }

void Server::stop() {
  net::post(state_->context, [this] { state_->stop(); });
}

}  // namespace membrane::server
