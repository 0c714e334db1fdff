#include "upgrade.h"

#include "encoding.h"
#include "frame.h"

namespace membrane::server {
namespace {

std::string_view last_segment(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0: the whole
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Calls `visit` with each part of `text` between separators, until it returns true.
template <class Visit>
bool any_part(std::string_view text, char separator, Visit visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (visit(text.substr(0, end))) return true;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string_view> query_value(std::string_view query, std::string_view name) {
  std::optional<std::string_view> value;
  any_part(query, '&', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) return false;
    value = pair.substr(equals + 1);
    return true;
  });
  return value;
}

std::variant<Entry, Refusal> judge_bind(std::string_view query, const TalkLimits& limits) {
  const auto encoded = query_value(query, "originatingSDP");
  if (!encoded || encoded->empty()) return Refusal{400, "originatingSDP is missing"};
  auto offer = percent_decode(*encoded);
  if (!offer) return Refusal{400, "originatingSDP is not percent-encoded"};
  if (offer->size() > limits.v2_offer_bytes_max) return Refusal{414, "originatingSDP is too long"};
  const auto description = base64_decode(*offer);
  if (!description || !is_description(*description, "offer")) {
    return Refusal{400, "originatingSDP is no offer"};
  }
  return Entry{Vocabulary::v2, std::move(offer)};
}

std::string_view status_phrase(unsigned status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 414:
      return "URI Too Long";
    case 426:
      return "Upgrade Required";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

}  // namespace

std::variant<Entry, Refusal> judge_upgrade(std::string_view target, std::string_view subprotocols,
                                           const TalkLimits& limits) {
  const std::size_t question = target.find('?');
  const std::string_view name = last_segment(target.substr(0, question));
  const std::string_view query =
      question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  if (name == "bind") return judge_bind(query, limits);
  if (name == "reconnect") return Entry{Vocabulary::v2};
  if (name != "v3") return Refusal{404, "no such path"};
  const bool speaks_v3 = any_part(
      subprotocols, ',', [](std::string_view offered) { return trim(offered) == v3_subprotocol; });
  if (!speaks_v3) return Refusal{400, "subprotocol membrane.v3 is required"};
  return Entry{Vocabulary::v3};
}

std::string refusal_response(const Refusal& refusal) {
  std::string out = "HTTP/1.1 " + std::to_string(refusal.status) + ' ';
  out += status_phrase(refusal.status);
  if (refusal.status == 426) out += "\r\nUpgrade: websocket";
  out += "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ";
  out += std::to_string(refusal.reason.size() + 1) + "\r\n\r\n";
  out += refusal.reason;
  return out + '\n';
}

}  // namespace membrane::server
