// The whole server: both listeners on one event loop in one thread.

#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include "options.h"

namespace membrane::server {

class Server {
 public:
  /// Listens at once. Throws std::exception (with a message for the user) if an address is taken or
  /// not allowed. Lines of the log go to `log`, which outlives the server.
  Server(const Options& options, std::FILE* log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Nothing without a static folder.
  std::optional<std::uint16_t> static_port() const;

  /// SIGINT and SIGTERM then stop the server.
  void stop_on_signals();
  /// Serves until it is stopped and the last connection is closed or dropped.
  void run();
  /// Begins the end; may be called from any thread.
  void stop();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace membrane::server
