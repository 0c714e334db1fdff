#include "connection.h"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "request_head.h"

namespace membrane::server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

// Room for the head of a usual upgrade request, and what an idle client's next message starts with.
constexpr std::size_t head_bytes_usual = 4096;
constexpr std::size_t message_bytes_usual = 512;
constexpr std::size_t message_bytes_step = 8192;
// What a queued message costs beside its text.
constexpr std::size_t message_overhead_bytes = 64;

// RFC 6455, 5.5.1; the reason is one of our own and short.
std::string close_frame(std::uint16_t code, std::string_view reason) {
  std::string frame{static_cast<char>(0x88), static_cast<char>(2 + reason.size()),
                    static_cast<char>(code >> 8), static_cast<char>(code & 255)};
  return frame.append(reason);
}

class Connection final : public Member, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, const net::ip::address& address, ConnectionContext& context,
             ConnectionOwner& owner)
      : stream_(std::move(socket)), address_(address), context_(context), owner_(owner) {
    context_.hub.attach(*this, now());
  }
  ~Connection() override {
    context_.outgoing_bytes -= queued_bytes_;
    context_.incoming_bytes -= counted_bytes_;
    context_.hub.detach(*this, now());
    owner_.ended(address_);
  }

  void start();

  bool send(std::string text) override;
  void close(std::uint16_t code, std::string_view reason) override;
  void drop() override;

 private:
  void read_head();
  void parse_head();
  void judge(const http::request<http::empty_body>& request);
  void refuse(Refusal refusal);
  void drain();
  void accept(const http::request<http::empty_body>& request, Entry entry);
  void open();
  void read();
  void received();
  bool count_incoming();
  void write_next();
  void close_now();
  void end(std::string_view event, const Error& error);

  // A handler that keeps this connection alive and calls `then` with its own arguments.
  template <class Then>
  auto keep(Then then) {
    return [self = shared_from_this(), then = std::move(then)](auto... result) mutable {
      then(*self, result...);
    };
  }

  websocket::stream<Socket, false> stream_;
  std::optional<RequestHead> head_;
  beast::flat_buffer buffer_;
  // Messages to send: `batch_` from `next_` on, then `queue_`. A client has few, so vectors.
  std::vector<std::string> batch_;
  std::vector<std::string> queue_;
  std::size_t next_ = 0;
  std::size_t queued_bytes_ = 0;
  std::size_t counted_bytes_ = 0;
  std::string refusal_;
  std::string close_frame_;
  bool writing_ = false;
  bool upgraded_ = false;
  bool close_sent_ = false;
  net::ip::address address_;
  ConnectionContext& context_;
  ConnectionOwner& owner_;
};

// --- the upgrade --------------------------------------------------------------------------------

void Connection::start() {
  buffer_.reserve(head_bytes_usual);
  head_.emplace(context_.limits.socket.request_head_bytes_max);
  read_head();
}

void Connection::read_head() {
  stream_.next_layer().async_read_some(
      room_for_head(buffer_), keep([](Connection& self, const Error& error, std::size_t size) {
        if (error) return;
        self.buffer_.commit(size);
        if (!self.count_incoming()) return self.refuse({503, "too much to read"});
        self.parse_head();
      }));
}

void Connection::parse_head() {
  switch (head_->parse(buffer_)) {
    case HeadState::incomplete:
      return read_head();
    case HeadState::too_long:
      return refuse({431, "the request head is too long"});
    case HeadState::malformed:
      return refuse({400, "malformed request"});
    case HeadState::complete:
      break;
  }
  const auto request = head_->parser().release();
  head_.reset();
  judge(request);
}

void Connection::judge(const http::request<http::empty_body>& request) {
  if (request.method() != http::verb::get) return refuse({405, "only GET"});
  if (!websocket::is_upgrade(request)) return refuse({426, "this is a WebSocket server"});
  const auto target = request.target();
  const auto protocols = request[http::field::sec_websocket_protocol];
  if (buffer_.size() > 0) return refuse({400, "nothing may follow an upgrade request"});
  auto judged = judge_upgrade({target.data(), target.size()}, {protocols.data(), protocols.size()},
                              context_.limits.talk);
  if (const auto* refusal = std::get_if<Refusal>(&judged)) return refuse(*refusal);
  accept(request, std::move(std::get<Entry>(judged)));
}

void Connection::refuse(Refusal refusal) {
  context_.log.line("refused", std::string(refusal.reason) + " from " + address_.to_string(),
                    now());
  head_.reset();
  context_.hub.closing(*this, now());
  refusal_ = refusal_response(refusal);
  net::async_write(stream_.next_layer(), net::buffer(refusal_),
                   keep([](Connection& self, const Error& error, std::size_t) {
                     if (error) return;
                     Error ignored;
                     self.stream_.next_layer().shutdown(Socket::shutdown_send, ignored);
                     self.drain();
                   }));
}

// Reads on until the client closes, so that it sees the response and not a reset.
void Connection::drain() {
  buffer_.clear();
  stream_.next_layer().async_read_some(buffer_.prepare(head_bytes_usual),
                                       keep([](Connection& self, const Error& error, std::size_t) {
                                         if (!error) self.drain();
                                       }));
}

