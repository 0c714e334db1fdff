// A real server on ports of the system's choice, in a thread of the test.

#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "raw_client.h"
#include "server.h"

namespace membrane::server::test {

class RunningServer {
 public:
  explicit RunningServer(Options options = {})
      : log_(std::tmpfile()), server_(with_free_ports(std::move(options)), log_) {
    thread_ = std::thread([this] { server_.run(); });
  }
  ~RunningServer() {
    stop();
    std::fclose(log_);
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  std::uint16_t port() const { return server_.port(); }
  std::uint16_t static_port() const { return *server_.static_port(); }

  void stop() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }
  /// The size of the log so far.
  long log_bytes() {
    std::fseek(log_, 0, SEEK_END);
    return std::ftell(log_);
  }

 private:
  static Options with_free_ports(Options options) {
    options.port = 0;
    options.static_port = 0;
    return options;
  }

  std::FILE* log_;
  Server server_;
  std::thread thread_;
};

}  // namespace membrane::server::test
