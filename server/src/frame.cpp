#include "frame.h"

#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>

namespace membrane::server {
namespace json = boost::json;
namespace {

constexpr std::uint64_t number_max = (std::uint64_t{1} << 53U) - 1;
constexpr std::size_t depth_max = 8;

json::value parse(std::string_view text, json::storage_ptr memory,
                  boost::system::error_code& error) {
  json::parse_options options;
  options.max_depth = depth_max;
  return json::parse(json::string_view(text.data(), text.size()), error, std::move(memory),
                     options);
}

std::optional<std::string_view> as_text(const json::value* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const json::string& text = value->get_string();
  return std::string_view(text.data(), text.size());
}

const json::value* member(const json::value* object, std::string_view key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  return object->get_object().if_contains(json::string_view(key.data(), key.size()));
}

}  // namespace

Message::Message(const json::value* value) {
  if (value == nullptr || !value->is_array()) return;
  const json::array& elements = value->get_array();
  if (as_text(elements.if_contains(0))) elements_ = &elements;
}

Frame::Frame(std::string_view text)
    : Message(nullptr), memory_(buffer_.data(), buffer_.size()), value_(&memory_) {
  boost::system::error_code error;
  json::value parsed = parse(text, &memory_, error);
  if (error) return;
  value_ = std::move(parsed);
  static_cast<Message&>(*this) = Message(&value_);
}

const json::value* Message::at(std::size_t index) const {
  return elements_ == nullptr ? nullptr : elements_->if_contains(index);
}

std::string_view Message::name() const { return as_text(at(0)).value_or(std::string_view()); }

std::optional<std::string_view> Message::text(std::size_t index) const {
  return as_text(at(index));
}

std::optional<std::uint64_t> Message::number(std::size_t index) const {
  const json::value* value = at(index);
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64() && value->get_uint64() <= number_max) return value->get_uint64();
  if (!value->is_int64() || value->get_int64() < 0) return std::nullopt;
  const auto number = static_cast<std::uint64_t>(value->get_int64());
  return number <= number_max ? std::optional(number) : std::nullopt;
}

std::optional<std::string_view> Message::text_member(std::size_t index,
                                                     std::string_view key) const {
  return as_text(member(at(index), key));
}

bool is_description(std::string_view text, std::string_view type) {
  std::array<unsigned char, 4096> buffer;
  json::monotonic_resource memory(buffer.data(), buffer.size());
  boost::system::error_code error;
  const json::value value = parse(text, &memory, error);
  if (error || as_text(member(&value, "type")) != type) return false;
  const auto sdp = as_text(member(&value, "sdp"));
  return sdp && !sdp->empty();
}

}  // namespace membrane::server
