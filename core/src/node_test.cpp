#include "membrane/node.h"

#include <gtest/gtest.h>

#include <array>

#include "membrane/limits.h"
#include "network.h"
#include "wire.h"

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;

Config config(std::uint8_t who, std::uint8_t seed = 0) {
  Config out;
  out.id.bytes.fill(who);
  out.name = "peer";
  out.network = "net";
  out.seed.fill(seed);
  return out;
}

/// Every field of an output in a row: two outputs are the same when these bytes are.
Bytes flat(const Output& output) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(output.index()));
  std::visit(
      [&out](const auto& o) {
        if constexpr (requires { o.link; }) out.u64(o.link);
        if constexpr (requires { o.request; }) out.u64(o.request);
        if constexpr (requires { o.job; }) out.u64(o.job);
        if constexpr (requires { o.sequence; }) out.u64(o.sequence);
        if constexpr (requires { o.state; }) out.u8(static_cast<std::uint8_t>(o.state));
        if constexpr (requires { o.kind; }) out.u8(static_cast<std::uint8_t>(o.kind));
        if constexpr (requires { o.reason; }) out.u8(static_cast<std::uint8_t>(o.reason));
        if constexpr (requires { o.channel; }) out.u8(static_cast<std::uint8_t>(o.channel));
        if constexpr (requires { o.a; }) out.id(o.a).id(o.b);
        if constexpr (requires { o.present; }) out.u8(o.present ? 1 : 0);
        if constexpr (requires { out.id(o.peer); }) out.id(o.peer);
        if constexpr (requires { o.peer.value_or(PeerId{}); }) out.id(o.peer.value_or(PeerId{}));
        if constexpr (requires { o.origin; }) out.id(o.origin);
        if constexpr (requires { out.raw(o.key); }) out.raw(o.key);
        if constexpr (requires { o.signature; }) out.raw(o.signature);
        if constexpr (requires { o.info; }) out.bytes(o.info).bytes(o.aad);
        if constexpr (requires { o.data; }) out.bytes(o.data);
        if constexpr (requires { o.payload; }) out.text(o.topic).bytes(o.payload);
        if constexpr (requires { o.value; }) out.text(o.topic).text(o.key).bytes(o.value);
        if constexpr (requires { o.sdp; }) out.text(o.sdp);
        if constexpr (requires { o.candidate; }) out.text(o.candidate);
        if constexpr (requires { out.text(o.text); }) out.text(o.text);
        if constexpr (requires { o.flags; }) out.u64(o.message).u8(o.flags).u64(o.total);
        if constexpr (requires { o.session; }) out.u8(o.session ? 1 : 0);
        if constexpr (requires { o.name; }) out.text(o.name);
      },
      output);
  return out.take();
}

/// Two nodes and the least that carries one link between them.
class Pair {
 public:
  explicit Pair(std::uint8_t seed = 0) {
    sides_[0].node = Node::create(config(1, seed), start);
    sides_[1].node = Node::create(config(2, seed), start);
  }

  Node& one() { return *sides_[0].node; }
  Node& two() { return *sides_[1].node; }

  /// From then on without the server: there is only one link to carry.
  void join() {
    one().contact_opened(now);
    carry();
    one().contact_closed(now);
  }

  /// Does what the nodes ask for until they ask for nothing more.
  void carry() {
    for (bool busy = true; busy;) {
      busy = false;
      for (std::size_t side = 0; side < 2; ++side) {
        while (const auto output = sides_[side].node->poll()) {
          const Bytes bytes = flat(*output);
          log.insert(log.end(), bytes.begin(), bytes.end());
          carry_out(side, *output);
          busy = true;
        }
      }
    }
  }

  /// To the next time that a node asks for; one that has passed means at once.
  void tick() {
    now = std::max(now, std::min(one().next_timeout(), two().next_timeout()));
    for (auto& side : sides_) {
      if (side.node->next_timeout() <= now) side.node->tick(now);
      ASSERT_GT(side.node->next_timeout(), now);
    }
    carry();
  }

