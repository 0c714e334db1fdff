#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace membrane::server::test {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds left_until(Clock::time_point end) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
}

}  // namespace

// --- RawSocket ----------------------------------------------------------------------------------

RawSocket::RawSocket(std::uint16_t port, int receive_buffer_bytes)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
               sizeof receive_buffer_bytes);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::abort();
  }
}

RawSocket::~RawSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

RawSocket::RawSocket(RawSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), ended_(other.ended_) {}

bool RawSocket::wait(short events, std::chrono::milliseconds deadline) {
  pollfd poll_entry{descriptor_, events, 0};
  return deadline.count() >= 0 && poll(&poll_entry, 1, static_cast<int>(deadline.count())) > 0;
}

bool RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait(POLLOUT, patience)) return false;
    const ssize_t sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawSocket::receive(std::chrono::milliseconds deadline) {
  if (!wait(POLLIN, deadline)) return {};
  std::array<char, 65536> buffer;
  const ssize_t size = recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (size <= 0) ended_ = true;
  return size <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::optional<std::string> RawSocket::receive_all(std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  std::string all;
  while (!ended_ && Clock::now() < end) all += receive(left_until(end));
  return ended_ ? std::optional(all) : std::nullopt;
}

bool RawSocket::ends(std::chrono::milliseconds deadline) {
  return receive_all(deadline).has_value();
}

void RawSocket::reset() {
  const linger at_once{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(descriptor_, -1));
}

// --- RawClient ----------------------------------------------------------------------------------

RawClient::RawClient(std::uint16_t port, std::string_view target, std::string_view subprotocol,
                     int receive_buffer_bytes)
    : socket_(port, receive_buffer_bytes) {
  std::string request = "GET " + std::string(target) +
                        " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!subprotocol.empty()) {
    request += "Sec-WebSocket-Protocol: " + std::string(subprotocol) + "\r\n";
  }
  socket_.send(request + "\r\n");
  std::size_t end = std::string::npos;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
    const std::string more = socket_.receive();
    if (more.empty()) return;
    in_ += more;
  }
  response_ = in_.substr(0, end + 4);
  in_.erase(0, end + 4);
  if (response_.size() > 12) status_ = static_cast<unsigned>(std::atoi(response_.c_str() + 9));
}

void RawClient::frame(unsigned char first, std::string_view payload, bool masked) {
  constexpr std::array<char, 4> mask = {0x11, 0x22, 0x33, 0x44};
  const unsigned char mask_bit = masked ? 0x80 : 0;
  std::string out(1, static_cast<char>(first));
  const auto put = [&](std::uint64_t value, int bytes) {
    while (bytes-- > 0) out += static_cast<char>((value >> (8 * bytes)) & 255U);
  };
  const std::size_t size = payload.size();
  const std::uint64_t short_size = size < 126 ? size : size < 65536 ? 126 : 127;
  put(mask_bit | short_size, 1);
  if (short_size == 126) put(size, 2);
  if (short_size == 127) put(size, 8);
  if (masked) out.append(mask.data(), mask.size());
  for (std::size_t i = 0; i < size; ++i) {
    out += masked ? static_cast<char>(payload[i] ^ mask[i % 4]) : payload[i];
  }
  socket_.send(out);
}

// The first whole frame received; the server never fragments or masks.
std::optional<Received> RawClient::parse() {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in_[i]); };
  if (in_.size() < 2) return std::nullopt;
  std::size_t head = 2;
  std::size_t size = byte(1);
  if (size >= 126) {
    const std::size_t wide = size == 126 ? 2 : 8;
    if (in_.size() < head + wide) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < wide; ++i) size = size << 8U | byte(2 + i);
    head += wide;
  }
  if (in_.size() < head + size) return std::nullopt;
  Received received;
  const unsigned opcode = byte(0) & 15U;
  if (opcode == 1) received.text = in_.substr(head, size);
  if (opcode == 8) received.close_code = size < 2 ? 1005U : byte(head) * 256U + byte(head + 1);
  in_.erase(0, head + size);
  return received;
}

Received RawClient::hear(std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (true) {
    while (const auto received = parse()) {
      if (received->close_code != 0) return *received;
      if (!received->text.empty() && received->text != "[\"heartbeat\"]") return *received;
    }
    const auto left = left_until(end);
    if (left.count() < 0) return {};
    const std::string more = socket_.receive(left);
    if (more.empty()) return {.ended = Clock::now() < end};
    in_ += more;
  }
}

std::optional<unsigned> RawClient::close_code() {
  while (true) {
    const Received received = hear();
    if (received.close_code != 0) return received.close_code;
    if (received.ended) return 0;
    if (received.text.empty()) return std::nullopt;
  }
}

}  // namespace membrane::server::test
