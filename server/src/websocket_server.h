// The WebSocket port: accepts, counts connections in all and per address, and ticks the hub.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "connection.h"

namespace membrane::server {

class WebSocketServer final : private ConnectionOwner {
 public:
  /// Listens at once; throws boost::system::system_error if it cannot. `context`, `limits` and
  /// `log` outlive it, and no handler of `context` runs after it is destroyed.
  WebSocketServer(net::io_context& context, const net::ip::tcp::endpoint& endpoint,
                  const Limits& limits, const std::vector<std::string>& ice_servers, Log& log);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t clients() const { return hub_.clients(); }

  /// Accepts no more and closes every connection politely; those that linger are dropped.
  void stop();

 private:
  /// An IPv4 address, or the /64 an IPv6 address belongs to: what one household is given.
  using Household = std::array<unsigned char, 8>;

  void accept();
  void accepted(Socket socket);
  void tick();
  bool admits(const Household& household) const;
  void ended(const net::ip::address& address) override;
  static Household household_of(const net::ip::address& address);

  const Limits& limits_;
  Log& log_;
  Acceptor acceptor_;
  Timer timer_;
  Timer accept_pause_;
  Hub hub_;
  ConnectionContext shared_;
  std::map<Household, std::size_t> per_household_;
  bool stopping_ = false;
};

}  // namespace membrane::server
