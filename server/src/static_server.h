// The HTTP port for static files: GET and HEAD of what StaticFiles finds, validated by ETag.
//
// Bounds: SocketLimits (static_*): connections, size of a request's head, time for a request and
// its response. A request with a body is refused, so none is ever read.

#pragma once

#include <filesystem>

#include "log.h"
#include "network.h"
#include "static_files.h"

namespace membrane::server {

class StaticServer {
 public:
  /// Listens at once; throws boost::system::system_error if it cannot, and
  /// std::filesystem::filesystem_error if `root` is no folder. `context`, `limits` and `log`
  /// outlive it, and no handler of `context` runs after it is destroyed.
  StaticServer(net::io_context& context, const net::ip::tcp::endpoint& endpoint,
               const std::filesystem::path& root, const SocketLimits& limits, Log& log);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  /// Accepts no more; responses under way may finish.
  void stop();

 private:
  void accept();

  const SocketLimits& limits_;
  Log& log_;
  StaticFiles files_;
  Acceptor acceptor_;
  Timer accept_pause_;
  std::size_t connections_ = 0;
  bool stopping_ = false;
};

}  // namespace membrane::server
