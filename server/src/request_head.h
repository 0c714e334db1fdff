// Parses the head of an HTTP request as it comes in, for both ports. Includes Beast.
//
// Beast throws where a field's name or value is longer than 64 KiB, and whatever a client sends
// must never throw into the event loop: so the head is fed to the parser here, where it is caught.

#pragma once

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <stdexcept>

namespace membrane::server {

enum class HeadState { incomplete, complete, too_long, malformed };

class RequestHead {
 public:
  using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  /// `bytes_max`: the longest head that is parsed.
  explicit RequestHead(std::size_t bytes_max) {
    // Beast's limit is 32 bits wide; ours are far below.
    parser_.header_limit(static_cast<std::uint32_t>(bytes_max));
  }

  /// Takes what it needs from the front of `buffer`. To be called again with more while incomplete.
  HeadState parse(boost::beast::flat_buffer& buffer) {
    namespace http = boost::beast::http;
    boost::beast::error_code error;
    try {
      buffer.consume(parser_.put(buffer.data(), error));
    } catch (const std::length_error&) {
      return HeadState::too_long;
    }
    if (parser_.is_header_done()) return error ? HeadState::malformed : HeadState::complete;
    if (error == http::error::need_more) return HeadState::incomplete;
    return error == http::error::header_limit ? HeadState::too_long : HeadState::malformed;
  }

  /// The parser of a complete head.
  Parser& parser() { return parser_; }

 private:
  Parser parser_;
};

/// Where the next bytes of a head may be read to: the rest of the buffer, or a little more.
inline auto room_for_head(boost::beast::flat_buffer& buffer) {
  constexpr std::size_t step_bytes = 512;
  return buffer.prepare(std::max(step_bytes, buffer.capacity() - buffer.size()));
}

}  // namespace membrane::server
