#include "vectors.h"

#include <gtest/gtest.h>

#include <charconv>
#include <fstream>

namespace membrane::crypto {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

void read_line(const std::string& line, std::vector<Vector>& records) {
  const auto equals = line.find('=');
  if (line.empty() && !records.back().empty()) records.emplace_back();
  if (line.empty() || line.front() == '#') return;
  ASSERT_NE(equals, std::string::npos) << "neither a comment nor `key = value`: " << line;
  records.back().set(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
}

}  // namespace

std::string Vector::text(const std::string& key) const {
  const auto field = fields_.find(key);
  if (field != fields_.end()) return field->second;
  ADD_FAILURE() << "a vector lacks " << key;
  return {};
}

Bytes Vector::bytes(const std::string& key) const { return from_hex(text(key)); }

std::vector<Vector> read_vectors(const std::string& file) {
  std::ifstream in(MEMBRANE_CRYPTO_VECTORS "/" + file);
  std::vector<Vector> records(1);
  for (std::string line; std::getline(in, line);) read_line(line, records);
  if (records.back().empty()) records.pop_back();
  EXPECT_FALSE(records.empty()) << "no vectors in " << file;
  return records;
}

Bytes from_hex(std::string_view hex) {
  Bytes bytes(hex.size() / 2);
  EXPECT_EQ(hex.size() % 2, 0U) << hex;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const digits = hex.data() + 2 * i;
    EXPECT_EQ(std::from_chars(digits, digits + 2, bytes[i], 16).ptr, digits + 2) << hex;
  }
  return bytes;
}

Bytes from_text(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace membrane::crypto
