// The three text encodings that meet the server: percent-encoding (RFC 3986, 2.1), base64 (RFC
// 4648, 4) and JSON strings (RFC 8259, 7). All pure; a malformed input yields nothing.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace membrane::server {

/// Undoes percent-encoding; `+` stays `+`. Nothing if a `%` is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);

/// Decodes standard base64, with its padding or without. Nothing for any other character or length.
std::optional<std::string> base64_decode(std::string_view text);

/// Appends `text` (UTF-8) as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

/// `text` fit for one line of a log: control and non-ASCII bytes as \xNN, cut after `length_max`.
std::string printable(std::string_view text, std::size_t length_max);

}  // namespace membrane::server
