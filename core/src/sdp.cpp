#include "sdp.h"

#include <cstddef>

#include "membrane/limits.h"

namespace membrane {
namespace {

constexpr std::string_view prefix = "a=fingerprint:";
constexpr std::string_view hash = "sha-256 ";
constexpr std::string_view known_line = "\na=membrane-knows:0000000000000000\r\n";
constexpr std::size_t place_digits = 16;
constexpr std::size_t place_at = known_line.size() - 2 - place_digits;
constexpr std::size_t digest_size = 32;

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

/// `AB:CD:…`, 32 times; empty when it is anything else.
Bytes parse_digest(std::string_view text) {
  if (text.size() != digest_size * 3 - 1) return {};
  Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0 || (i + 2 < text.size() && text[i + 2] != ':')) return {};
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char letter =
        text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
    if (letter != lower[i]) return false;
  }
  return true;
}

}  // namespace

Result<Bytes> sdp_fingerprint(std::string_view sdp) {
  if (sdp.size() > limits::sdp_size_max) return Error::oversized;
  Bytes found;
  while (!sdp.empty()) {
    const std::size_t end = sdp.find('\n');
    std::string_view line = sdp.substr(0, end);
    sdp.remove_prefix(end == std::string_view::npos ? sdp.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.starts_with(prefix)) continue;
    line.remove_prefix(prefix.size());
    // A weaker hash beside it would let somebody choose which one the browser checks: only SHA-256
    // is taken.
    if (!starts_with_ignoring_case(line, hash)) return Error::malformed;
    Bytes digest = parse_digest(line.substr(hash.size()));
    if (digest.empty() || (!found.empty() && digest != found)) return Error::malformed;
    found = std::move(digest);
  }
  if (found.empty()) return Error::malformed;
  return found;
}

std::string sdp_with_known(std::string_view sdp, Position member) {
  std::string out(sdp);
  if (out.ends_with('\n')) out.pop_back();
  out.append(known_line);
  char* digits = out.data() + out.size() - 2;
  for (std::size_t i = 0; i < place_digits; ++i, member >>= 4)
    *--digits = "0123456789abcdef"[member & 15];
  return out;
}

std::optional<Position> sdp_known(std::string_view sdp) {
  if (sdp.size() < known_line.size()) return std::nullopt;
  sdp.remove_prefix(sdp.size() - known_line.size());
  if (!sdp.starts_with(known_line.substr(0, place_at))) return std::nullopt;
  Position member = 0;
  for (const char letter : sdp.substr(place_at, place_digits)) {
    const int digit = hex_digit(letter);
    if (digit < 0) return std::nullopt;
    member = member << 4 | static_cast<Position>(digit);
  }
  return member;
}

}  // namespace membrane
