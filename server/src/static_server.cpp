#include "static_server.h"

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/file_body.hpp>
#include <boost/beast/http/message_generator.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "request_head.h"

namespace membrane::server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

using Request = http::request<http::empty_body>;
using Stream = beast::basic_stream<net::ip::tcp, Executor>;

void describe(http::fields& fields) {
  fields.set(http::field::cache_control, "no-cache");
  fields.set("X-Content-Type-Options", "nosniff");
}

http::message_generator plain(const Request& request, http::status status, std::string text) {
  http::response<http::string_body> response(status, request.version());
  describe(response);
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  if (status == http::status::method_not_allowed) response.set(http::field::allow, "GET, HEAD");
  response.keep_alive(request.keep_alive());
  if (request.method() == http::verb::head) {
    response.content_length(text.size());
  } else {
    response.body() = std::move(text);
    response.prepare_payload();
  }
  return response;
}

http::message_generator redirect(const Request& request, const std::string& location) {
  http::response<http::empty_body> response(http::status::moved_permanently, request.version());
  describe(response);
  response.set(http::field::location, location);
  response.keep_alive(request.keep_alive());
  response.content_length(0);
  return response;
}

// The head of a response for `file`: also what HEAD and an unchanged file are answered with.
template <class Body>
http::response<Body> head_of(const Request& request, const StaticFile& file, http::status status) {
  http::response<Body> response;
  response.result(status);
  response.version(request.version());
  describe(response);
  response.set(http::field::etag, file.etag);
  response.set(http::field::content_type, file.content_type);
  response.keep_alive(request.keep_alive());
  return response;
}

http::message_generator serve(const Request& request, const StaticFile& file) {
  const auto known = request[http::field::if_none_match];
  if (known == "*" || known.find(file.etag) != beast::string_view::npos) {
    return head_of<http::empty_body>(request, file, http::status::not_modified);
  }
  if (request.method() == http::verb::head) {
    auto response = head_of<http::empty_body>(request, file, http::status::ok);
    response.content_length(file.size_bytes);
    return response;
  }
  beast::error_code error;
  http::file_body::value_type body;
  body.open(file.path.c_str(), beast::file_mode::scan, error);
  if (error) return plain(request, http::status::not_found, "not found\n");
  auto response = head_of<http::file_body>(request, file, http::status::ok);
  response.body() = std::move(body);
  response.prepare_payload();
  return response;
}

http::message_generator respond(const StaticFiles& files, const Request& request) {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    return plain(request, http::status::method_not_allowed, "only GET and HEAD\n");
  }
  const auto target = request.target();
  const auto found = files.find({target.data(), target.size()});
  if (const auto* file = std::get_if<StaticFile>(&found)) return serve(request, *file);
  if (const auto* moved = std::get_if<StaticRedirect>(&found)) {
    return redirect(request, moved->location);
  }
  return plain(request, http::status::not_found, "not found\n");
}

// One connection: requests and responses in turn. Lives as long as one of its operations.
class StaticConnection final : public StaticSession,
                               public std::enable_shared_from_this<StaticConnection> {
 public:
  StaticConnection(Socket socket, const StaticFiles& files, const SocketLimits& limits)
      : stream_(std::move(socket)), files_(files), limits_(limits) {}

  void read() {
    head_.emplace(limits_.static_head_bytes_max);
    reading_ = true;
    stream_.expires_after(limits_.static_timeout);
    parse();  // the next request may be here already
  }

  void stop() override {
    last_ = true;
    if (reading_) stream_.cancel();
  }

 private:
  void parse() {
    switch (head_->parse(buffer_)) {
      case HeadState::incomplete:
        return read_more();
      case HeadState::too_long:
        return refuse(http::status::request_header_fields_too_large);
      case HeadState::malformed:
        return refuse(http::status::bad_request);
      case HeadState::complete:
        return answer();
    }
  }

  void read_more() {
    stream_.async_read_some(room_for_head(buffer_),
                            [self = shared_from_this()](const Error& error, std::size_t size) {
                              if (error) return;
                              self->buffer_.commit(size);
                              self->parse();
                            });
  }

  void answer() {
    const auto& parser = head_->parser();
    if (parser.chunked() || parser.content_length().value_or(0) > 0) {
      return refuse(http::status::bad_request);
    }
    write(respond(files_, parser.get()));
  }

  void refuse(http::status status) {
    Request request;
    request.keep_alive(false);
    write(plain(request, status, "malformed request\n"));
  }

  void write(http::message_generator response) {
    reading_ = false;
    const bool keep_alive = response.keep_alive();
    beast::async_write(stream_, std::move(response),
                       [self = shared_from_this(), keep_alive](const Error& error, std::size_t) {
                         if (error) return;
                         if (keep_alive && !self->last_) return self->read();
                         Error ignored;
                         self->stream_.socket().shutdown(net::socket_base::shutdown_send, ignored);
                       });
  }

  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<RequestHead> head_;
  const StaticFiles& files_;
  const SocketLimits& limits_;
  bool reading_ = false;
  bool last_ = false;
};

}  // namespace

StaticServer::StaticServer(net::io_context& context, const net::ip::tcp::endpoint& endpoint,
                           const std::filesystem::path& root, const SocketLimits& limits, Log& log)
    : limits_(limits),
      log_(log),
      files_(root),
      acceptor_(listen(context, endpoint, limits.send_buffer_bytes)),
      accept_pause_(context.get_executor()) {
  accept();
}

void StaticServer::accept() {
  acceptor_.async_accept([this](const Error& error, Socket socket) {
    if (stopping_) return;
    if (!error && sessions_.size() < limits_.static_connections_max) {
      const auto connection =
          std::make_shared<StaticConnection>(std::move(socket), files_, limits_);
      sessions_.push_back(*connection);
      connection->read();
    }
    if (!is_exhaustion(error)) return accept();
    log_.line("accept", error.message(), now());
    accept_pause_.expires_after(accept_pause);
    accept_pause_.async_wait([this](const Error&) {
      if (!stopping_) accept();
    });
  });
}

void StaticServer::stop() {
  stopping_ = true;
  Error ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  for (StaticSession& session : sessions_) session.stop();
}

}  // namespace membrane::server
