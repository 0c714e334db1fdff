// The HTTP port for static files: GET and HEAD of what StaticFiles finds, validated by ETag.
//
// Bounds: SocketLimits (static_*): connections, size of a request's head, time for a request and
// its response. A request with a body is refused, so none is ever read.

#pragma once

#include <boost/intrusive/list.hpp>
#include <filesystem>

#include "log.h"
#include "network.h"
#include "static_files.h"

namespace membrane::server {

/// A connection as its server sees it: in a list until it ends.
class StaticSession : public boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~StaticSession() = default;
  /// Ends it after the response under way, if there is one.
  virtual void stop() = 0;
};

class StaticServer {
 public:
  /// Listens at once; throws boost::system::system_error if it cannot, and
  /// std::filesystem::filesystem_error if `root` is no folder. `context`, `limits` and `log`
  /// outlive it, and no handler of `context` runs after it is destroyed.
  StaticServer(net::io_context& context, const net::ip::tcp::endpoint& endpoint,
               const std::filesystem::path& root, const SocketLimits& limits, Log& log);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  /// Accepts no more and closes what is idle; responses under way may finish.
  void stop();

 private:
  // Counting takes a walk along the list, at most static_connections_max steps an accept.
  using Sessions =
      boost::intrusive::list<StaticSession, boost::intrusive::constant_time_size<false>>;

  void accept();

  const SocketLimits& limits_;
  Log& log_;
  StaticFiles files_;
  Acceptor acceptor_;
  Timer accept_pause_;
  Sessions sessions_;
  bool stopping_ = false;
};

}  // namespace membrane::server
