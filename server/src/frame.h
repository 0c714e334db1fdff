// A text message as both vocabularies write it: a JSON array whose first element names the message.
// An element may be a message itself.
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

/// A message, as a view into the frame that it came in.
class Message {
 public:
  /// Of any value, or of none.
  explicit Message(const boost::json::value* value);
  /// Whether it is an array that starts with a string; one that is not has no elements.
  bool valid() const { return elements_ != nullptr; }
  /// The first element.
  std::string_view name() const;
  /// The element at `index` as a string; nothing if it is none.
  std::optional<std::string_view> text(std::size_t index) const;
  /// The element at `index` as an integer in 0 ... 2^53 - 1; nothing if it is none.
  std::optional<std::uint64_t> number(std::size_t index) const;
  /// The member `key` of the object at `index` as a string; nothing if there is none.
  std::optional<std::string_view> text_member(std::size_t index, std::string_view key) const;
  /// The element at `index` as a message; not valid if it is none.
  Message message(std::size_t index) const { return Message(at(index)); }

 private:
  const boost::json::value* at(std::size_t index) const;

  const boost::json::array* elements_ = nullptr;
};

/// A text and the message that it is.
class Frame : public Message {
 public:
  explicit Frame(std::string_view text);
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

 private:
  std::array<unsigned char, 4096> buffer_;
  boost::json::monotonic_resource memory_;
  boost::json::value value_;
};

/// Whether `json` is an object {"type": type, "sdp": a string that is not empty}, as
/// RTCSessionDescription writes itself.
bool is_description(std::string_view json, std::string_view type);

}  // namespace membrane::server
