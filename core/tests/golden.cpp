#include "golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "../../crypto/src/hpke_context.h"
#include "membrane/crypto/ed25519.h"

namespace membrane::test {
namespace {

const std::string folder = MEMBRANE_SOURCE_DIR "/core/tests/vectors/";
constexpr std::size_t shown_bytes_max = 12;

/// A field's bytes in a comment: all of a short one, the beginning of a long one.
std::string shown(const std::string& hex) {
  if (hex.size() <= 2 * shown_bytes_max) return hex;
  return hex.substr(0, 2 * (shown_bytes_max - 2)) + "…(" + std::to_string(hex.size() / 2) + ")";
}

std::string render(const GoldenVector& vector) {
  std::ostringstream out;
  out << "# " << vector.about << "\n";
  std::string hex;
  for (const Field& field : vector.fields) {
    hex += field.hex;
    if (field.meaning.empty()) continue;
    const std::string bytes = shown(field.hex);
    // The ellipsis is one column and three bytes.
    const std::size_t columns = bytes.size() - (bytes.size() < field.hex.size() ? 2 : 0);
    out << "#   " << bytes << std::string(columns < 28 ? 28 - columns : 1, ' ') << field.meaning
        << "\n";
  }
  out << vector.name << " = " << hex << "\n";
  return out.str();
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void rewrite(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  ADD_FAILURE() << "rewrote " << path << ": look at what changed, then run without the flag";
}

}  // namespace

Bytes from_hex(std::string_view hex) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

std::string to_hex(ByteView bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string hex_text(std::string_view text) {
  EXPECT_LT(text.size(), 64u);
  const auto size = static_cast<std::uint8_t>(text.size());
  return to_hex(ByteView(&size, 1)) + to_hex(bytes_of(text));
}

Golden::Golden(const std::string& file, const std::string& about,
               const std::vector<GoldenVector>& all) {
  std::string expected =
      "# " + about + "\n# `name = bytes` in hexadecimal; see docs/protocol.md.\n";
  for (const GoldenVector& vector : all) expected += "\n" + render(vector);
  const std::string path = folder + file;
  if (std::getenv("MEMBRANE_REWRITE") && read_file(path) != expected) rewrite(path, expected);
  const std::string found = read_file(path);
  EXPECT_EQ(found, expected) << path << " differs; MEMBRANE_REWRITE=1 writes it anew";
  std::istringstream lines(found);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (line.empty() || line.front() == '#' || equals == std::string::npos) continue;
    vectors_[line.substr(0, equals)] = from_hex(std::string_view(line).substr(equals + 3));
  }
}

Bytes Golden::operator[](const std::string& name) const {
  const auto found = vectors_.find(name);
  if (found != vectors_.end()) return found->second;
  ADD_FAILURE() << "no vector " << name;
  return {};
}

std::vector<std::string> Golden::names() const {
  std::vector<std::string> out;
  for (const auto& [name, bytes] : vectors_) out.push_back(name);
  return out;
}

// ---- People -------------------------------------------------------------------------------------

namespace {

Person make_person(std::uint8_t signing_first, std::uint8_t sealing_first) {
  Person out;
  out.signing_seed = counting<32>(signing_first);
  out.sealing_private = counting<32>(sealing_first);
  out.id = PeerId{crypto::SigningKey::from_seed(out.signing_seed)->public_key()};
  out.sealing_key = crypto::SealingKey::from_private_key(out.sealing_private)->public_key();
  return out;
}

}  // namespace

const Person& alice() {
  static const Person person = make_person(0x00, 0x40);
  return person;
}

const Person& bob() {
  static const Person person = make_person(0x20, 0x60);
  return person;
}

Signature Person::sign(ByteView data) const {
  return *crypto::SigningKey::from_seed(signing_seed)->sign(data);
}

Bytes Person::seal_to(const Person& to, ByteView info, ByteView aad, ByteView plain) const {
  const auto ephemeral = crypto::SealingKey::from_private_key(counting<32>(0x80));
  return *crypto::seal_with(crypto::Aead::aes_256_gcm, *ephemeral, to.sealing_key, info, aad,
                            plain);
}

Bytes Person::open(ByteView info, ByteView aad, ByteView sealed) const {
  const auto own = crypto::SealingKey::from_private_key(sealing_private);
  return crypto::open(*own, info, aad, sealed).value_or(Bytes{});
}

bool signature_holds(const Person& signer, ByteView data, const Signature& signature) {
  return crypto::verify(signer.id.bytes, data, signature);
}

}  // namespace membrane::test
