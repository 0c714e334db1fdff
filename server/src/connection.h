// One accepted socket of the WebSocket port: reads the upgrade request, refuses it or becomes a
// WebSocket, and then carries messages between the client and the hub until it ends.
//
// It owns itself: it lives as long as one of its operations is under way, and tells the hub and its
// owner when it ends. Nothing is thrown into the event loop. Beast (RFC 6455) stays behind this
// header.
//
// Bounds: SocketLimits; the hub's lists bound how long each state may last.

#pragma once

#include "hub.h"
#include "log.h"
#include "network.h"

namespace membrane::server {

/// What every connection shares.
struct ConnectionContext {
  const Limits& limits;
  Hub& hub;
  Log& log;
  /// Bytes queued for all connections together (outgoing_total_bytes_max).
  std::size_t outgoing_bytes = 0;
  /// Room taken by what all connections have received unfinished (incoming_total_bytes_max).
  std::size_t incoming_bytes = 0;
};

/// Told when a connection has ended; it may destroy nothing of it.
class ConnectionOwner {
 public:
  virtual void ended(const net::ip::address& address) = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// Starts a connection on an accepted socket and attaches it to the hub.
void start_connection(Socket socket, const net::ip::address& address, ConnectionContext& context,
                      ConnectionOwner& owner);

}  // namespace membrane::server
