#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "membrane/bytes.h"
#include "membrane/id.h"

/// The primitives of the wire, docs/protocol.md "Primitives". Integers are QUIC variable-length
/// integers (RFC 9000 §16); places on the ring are eight bytes, big-endian; byte strings carry
/// their length in front.
namespace membrane {

/// The largest value that a variable-length integer carries.
inline constexpr std::uint64_t varint_max = (1ull << 62) - 1;

/// Appends primitives to a buffer of its own.
class Writer {
 public:
  Writer() = default;
  explicit Writer(std::size_t expected_size) { out_.reserve(expected_size); }

  Writer& u8(std::uint8_t value);
  Writer& u64(std::uint64_t value) { return big_endian(value, 8); }
  /// At most varint_max; larger values are clamped, since each caller's limit is far below.
  Writer& integer(std::uint64_t value);
  /// As they are, without a length.
  Writer& raw(ByteView bytes);
  /// With their length in front.
  Writer& bytes(ByteView bytes);
  Writer& text(std::string_view text) { return bytes(bytes_of(text)); }
  Writer& id(const PeerId& id) { return raw(id.bytes); }

  std::size_t size() const { return out_.size(); }
  ByteView view() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  Writer& big_endian(std::uint64_t value, std::size_t size);

  Bytes out_;
};

/// Reads primitives from foreign bytes. After the first failure every read yields an empty value
/// and ok() stays false, so a decoder reads straight through and asks once, at the end.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint64_t u64();
  std::uint64_t integer();
  /// An integer that must not exceed `limit`.
  std::uint64_t integer_up_to(std::uint64_t limit);
  ByteView raw(std::size_t size);
  /// A byte string of at most `size_max` bytes; a view into what is read.
  ByteView bytes(std::size_t size_max);
  /// A byte string that must be well-formed UTF-8.
  std::string text(std::size_t size_max);
  PeerId id() { return {array<PeerId::size>()}; }

  template <std::size_t size>
  std::array<std::uint8_t, size> array() {
    std::array<std::uint8_t, size> out{};
    const ByteView from = raw(size);
    for (std::size_t i = 0; i < from.size(); ++i) out[i] = from[i];
    return out;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }
  void fail();

 private:
  ByteView rest_;
  bool ok_ = true;
};

/// Whether bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(ByteView bytes);

}  // namespace membrane
