#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "membrane/limits.h"
#include "message.h"
#include "network.h"

/// Two peers that cannot have a link, for tests of sessions over relays.
namespace membrane::test {

/// The longest that two who agree at once wait for their session.
inline constexpr TimeMs opens_within_ms = limits::relay_after_ms + 500;

inline bool is_envelope(Channel channel, const Bytes& data) {
  if (channel != Channel::control) return false;
  auto message = decode_message(data);
  return message && *message && std::holds_alternative<Envelope>(**message);
}

/// Sixteen peers at rest, of which two, without a link, can have none.
struct RelayedSession : testing::Test {
  using Index = Network::Index;

  Network network;
  Index a = 0;
  Index b = 0;

  void SetUp() override {
    network.add_many(16);
    network.run_for(20'000);
    network.forget_seen();
    choose_strangers();
    network.may_connect = [this](Index one, Index other) {
      return std::pair(one, other) != std::pair(a, b) && std::pair(one, other) != std::pair(b, a);
    };
  }
  bool linked(Index one, Index other) {
    const auto links = network.node(one).links();
    return std::count(links.begin(), links.end(), network.id(other)) == 1;
  }
  void choose_strangers() {
    for (a = 0; a < network.size(); ++a) {
      for (b = a + 1; b < network.size(); ++b) {
        if (!linked(a, b)) return;
      }
    }
    FAIL() << "everybody is linked to everybody";
  }
  void connect(Index from, Index to, bool session = true) {
    network.feed(from, [&](Node& n, TimeMs now) { n.connect(now, network.id(to), session); });
  }
  bool opened(Index index) { return network.seen<SessionOpened>(index).size() == 1; }
  void open() {
    connect(a, b);
    ASSERT_TRUE(network.run_until([this] { return opened(a) && opened(b); }, opens_within_ms));
  }
  Error write(Index from, Index to, std::uint64_t message, std::uint8_t flags, std::uint64_t total,
              ByteView data) {
    Error error = Error::none;
    network.feed(from, [&](Node& n, TimeMs now) {
      error = n.session_write(now, network.id(to), message, flags, total, data);
    });
    return error;
  }
  /// As a host does: cut into pieces, and waiting for room. False when it takes longer.
  bool send(Index from, Index to, std::uint64_t message, const Bytes& data, TimeMs limit_ms) {
    const TimeMs end = network.now() + limit_ms;
    for (std::size_t at = 0; at < data.size(); at += limits::session_piece_size_max) {
      const auto size = std::min(limits::session_piece_size_max, data.size() - at);
      const auto flags =
          static_cast<std::uint8_t>((at == 0 ? SessionPiece::first : 0) |
                                    (at + size == data.size() ? SessionPiece::last : 0));
      const auto piece = ByteView(data).subspan(at, size);
      while (true) {
        const std::size_t told = network.seen<SessionWritable>(from).size();
        const Error error = write(from, to, message, flags, at == 0 ? data.size() : 0, piece);
        if (error == Error::none) break;
        if (error != Error::busy || network.now() >= end) return false;
        network.run_until([&] { return network.seen<SessionWritable>(from).size() > told; },
                          end - network.now());
      }
    }
    return network.run_until([&] { return received(to, message).size() == data.size(); },
                             end - network.now());
  }
  Bytes received(Index index, std::uint64_t message) const {
    Bytes out;
    for (const SessionPiece& piece : network.seen<SessionPiece>(index)) {
      if (piece.message == message) out.insert(out.end(), piece.data.begin(), piece.data.end());
    }
    return out;
  }
  /// Neither has said anything before, or `a` has said `message` others.
  bool can_talk(std::uint64_t message = 0) {
    return write(a, b, message, SessionPiece::first | SessionPiece::last, 1, Bytes{1}) ==
               Error::none &&
           write(b, a, 0, SessionPiece::first | SessionPiece::last, 1, Bytes{2}) == Error::none &&
           network.run_until(
               [&] { return received(a, 0) == Bytes{2} && received(b, message) == Bytes{1}; });
  }
  /// Those on the way from one to the other, and the other.
  std::vector<Index> route(Index from, Index to) {
    std::vector<Index> out;
    for (Index at = from; at != to; out.push_back(at)) {
      const auto hop = network.node(at).next_hop(network.id(to));
      if (!hop || out.size() > network.size()) break;
      for (at = 0; network.id(at) != *hop;) ++at;
    }
    return out;
  }
};

inline Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return out;
}

}  // namespace membrane::test
