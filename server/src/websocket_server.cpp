#include "websocket_server.h"

#include <algorithm>
#include <boost/asio/write.hpp>

namespace membrane::server {
WebSocketServer::WebSocketServer(net::io_context& context, const net::ip::tcp::endpoint& endpoint,
                                 const Limits& limits, const std::vector<std::string>& ice_servers,
                                 Log& log)
    : limits_(limits),
      log_(log),
      acceptor_(listen(context, endpoint, limits.socket.send_buffer_bytes)),
      timer_(context.get_executor()),
      accept_pause_(context.get_executor()),
      hub_(limits, ice_servers),
      shared_{limits, hub_, log} {
  accept();
  tick();
}

void WebSocketServer::accept() {
  acceptor_.async_accept([this](const Error& error, Socket socket) {
    if (stopping_) return;
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    if (!is_exhaustion(error)) return accept();
    log_.line("accept", error.message(), now());
    accept_pause_.expires_after(accept_pause);
    accept_pause_.async_wait([this](const Error&) {
      if (!stopping_) accept();
    });
  });
}

void WebSocketServer::accepted(Socket socket) {
  Error error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;  // gone before it was accepted
  const Household household = household_of(remote.address());
  if (!admits(household)) {
    log_.line("full", remote.address().to_string(), now());
    const std::string response = refusal_response({503, "too many connections"});
    socket.non_blocking(true, error);
    socket.write_some(net::buffer(response), error);
    return;
  }
  ++per_household_[household];
  start_connection(std::move(socket), remote.address(), shared_, *this);
}

bool WebSocketServer::admits(const Household& household) const {
  if (hub_.members() >= limits_.socket.connections_max) return false;
  const auto found = per_household_.find(household);
  return found == per_household_.end() ||
         found->second < limits_.socket.connections_per_address_max;
}

void WebSocketServer::ended(const net::ip::address& address) {
  const auto found = per_household_.find(household_of(address));
  if (--found->second == 0) per_household_.erase(found);
}

WebSocketServer::Household WebSocketServer::household_of(const net::ip::address& address) {
  Household household{};
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), household.begin());
  } else if (address.to_v6().is_v4_mapped()) {
    return household_of(net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()));
  } else {
    const auto bytes = address.to_v6().to_bytes();
    std::copy_n(bytes.begin(), household.size(), household.begin());
  }
  return household;
}

void WebSocketServer::tick() {
  timer_.expires_after(limits_.socket.tick);
  timer_.async_wait([this](const Error&) {
    hub_.advance(now());
    if (!stopping_ || hub_.members() > 0) tick();
  });
}

void WebSocketServer::stop() {
  if (std::exchange(stopping_, true)) return;
  Error ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  hub_.close_all(now());
}

}  // namespace membrane::server
