// The few Asio types every socket of the server is made of. One thread runs one io_context: the
// work of a join is some ten system calls and a lookup, so a second core would only buy locks.

#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

#include "server_limits.h"

namespace membrane::server {

namespace net = boost::asio;
using Error = boost::system::error_code;
using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, Executor>;

/// The server's clock: monotonic, from an origin of the machine's choice.
inline Time now() {
  return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now().time_since_epoch());
}

/// Opens, binds and listens with the options accepted sockets inherit. Throws
/// boost::system::system_error when the address is taken or not allowed.
Acceptor listen(net::io_context& context, const net::ip::tcp::endpoint& endpoint,
                int send_buffer_bytes);

/// Whether an accept failed for want of descriptors or memory, so that it is worth waiting.
bool is_exhaustion(const Error& error);
/// For how long: soon again, and no busy loop meanwhile.
inline constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace membrane::server
