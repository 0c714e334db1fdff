#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "handshake.h"
#include "membrane/limits.h"
#include "message.h"
#include "network.h"
#include "sdp.h"
#include "statement.h"

/// What the tests of attacks share: a settled network in which one member has gone bad, the frames
/// it makes, and the question asked after every attack, whether the honest ones noticed anything.
namespace membrane::test {

/// The message in a frame, when it is one of this kind.
template <typename T>
std::optional<T> message_in(Channel channel, const Bytes& frame) {
  if (channel != Channel::control) return std::nullopt;
  auto message = decode_message(frame);
  if (!message || !*message || !std::holds_alternative<T>(**message)) return std::nullopt;
  return std::get<T>(std::move(**message));
}

/// A statement as `signer` would sign it, whoever its origin claims to be.
inline Bytes signed_statement(StatementKind kind, const PeerId& origin, std::uint64_t sequence,
                              Bytes body, const PeerId& signer) {
  Statement statement{kind, origin, sequence, std::move(body), {}};
  statement.signature = fake_sign(signer, statement_to_sign("test", statement));
  return encode_statement(statement);
}

inline Bytes record_body(const std::string& name, std::vector<Position> links) {
  std::sort(links.begin(), links.end());
  return encode_record({name, {}, limits::record_lifetime_s, std::move(links)});
}

inline Bytes topic_body(std::string_view payload) {
  return encode_topic_body("news", bytes_of(payload));
}

/// Somebody who was never in the network.
inline PeerId invented(std::uint32_t number) {
  PeerId id;
  std::uint32_t state = number * 2'654'435'761u + 12'345u;
  for (std::uint8_t& byte : id.bytes) {
    state = state * 1'664'525u + 1'013'904'223u;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return id;
}

struct Attack : testing::Test {
  using Index = Network::Index;

  Network network;
  Index liar = 1;
  int said = 0;

  void gather(std::size_t count = 16) {
    network.add_many(count);
    ASSERT_TRUE(network.run_until([this] { return network.maps_agree(); }));
    network.run_for(30'000);  // until nobody opens or trims a link any more
    network.forget_seen();
    // Somebody with few links, so that there are peers whom it reaches only through others.
    const auto degree = [this](Index index) { return network.node(index).links().size(); };
    for (Index index = liar = 1; index < count; ++index) {
      if (degree(index) < degree(liar)) liar = index;
    }
  }

  Index index_of(const PeerId& id) const {
    Index index = 0;
    while (network.id(index) != id) ++index;
    return index;
  }
  std::vector<Index> neighbours_of(Index index) {
    std::vector<Index> out;
    for (const PeerId& id : network.node(index).links()) out.push_back(index_of(id));
    return out;
  }
  bool is_linked(Index a, Index b) {
    const auto links = network.node(a).links();
    return std::find(links.begin(), links.end(), network.id(b)) != links.end();
  }
  bool knows(Index index, const PeerId& id) {
    const auto peers = network.node(index).peers();
    return std::find(peers.begin(), peers.end(), id) != peers.end();
  }
  Index somebody_not_linked_to(Index from) {
    for (Index index = 1; index < network.size(); ++index) {
      if (index != from && index != liar && !is_linked(from, index)) return index;
    }
    ADD_FAILURE() << "everybody is linked";
    return 1;
  }
  /// Two without a link to each other, the first a neighbour of the liar.
  std::pair<Index, Index> two_apart() {
    for (const Index from : neighbours_of(liar)) {
      if (network.node(from).links().size() < network.size() - 2)
        return {from, somebody_not_linked_to(from)};
    }
    ADD_FAILURE() << "everybody is linked";
    return {1, 2};
  }

  template <typename T>
  void inject_to_all(const T& message) {
    for (const Index to : neighbours_of(liar)) network.inject(liar, to, encode_message(message));
  }
  Spread spread_by_liar(Bytes statement) const {
    const Position self = network.id(liar).position();
    return {{self + 1, self - 1}, limits::hops_max, std::move(statement)};
  }

  Error publish(Index from, std::string_view text) {
    Error error = Error::none;
    network.feed(from,
                 [&](Node& n, TimeMs now) { error = n.publish(now, "news", bytes_of(text)); });
    return error;
  }
  std::size_t times_heard(Index index, std::string_view text) const {
    std::size_t count = 0;
    for (const TopicMessage& message : network.seen<TopicMessage>(index))
      count += text_of(message.payload) == text ? 1u : 0u;
    return count;
  }

  /// The honest agree on the map, and what one of them says reaches all the others, once. Those who
  /// are `gone` have crashed or left.
  void expect_unmoved(const std::vector<Index>& gone = {}) {
    EXPECT_TRUE(network.run_until([this] { return network.maps_agree(); }));
    const std::string text = "unmoved " + std::to_string(++said);
    const Index speaker = 0;
    ASSERT_EQ(publish(speaker, text), Error::none);
    network.run_for(5'000);
    for (Index index = 0; index < network.size(); ++index) {
      if (std::find(gone.begin(), gone.end(), index) != gone.end()) continue;
      EXPECT_EQ(times_heard(index, text), 1u) << index;
    }
  }
};

/// Somebody who comes through the server and whom the test speaks for.
struct Stranger {
  using Index = Network::Index;

  explicit Stranger(Network& n) : network(n) {
    network.tamper_contact = [this](std::string& sdp) { (offer.empty() ? offer : answer) = sdp; };
    network.tamper_frame = [this](Index from, Index to, Channel channel, Bytes& data) {
      if (to == self && message_in<Hello>(channel, data) && !hello_of_member) {
        hello_of_member = data;
        member = from;
      }
      if (const auto proof = message_in<Proof>(channel, data); to == self && proof)
        proof_of_member = data;
      if (const auto goodbye = message_in<Goodbye>(channel, data); to == self && goodbye)
        goodbye_of_member = goodbye->reason;
      return from != self && to != self;  // its own node neither speaks nor hears
    };
    self = network.size();
    network.add("stranger");
    EXPECT_TRUE(network.run_until([this] { return hello_of_member.has_value(); }));
    network.run_for(1);  // both ends are open
    network.tamper_contact = nullptr;
  }
  void say(Bytes frame, Channel channel = Channel::control) {
    network.inject(self, member, std::move(frame), channel);
    network.run_for(50);
  }
  /// A handshake by the book as far as a peer of this id could do it.
  void say_hello(Config config) {
    handshake.emplace(true, *sdp_fingerprint(offer), *sdp_fingerprint(answer));
    say(handshake->begin(config, Key{7}, true));
    auto theirs = message_in<Hello>(Channel::control, *hello_of_member);
    handshake->take_hello(config, *theirs, *hello_of_member, std::nullopt);
  }
  void prove(const PeerId& signer) {
    say(encode_message(Proof{fake_sign(signer, handshake->to_sign())}));
  }
  const Config& config() const { return network.config(self); }
  bool came_in() const { return !network.seen<LinkUp>(member).empty(); }
  void vanish() {
    network.crash(self);
    network.tamper_frame = nullptr;
  }

  Network& network;
  Index self = 0;
  Index member = 0;
  std::string offer;
  std::string answer;
  std::optional<Bytes> hello_of_member;
  std::optional<Bytes> proof_of_member;
  std::optional<Error> goodbye_of_member;
  std::optional<Handshake> handshake;
};

}  // namespace membrane::test
