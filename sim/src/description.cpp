#include "description.h"

#include <charconv>

#include "random.h"

namespace membrane::sim {
namespace {

constexpr std::string_view origin = "v=0\r\no=- ";
constexpr std::string_view rest_of_origin =
    " IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\n"
    "a=msid-semantic: WMS\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\n";
constexpr std::string_view end_of_description =
    "a=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";
constexpr std::string_view public_type = " typ srflx ";
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint64_t secret_of(const End& end) { return mix(mix(0x5dee7, end.peer), end.link); }

void append_letters(std::string& out, std::uint64_t secret, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 10 == 0) secret = mix(secret + 1);
    out += alphabet[secret >> (6 * (i % 10)) & 63];
  }
}

void append_fingerprint(std::string& out, std::uint64_t secret) {
  static constexpr char hex[] = "0123456789ABCDEF";
  out += "a=fingerprint:sha-256 ";
  for (std::size_t i = 0; i < 32; ++i) {
    if (i % 8 == 0) secret = mix(secret + 1);
    const std::uint64_t byte = secret >> (8 * (i % 8)) & 255;
    if (i != 0) out += ':';
    out += hex[byte >> 4];
    out += hex[byte & 15];
  }
  out += "\r\n";
}

std::string address(const End& end, std::uint64_t salt) {
  const std::uint64_t bits = mix(secret_of(end), salt);
  return std::to_string(bits % 223 + 1) + "." + std::to_string(bits >> 8 & 255) + "." +
         std::to_string(bits >> 16 & 255) + "." + std::to_string(bits >> 24 & 255) + " " +
         std::to_string(1024 + (bits >> 32 & 0x7fff));
}

std::string candidate(const std::string& text) {
  return "{\"candidate\":\"candidate:" + text +
         " generation 0 network-cost 999\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}";
}

}  // namespace

std::string describe(const End& end) {
  const std::uint64_t secret = secret_of(end);
  std::string out;
  out.reserve(600);
  out += origin;
  out += std::to_string(end.peer) + " " + std::to_string(end.link);
  out += rest_of_origin;
  out += "a=ice-ufrag:";
  append_letters(out, mix(secret, 1), 4);
  out += "\r\na=ice-pwd:";
  append_letters(out, mix(secret, 2), 24);
  out += "\r\na=ice-options:trickle\r\n";
  append_fingerprint(out, mix(secret, 3));
  out += "a=setup:actpass\r\n";
  out += end_of_description;
  return out;
}

std::optional<End> read_description(std::string_view sdp) {
  if (!sdp.starts_with(origin)) return std::nullopt;
  End end;
  const char* const stop = sdp.data() + sdp.size();
  const auto peer = std::from_chars(sdp.data() + origin.size(), stop, end.peer);
  if (peer.ec != std::errc() || peer.ptr == stop || *peer.ptr != ' ') return std::nullopt;
  const auto link = std::from_chars(peer.ptr + 1, stop, end.link);
  if (link.ec != std::errc() || !sdp.starts_with(describe(end))) return std::nullopt;
  return end;
}

std::string local_candidate(const End& end) {
  return candidate("1 1 udp 2122260223 " + address(end, 1) + " typ host");
}

std::string public_candidate(const End& end) {
  return candidate("2 1 udp 1686052607 " + address(end, 2) + std::string(public_type) +
                   "raddr 0.0.0.0 rport 0");
}

bool is_public(std::string_view candidate) {
  return candidate.find(public_type) != std::string_view::npos;
}

}  // namespace membrane::sim
