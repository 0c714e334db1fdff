#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "membrane/bytes.h"
#include "membrane/id.h"
#include "membrane/output.h"

/// The golden vectors of docs/protocol.md: core/tests/vectors/*.txt, lines of `name = hex` under
/// comments that name each field. What a test says here in literal hexadecimal, field by field, is
/// compared with the file letter by letter, and the file's bytes are then what the core decodes and
/// must encode again. With MEMBRANE_REWRITE=1 in the environment the files are written anew; a test
/// that has written one fails, so that it never passes unnoticed.
namespace membrane::test {

Bytes from_hex(std::string_view hex);
std::string to_hex(ByteView bytes);
/// A text with its length in front, as the wire has it; at most 63 bytes.
std::string hex_text(std::string_view text);
/// `count` bytes that count up from `first`.
template <std::size_t count>
std::array<std::uint8_t, count> counting(std::uint8_t first) {
  std::array<std::uint8_t, count> out{};
  for (std::uint8_t& byte : out) byte = first++;
  return out;
}

/// One field of a vector.
struct Field {
  std::string hex;
  std::string meaning;
};

struct GoldenVector {
  std::string name;
  std::string about;
  std::vector<Field> fields;
};

/// One file of vectors.
class Golden {
 public:
  /// Compares the file with what is expected here; adds a test failure where they differ.
  Golden(const std::string& file, const std::string& about, const std::vector<GoldenVector>& all);

  /// A vector's bytes, as the file has them. A name that is not there fails the test.
  Bytes operator[](const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  std::map<std::string, Bytes> vectors_;
};

/// The two peers of the vectors, with keys that count: reproducible with any Ed25519 and X25519.
struct Person {
  std::array<std::uint8_t, 32> signing_seed;
  std::array<std::uint8_t, 32> sealing_private;
  PeerId id;
  Key sealing_key;

  Signature sign(ByteView data) const;
  Bytes seal_to(const Person& to, ByteView info, ByteView aad, ByteView plain) const;
  Bytes open(ByteView info, ByteView aad, ByteView sealed) const;
  std::string hex() const { return to_hex(id.bytes); }
  /// Its place on the ring: the first eight bytes of its id.
  std::string place() const { return hex().substr(0, 16); }
};

const Person& alice();
const Person& bob();
bool signature_holds(const Person& signer, ByteView data, const Signature& signature);

}  // namespace membrane::test