  TimeMs now = start;
  Bytes log;

 private:
  struct Side {
    std::unique_ptr<Node> node;
    LinkId link = 0;
  };

  void carry_out(std::size_t index, const Output& output) {
    Side& from = sides_[index];
    Side& to = sides_[1 - index];
    Node& node = *from.node;
    const auto fingerprint = static_cast<std::uint8_t>(index + 1);
    if (const auto* open = std::get_if<OpenConnection>(&output)) {
      from.link = open->link;
      node.local_description(now, open->link, make_sdp(index, open->link, fingerprint));
    } else if (const auto* accept = std::get_if<AcceptOffer>(&output)) {
      from.link = accept->link;
      node.local_description(now, accept->link, make_sdp(index, accept->link, fingerprint));
    } else if (const auto* contact = std::get_if<ContactSend>(&output)) {
      if (contact->kind == ContactSend::Kind::offer)
        to.node->contact_request(now, contact->request, contact->text);
      if (contact->kind == ContactSend::Kind::answer)
        to.node->contact_answer(now, contact->request, contact->text);
    } else if (std::holds_alternative<ApplyAnswer>(output)) {
      node.link_opened(now, from.link);
      to.node->link_opened(now, to.link);
    } else if (const auto* send = std::get_if<Send>(&output)) {
      to.node->link_received(now, to.link, send->channel, send->data);
    } else if (const auto* sign = std::get_if<Sign>(&output)) {
      EXPECT_EQ(node.signed_(now, sign->job, fake_sign(node.id(), sign->data)), Error::none);
    } else if (const auto* verify = std::get_if<Verify>(&output)) {
      const bool ok = fake_verify(verify->key, verify->data, verify->signature);
      EXPECT_EQ(node.verified(now, verify->job, ok), Error::none);
    }
  }

  std::array<Side, 2> sides_;
};

Bytes run(std::uint8_t seed) {
  Pair pair(seed);
  pair.join();
  for (int i = 0; i < 100; ++i) pair.tick();
  EXPECT_EQ(pair.one().publish(pair.now, "topic", bytes_of("payload")), Error::none);
  pair.carry();
  EXPECT_EQ(pair.one().peers().size(), 2u);
  return pair.log;
}

TEST(Node, SameSeedAndInputsGiveTheSameOutputs) {
  const Bytes log = run(1);
  EXPECT_EQ(log, run(1));
  EXPECT_NE(log, run(2));
}

