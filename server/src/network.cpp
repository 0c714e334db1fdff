#include "network.h"

#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>
#include <cerrno>

namespace membrane::server {

Acceptor listen(net::io_context& context, const net::ip::tcp::endpoint& endpoint,
                int send_buffer_bytes) {
  Acceptor acceptor(context.get_executor());
  acceptor.open(endpoint.protocol());
  acceptor.set_option(net::socket_base::reuse_address(true));
  // Linux copies these to each accepted socket, which saves two system calls a join.
  acceptor.set_option(net::ip::tcp::no_delay(true));
  acceptor.set_option(net::socket_base::send_buffer_size(send_buffer_bytes));
  acceptor.bind(endpoint);
  acceptor.listen(net::socket_base::max_listen_connections);
  return acceptor;
}

bool is_exhaustion(const Error& error) {
  return error == net::error::no_descriptors || error == net::error::no_memory ||
         error == net::error::no_buffer_space || error.value() == ENFILE;
}

}  // namespace membrane::server