void Connection::accept(const http::request<http::empty_body>& request, Entry entry) {
  if (entry.vocabulary == Vocabulary::v3) {
    stream_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
      response.set(http::field::sec_websocket_protocol, v3_subprotocol);
    }));
  }
  stream_.async_accept(
      request, keep([entry = std::move(entry)](Connection& self, const Error& error) mutable {
        if (error) return self.end("no upgrade", error);
        self.open();
        self.context_.hub.upgraded(self, std::move(entry), now());
        self.read();
      }));
}

void Connection::open() {
  upgraded_ = true;
  buffer_.clear();
  buffer_.shrink_to_fit();
  count_incoming();
  stream_.text(true);
  stream_.auto_fragment(false);
  stream_.read_message_max(context_.limits.socket.message_bytes_max);
  stream_.control_callback([this](websocket::frame_type type, beast::string_view) {
    if (close_sent_ && type == websocket::frame_type::close) return drop();
    if (type == websocket::frame_type::close) return context_.hub.closing(*this, now());
    context_.hub.pinged(*this, now());
  });
}

// --- messages -----------------------------------------------------------------------------------

void Connection::read() {
  const std::size_t room = buffer_.size() == 0 ? message_bytes_usual : message_bytes_step;
  stream_.async_read_some(buffer_, room,
                          keep([](Connection& self, const Error& error, std::size_t) {
                            if (error) return self.end("lost", error);
                            if (!self.count_incoming())
                              return self.end("lost", net::error::no_buffer_space);
                            if (self.stream_.is_message_done()) self.received();
                            self.read();
                          }));
}

void Connection::received() {
  const auto data = buffer_.cdata();
  if (stream_.got_text()) {
    context_.hub.received(*this, {static_cast<const char*>(data.data()), data.size()}, now());
  } else {
    context_.hub.closing(*this, now());
    close(1003, "text messages only");
  }
  buffer_.clear();
  if (buffer_.capacity() > message_bytes_usual) buffer_.shrink_to_fit();
  count_incoming();
}

// Counts this connection's buffer to the sum of all; false if it is too large a part of too much.
bool Connection::count_incoming() {
  context_.incoming_bytes -= counted_bytes_;
  counted_bytes_ = buffer_.capacity();
  context_.incoming_bytes += counted_bytes_;
  return counted_bytes_ <= head_bytes_usual ||
         context_.incoming_bytes <= context_.limits.socket.incoming_total_bytes_max;
}

bool Connection::send(std::string text) {
  const SocketLimits& limits = context_.limits.socket;
  const std::size_t bytes = text.size() + message_overhead_bytes;
  if (queued_bytes_ + bytes > limits.outgoing_bytes_max) return false;
  if (context_.outgoing_bytes + bytes > limits.outgoing_total_bytes_max) return false;
  queued_bytes_ += bytes;
  context_.outgoing_bytes += bytes;
  queue_.push_back(std::move(text));
  if (!writing_) write_next();
  return true;
}

void Connection::write_next() {
  if (next_ == batch_.size()) {
    batch_.clear();
    batch_.swap(queue_);
    next_ = 0;
  }
  writing_ = next_ < batch_.size();
  if (!writing_) return close_now();
  stream_.async_write(net::buffer(batch_[next_]),
                      keep([](Connection& self, const Error& error, std::size_t) {
                        std::string& sent = self.batch_[self.next_++];
                        const std::size_t bytes = sent.size() + message_overhead_bytes;
                        self.queued_bytes_ -= bytes;
                        self.context_.outgoing_bytes -= bytes;
                        std::string().swap(sent);
                        if (!error) self.write_next();
                      }));
}

// --- the end ------------------------------------------------------------------------------------

void Connection::close(std::uint16_t code, std::string_view reason) {
  if (!close_frame_.empty()) return;
  if (!upgraded_) return drop();
  context_.log.line("closed", std::string(reason) + " for " + address_.to_string(), now());
  close_frame_ = close_frame(code, reason);
  if (!writing_) close_now();
}

// Sends the close frame once everything queued before it has left; the client's answer ends us. Not
// Beast's async_close: beside a read it waits for that read, which waits for it when the client
// sends something malformed, and neither ends with the socket.
void Connection::close_now() {
  if (close_frame_.empty() || std::exchange(close_sent_, true)) return;
  net::async_write(stream_.next_layer(), net::buffer(close_frame_),
                   keep([](Connection&, const Error&, std::size_t) {}));
}

void Connection::drop() {
  Error ignored;
  stream_.next_layer().close(ignored);
}

void Connection::end(std::string_view event, const Error& error) {
  context_.hub.closing(*this, now());
  const bool ordinary = close_sent_ || error == websocket::error::closed ||
                        error == net::error::eof || error == net::error::connection_reset ||
                        error == net::error::broken_pipe || error == net::error::operation_aborted;
  if (!ordinary) context_.log.line(event, error.message() + " from " + address_.to_string(), now());
}

}  // namespace

void start_connection(Socket socket, const net::ip::address& address, ConnectionContext& context,
                      ConnectionOwner& owner) {
  std::make_shared<Connection>(std::move(socket), address, context, owner)->start();
}

}  // namespace membrane::server
