#include "frames.h"

#include <charconv>
#include <string>
#include <string_view>

#include "membrane/limits.h"
#include "message.h"
#include "statement.h"
#include "wire.h"

namespace membrane::sim {
namespace {

/// The type of a control message, which is its place in the variant and starts the frame.
template <typename T>
constexpr std::uint64_t type_of() {
  return Message(T{}).index() + 1;
}

/// The statement in a Spread or Push; empty when the frame is something else.
ByteView statement_in(ByteView frame) {
  static const std::uint64_t spread = type_of<Spread>();
  static const std::uint64_t push = type_of<Push>();
  Reader in(frame);
  const std::uint64_t type = in.integer();
  if (type == spread) {
    in.u64();
    in.u64();
    in.u8();
  } else if (type != push) {
    return {};
  }
  return in.bytes(limits::control_message_size_max);
}

}  // namespace

Bytes numbered_payload(std::uint64_t number, std::size_t size) {
  const std::string text = std::to_string(number) + " ";
  Bytes payload(text.begin(), text.end());
  if (payload.size() < size) payload.resize(size, '.');
  return payload;
}

std::optional<std::uint64_t> number_of(ByteView payload) {
  const std::string_view text = text_of(payload);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
  return number;
}

std::optional<std::uint64_t> number_in(ByteView frame) {
  Reader in(statement_in(frame));
  if (in.u8() != static_cast<std::uint8_t>(StatementKind::message)) return std::nullopt;
  in.raw(PeerId::size);
  in.integer();
  Reader body(in.bytes(limits::control_message_size_max));
  const ByteView name = body.bytes(limits::topic_name_size_max);
  if (!body.ok() || text_of(name) != measured_topic) return std::nullopt;
  return number_of(body.bytes(limits::topic_payload_size_max));
}

}  // namespace membrane::sim
