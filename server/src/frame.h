// A text message as both vocabularies write it: a JSON array whose first element names the message.
//
// Parsing is bounded by the message size and a depth of 8, allocates from a buffer on the stack
// before the heap, and throws nothing: what is no such array yields nothing.

#pragma once

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace membrane::server {

class Frame {
 public:
  explicit Frame(std::string_view text);
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  /// Whether the text was a JSON array that starts with a string.
  bool valid() const { return valid_; }
  /// The first element.
  std::string_view name() const;
  /// The element at `index` as a string; nothing if it is none.
  std::optional<std::string_view> text(std::size_t index) const;
  /// The element at `index` as an integer in 0 ... 2^53 - 1; nothing if it is none.
  std::optional<std::uint64_t> number(std::size_t index) const;
  /// The member `key` of the object at `index` as a string; nothing if there is none.
  std::optional<std::string_view> text_member(std::size_t index, std::string_view key) const;

 private:
  const boost::json::value* at(std::size_t index) const;

  std::array<unsigned char, 4096> buffer_;
  boost::json::monotonic_resource memory_;
  boost::json::value value_;
  bool valid_ = false;
};

/// Whether `json` is an object {"type": type, "sdp": a string that is not empty}, as
/// RTCSessionDescription writes itself.
bool is_description(std::string_view json, std::string_view type);

}  // namespace membrane::server
