// A client for the tests that can break every rule: a blocking TCP socket, with WebSocket frames
// made by hand. Every wait has a deadline, after which the test sees "nothing came".

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace membrane::server::test {

inline constexpr std::chrono::milliseconds patience{10'000};

/// A connected TCP socket to 127.0.0.1, closed when it is destroyed.
class RawSocket {
 public:
  /// Aborts the test program if it cannot connect. `receive_buffer_bytes` 0: the system's choice.
  explicit RawSocket(std::uint16_t port, int receive_buffer_bytes = 0);
  ~RawSocket();
  RawSocket(RawSocket&& other) noexcept;
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  /// Sends everything; false if the other side has closed or does not read for `patience`.
  bool send(std::string_view bytes);
  /// Some bytes; empty at the end of the stream, after a reset, or when nothing came in time.
  std::string receive(std::chrono::milliseconds deadline = patience);
  /// Everything up to the end of the stream; nothing if it did not end in time.
  std::optional<std::string> receive_all(std::chrono::milliseconds deadline = patience);
  /// Whether the other side closes or resets within the time (what comes before is thrown away).
  bool ends(std::chrono::milliseconds deadline = patience);
  /// Closes with a reset.
  void reset();

 private:
  bool wait(short events, std::chrono::milliseconds deadline);
  int descriptor_;
  bool ended_ = false;
};

/// What the server sent: a text message, a close code, or the end of the stream.
struct Received {
  std::string text{};
  unsigned close_code = 0;
  bool ended = false;
};

/// A WebSocket client on a RawSocket.
class RawClient {
 public:
  /// Connects and upgrades; `status()` says how that went.
  explicit RawClient(std::uint16_t port, std::string_view target, std::string_view subprotocol = "",
                     int receive_buffer_bytes = 0);

  unsigned status() const { return status_; }
  const std::string& response() const { return response_; }

  void say(std::string_view text) { frame(0x81, text); }
  /// A frame with any first byte (FIN, reserved bits, opcode), masked or not.
  void frame(unsigned char first, std::string_view payload, bool masked = true);
  RawSocket& socket() { return socket_; }

  /// The next message that is no heartbeat.
  Received hear(std::chrono::milliseconds deadline = patience);
  /// The next text message; empty if something else came.
  std::string text() { return hear().text; }
  /// The close code, whatever comes before; 0 if the stream ended without, nothing if neither came.
  std::optional<unsigned> close_code();

 private:
  std::optional<Received> parse();
  RawSocket socket_;
  std::string in_;
  std::string response_;
  unsigned status_ = 0;
};

}  // namespace membrane::server::test
