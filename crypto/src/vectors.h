// Reads the test vectors in crypto/vectors, which the browser's tests read too.
//
// A file is a list of records set apart by blank lines; a record is lines of `key = value`; a line
// that starts with `#` is a comment. A vector that is missing or malformed fails the test.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace membrane::crypto {

using Bytes = std::vector<std::uint8_t>;

class Vector {
 public:
  void set(const std::string& key, const std::string& value) { fields_[key] = value; }
  [[nodiscard]] bool empty() const { return fields_.empty(); }
  [[nodiscard]] bool has(const std::string& key) const { return fields_.count(key) == 1; }
  [[nodiscard]] std::string text(const std::string& key) const;
  [[nodiscard]] Bytes bytes(const std::string& key) const;

 private:
  std::map<std::string, std::string> fields_;
};

// The records of crypto/vectors/`file`, at least one.
std::vector<Vector> read_vectors(const std::string& file);

Bytes from_hex(std::string_view hex);
Bytes from_text(std::string_view text);

}  // namespace membrane::crypto
