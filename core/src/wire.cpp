#include "wire.h"

#include <bit>
#include <cstring>

namespace membrane {

Writer& Writer::u8(std::uint8_t value) {
  out_.push_back(value);
  return *this;
}

Writer& Writer::big_endian(std::uint64_t value, std::size_t size) {
  out_.resize(out_.size() + size);
  for (auto byte = out_.rbegin(); size > 0; --size, value >>= 8)
    *byte++ = static_cast<std::uint8_t>(value);
  return *this;
}

Writer& Writer::integer(std::uint64_t value) {
  if (value > varint_max) value = varint_max;
  const unsigned exponent = value < (1u << 6)    ? 0
                            : value < (1u << 14) ? 1
                            : value < (1u << 30) ? 2
                                                 : 3;
  const unsigned size = 1u << exponent;
  return big_endian(value | std::uint64_t{exponent} << (8 * size - 2), size);
}

Writer& Writer::raw(ByteView bytes) {
  out_.insert(out_.end(), bytes.begin(), bytes.end());
  return *this;
}

Writer& Writer::bytes(ByteView bytes) {
  integer(bytes.size());
  return raw(bytes);
}

void Reader::fail() {
  ok_ = false;
  rest_ = {};
}

ByteView Reader::raw(std::size_t size) {
  if (size > rest_.size()) {
    fail();
    return {};
  }
  const ByteView out = rest_.first(size);
  rest_ = rest_.subspan(size);
  return out;
}

std::uint8_t Reader::u8() {
  const ByteView byte = raw(1);
  return byte.empty() ? std::uint8_t{0} : byte[0];
}

std::uint64_t Reader::u64() {
  const ByteView from = raw(8);
  if (from.empty()) return 0;
  std::uint64_t value = 0;
  std::memcpy(&value, from.data(), sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  return value;
}

std::uint64_t Reader::integer() {
  const std::uint8_t first = u8();
  std::uint64_t value = first & 63;
  for (const std::uint8_t byte : raw((std::size_t{1} << (first >> 6)) - 1))
    value = value << 8 | byte;
  return ok_ ? value : 0;
}

std::uint64_t Reader::integer_up_to(std::uint64_t limit) {
  const std::uint64_t value = integer();
  if (value <= limit) return value;
  fail();
  return 0;
}

ByteView Reader::bytes(std::size_t size_max) {
  return raw(static_cast<std::size_t>(integer_up_to(size_max)));
}

std::string Reader::text(std::size_t size_max) {
  const ByteView from = bytes(size_max);
  if (!is_utf8(from)) {
    fail();
    return {};
  }
  return std::string(text_of(from));
}

bool is_utf8(ByteView bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::uint8_t lead = bytes[i];
    if (lead < 0x80) {  // most of what travels
      ++i;
      continue;
    }
    const std::size_t size = lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0 || i + size > bytes.size()) return false;
    std::uint32_t point = lead & (0x7fu >> size);
    for (std::size_t k = 1; k < size; ++k) {
      if (bytes[i + k] >> 6 != 2) return false;
      point = point << 6 | (bytes[i + k] & 63u);
    }
    static constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return false;
    i += size;
  }
  return true;
}

}  // namespace membrane