TEST(Node, TheNextTimeoutIsNeverInThePast) {
  Pair pair;
  pair.join();
  for (int i = 0; i < 500; ++i) {
    pair.tick();
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(pair.now, start + 60'000);  // and it does not stand still
}

TEST(Node, CreateRefusesWhatBreaksALimit) {
  EXPECT_TRUE(Node::create(config(1), start));
  const auto with = [](std::string name, std::string network) {
    Config out = config(1);
    out.name = std::move(name);
    out.network = std::move(network);
    return Node::create(out, start);
  };
  EXPECT_TRUE(with(std::string(limits::name_size_max, 'a'), ""));
  EXPECT_FALSE(with(std::string(limits::name_size_max + 1, 'a'), ""));
  EXPECT_TRUE(with("", std::string(limits::network_size_max, 'a')));
  EXPECT_FALSE(with("", std::string(limits::network_size_max + 1, 'a')));
  EXPECT_FALSE(with("\xff", ""));
  EXPECT_FALSE(with("", "\xc0\x80"));
}

TEST(Node, CommandsSayWhatIsWrongWithThem) {
  const auto node = Node::create(config(1), start);
  const PeerId stranger = config(9).id;
  EXPECT_EQ(node->connect(start, node->id(), false), Error::invalid_argument);
  EXPECT_EQ(node->answer(start, 7, true), Error::unknown_request);
  EXPECT_EQ(node->close_session(start, stranger), Error::no_session);
  EXPECT_EQ(node->disconnect(start, stranger), Error::unknown_peer);
  EXPECT_EQ(node->session_write(start, stranger, 1, SessionPiece::first, 0, {}), Error::no_session);
  EXPECT_EQ(node->rename(start, std::string(limits::name_size_max + 1, 'a')), Error::oversized);
  EXPECT_EQ(node->rename(start, "\xff"), Error::invalid_argument);
  EXPECT_EQ(node->rename(start, "new"), Error::none);
}

TEST(Node, PublishSaysWhatIsWrongWithIt) {
  const auto node = Node::create(config(1), start);
  const std::string long_name(limits::topic_name_size_max + 1, 'a');
  EXPECT_EQ(node->publish(start, "", {}), Error::invalid_argument);
  EXPECT_EQ(node->publish(start, long_name, {}), Error::invalid_argument);
  EXPECT_EQ(node->publish(start, "\xff", {}), Error::invalid_argument);
  const Bytes payload(limits::topic_payload_size_max + 1);
  EXPECT_EQ(node->publish(start, "topic", payload), Error::oversized);
  for (std::uint64_t i = 0; i < limits::messages_burst; ++i)
    ASSERT_EQ(node->publish(start, "topic", {}), Error::none);
  EXPECT_EQ(node->publish(start, "topic", {}), Error::busy);
}

TEST(Node, ConnectingToSomebodyUnknownFails) {
  const auto node = Node::create(config(1), start);
  EXPECT_EQ(node->connect(start, config(9).id, true), Error::none);
  bool failed = false;
  while (const auto output = node->poll()) {
    const auto* event = std::get_if<ConnectFailed>(&*output);
    failed = failed || (event && event->session && event->reason == Error::unreachable);
  }
  EXPECT_TRUE(failed);
}

TEST(Node, CryptoJobsAreAnsweredOnceAndInKind) {
  const auto node = Node::create(config(1), start);
  ASSERT_EQ(node->publish(start, "topic", {}), Error::none);
  JobId job = 0;
  while (const auto output = node->poll()) {
    if (const auto* sign = std::get_if<Sign>(&*output)) job = sign->job;
  }
  ASSERT_NE(job, 0u);
  EXPECT_EQ(node->verified(start, job, true), Error::unknown_job);
  EXPECT_EQ(node->sealed(start, job, true, {}), Error::unknown_job);
  EXPECT_EQ(node->opened(start, job, true, {}), Error::unknown_job);
  EXPECT_EQ(node->signed_(start, job + 1, {}), Error::unknown_job);
  EXPECT_EQ(node->signed_(start, job, {}), Error::none);
  EXPECT_EQ(node->signed_(start, job, {}), Error::unknown_job);
}

TEST(Node, LeaveIsFinal) {
  Pair pair;
  pair.join();
  ASSERT_EQ(pair.one().links().size(), 1u);
  Node& node = pair.one();
  node.leave(pair.now);
  pair.carry();
  EXPECT_EQ(node.state(), State::left);
  EXPECT_TRUE(node.links().empty());
  EXPECT_TRUE(pair.two().links().empty());
  EXPECT_EQ(node.next_timeout(), never);

  const TimeMs later = pair.now + 100'000;
  node.contact_opened(later);
  node.contact_request(later, 1, make_sdp(1, 1, 1));
  node.link_opened(later, 1);
  node.resume(later);
  node.tick(later);
  node.leave(later);
  EXPECT_EQ(node.connect(later, config(9).id, false), Error::left);
  EXPECT_EQ(node.publish(later, "topic", {}), Error::left);
  EXPECT_FALSE(node.poll());
  EXPECT_EQ(node.next_timeout(), never);
}

}  // namespace
}  // namespace membrane::test
