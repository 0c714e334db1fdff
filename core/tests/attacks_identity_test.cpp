#include "attacks.h"

/// Attacks on who somebody is: the handshake of a link, and what is signed in somebody's name.
namespace membrane::test {
namespace {

using Index = Network::Index;

// ---- The handshake ------------------------------------------------------------------------------

TEST_F(Attack, AStrangerByTheBookComesIn) {
  // Not an attack: the tests below fail for no other reason than the one they name.
  gather(6);
  Stranger stranger(network);
  stranger.say_hello(stranger.config());
  stranger.prove(stranger.config().id);
  EXPECT_TRUE(stranger.came_in());
  EXPECT_FALSE(stranger.goodbye_of_member);
}

TEST_F(Attack, AClaimedIdWithoutItsKeyIsRefused) {
  gather(6);
  Stranger stranger(network);
  const Index victim = stranger.member == 1 ? 2 : 1;
  Config config = stranger.config();
  config.id = network.id(victim);
  stranger.say_hello(config);
  stranger.prove(stranger.config().id);
  EXPECT_EQ(network.rejected(stranger.member, Error::proof_failed), 1u);
  EXPECT_EQ(stranger.goodbye_of_member, Error::proof_failed);
  EXPECT_FALSE(stranger.came_in());
  EXPECT_TRUE(network.seen<LinkDown>(victim).empty());
  stranger.vanish();
  expect_unmoved({stranger.self});
}

TEST_F(Attack, OurOwnHelloSentBackIsRefused) {
  gather(6);
  Stranger stranger(network);
  stranger.say(*stranger.hello_of_member);
  EXPECT_EQ(network.rejected(stranger.member, Error::own_identity), 1u);
  EXPECT_EQ(stranger.goodbye_of_member, Error::own_identity);
  EXPECT_FALSE(stranger.came_in());
  stranger.vanish();
  expect_unmoved({stranger.self});
}

TEST_F(Attack, OurOwnProofSentBackIsRefused) {
  gather(6);
  Stranger stranger(network);
  stranger.say_hello(stranger.config());
  ASSERT_TRUE(stranger.proof_of_member);
  stranger.say(*stranger.proof_of_member);
  EXPECT_EQ(network.rejected(stranger.member, Error::proof_failed), 1u);
  EXPECT_FALSE(stranger.came_in());
  stranger.vanish();
  expect_unmoved({stranger.self});
}

TEST_F(Attack, AProofForAnotherLinkIsRefused) {
  gather(6);
  Stranger stranger(network);
  stranger.answer = make_sdp(77, 77, 77);  // what it signs is another certificate's
  stranger.say_hello(stranger.config());
  stranger.prove(stranger.config().id);
  EXPECT_EQ(network.rejected(stranger.member, Error::proof_failed), 1u);
  EXPECT_FALSE(stranger.came_in());
  stranger.vanish();
  expect_unmoved({stranger.self});
}

struct BeforeTheProof : Attack, testing::WithParamInterface<Message> {};

TEST_P(BeforeTheProof, NothingButAHelloIsTaken) {
  gather(3);
  Stranger stranger(network);
  stranger.say(encode_message(GetParam()));
  EXPECT_EQ(network.rejected(stranger.member, Error::not_ready), 1u);
  EXPECT_EQ(stranger.goodbye_of_member, Error::not_ready);
  EXPECT_FALSE(stranger.came_in());
  stranger.vanish();
  expect_unmoved({stranger.self});
}

INSTANTIATE_TEST_SUITE_P(Attack, BeforeTheProof,
                         testing::Values(Proof{}, Ping{1}, Push{{1}}, Spread{{0, 9}, 9, {1}},
                                         Summary{}, Floors{},
                                         Envelope{{}, {}, {.hops_left = 9}, {1}}, Seek{},
                                         SeekAnswer{}, SessionAsk{}));

TEST_F(Attack, ApplicationDataBeforeTheProofIsDropped) {
  gather(6);
  Stranger stranger(network);
  stranger.say({1, 5, 1, 'x'}, Channel::application);
  EXPECT_EQ(network.rejected(stranger.member, Error::not_ready), 1u);
  EXPECT_TRUE(network.seen<SessionPiece>(stranger.member).empty());
  stranger.vanish();
  expect_unmoved({stranger.self});
}

TEST_F(Attack, WhoNeverProvesAnythingIsGivenUp) {
  gather(6);
  Stranger stranger(network);
  network.run_for(limits::handshake_timeout_ms + 100);
  EXPECT_EQ(stranger.goodbye_of_member, Error::timed_out);
  EXPECT_FALSE(stranger.came_in());
  stranger.vanish();
  expect_unmoved({stranger.self});
}

TEST_F(Attack, SomebodyFromANetworkOfAnotherNameIsRefused) {
  gather(6);
  const Index other = network.add("other", [](Config& config) { config.network = "elsewhere"; });
  network.run_for(5'000);
  std::uint64_t refused = 0;
  for (Index index = 0; index < 6; ++index)
    refused += network.rejected(index, Error::wrong_network);
  EXPECT_GE(refused + network.rejected(other, Error::wrong_network), 1u);
  EXPECT_TRUE(network.seen<LinkUp>(other).empty());
  network.crash(other);
  expect_unmoved({other});
}

TEST_F(Attack, AnAnswerWhoseFingerprintTheServerSwappedIsNoticed) {
  gather(6);
  const std::string joiner_says = "s=" + std::to_string(network.size()) + ".";
  network.tamper_contact = [&](std::string& sdp) {
    if (sdp.find(joiner_says) != std::string::npos) return;
    const std::size_t digits = sdp.find("sha-256 ") + 8;
    sdp[digits] = sdp[digits] == '0' ? '1' : '0';
    for (std::size_t at = digits + 3; at < digits + 95; at += 3) sdp[at] = sdp[digits];
  };
  const Index joiner = network.add("joiner");
  network.run_for(5'000);
  EXPECT_GE(network.rejected(joiner, Error::proof_failed), 1u);
  EXPECT_TRUE(network.seen<LinkUp>(joiner).empty());
  EXPECT_EQ(network.node(joiner).state(), State::joining);
  for (Index index = 0; index < 6; ++index) {
    EXPECT_TRUE(network.seen<LinkUp>(index).empty());
    EXPECT_FALSE(knows(index, network.id(joiner)));
  }
  // Once the server is honest again the joiner gets in.
  network.tamper_contact = nullptr;
  ASSERT_TRUE(network.run_until([&] { return network.maps_agree(); }, 30'000));
  expect_unmoved();
}

// ---- What is signed -----------------------------------------------------------------------------

TEST_F(Attack, ARecordSignedByAnotherKeyIsRefused) {
  gather();
  const Index victim = somebody_not_linked_to(liar);
  const PeerId nobody = invented(1);
  for (const PeerId& origin : {network.id(victim), nobody}) {
    const Bytes forged = signed_statement(StatementKind::record, origin, network.now() + 1'000,
                                          record_body("forged", {}), network.id(liar));
    inject_to_all(Push{forged});
    inject_to_all(spread_by_liar(forged));
  }
  const auto neighbours = neighbours_of(liar);
  network.run_for(5'000);
  for (Index index = 0; index < network.size(); ++index) {
    // The copies that came while the first was verified are duplicates; nobody passes one on.
    const bool is_neighbour =
        std::find(neighbours.begin(), neighbours.end(), index) != neighbours.end();
    EXPECT_EQ(network.rejected(index, Error::bad_signature), is_neighbour ? 2u : 0u) << index;
    EXPECT_FALSE(knows(index, nobody));
    EXPECT_TRUE(network.seen<PeerRemoved>(index).empty());
    EXPECT_TRUE(network.seen<PeerRenamed>(index).empty());
  }
  expect_unmoved();
}

TEST_F(Attack, AMessageInAnotherOnesNameIsRefused) {
  gather();
  const Index victim = somebody_not_linked_to(liar);
  const Bytes forged = signed_statement(StatementKind::message, network.id(victim), network.now(),
                                        topic_body("forged"), network.id(liar));
  const auto neighbours = neighbours_of(liar);
  inject_to_all(spread_by_liar(forged));
  network.run_for(5'000);
  for (const Index index : neighbours) EXPECT_EQ(network.rejected(index, Error::bad_signature), 1u);
  for (Index index = 0; index < network.size(); ++index)
    EXPECT_EQ(times_heard(index, "forged"), 0u);
  expect_unmoved();
}

TEST_F(Attack, AStatementFromANetworkOfAnotherNameIsRefused) {
  gather();
  Statement elsewhere{StatementKind::message, network.id(liar), network.now(), topic_body("x"), {}};
  elsewhere.signature = fake_sign(network.id(liar), statement_to_sign("elsewhere", elsewhere));
  const auto neighbours = neighbours_of(liar);
  inject_to_all(Push{encode_statement(elsewhere)});
  network.run_for(1'000);
  for (const Index index : neighbours) EXPECT_EQ(network.rejected(index, Error::bad_signature), 1u);
  for (Index index = 0; index < network.size(); ++index) EXPECT_EQ(times_heard(index, "x"), 0u);
  expect_unmoved();
}

TEST_F(Attack, AnEdgeThatTheOtherEndDeniesDoesNotExist) {
  gather();
  const auto neighbours = neighbours_of(liar);
  std::vector<Position> everybody;
  for (Index index = 0; index < network.size(); ++index) {
    if (index != liar) everybody.push_back(network.id(index).position());
  }
  inject_to_all(Push{signed_statement(StatementKind::record, network.id(liar), network.now() + 1,
                                      record_body("me", everybody), network.id(liar))});
  network.run_for(3'000);
  std::size_t heard = 0;
  for (Index index = 0; index < network.size(); ++index) {
    for (const auto& [a, b] : network.node(index).edges()) {
      EXPECT_TRUE(is_linked(index_of(a), index_of(b))) << index_of(a) << " " << index_of(b);
    }
    for (const PeerRenamed& renamed : network.seen<PeerRenamed>(index))
      heard += renamed.name == "me" ? 1u : 0u;
  }
  EXPECT_GE(heard, neighbours.size());  // the record itself was believed
  expect_unmoved();
}

}  // namespace
}  // namespace membrane::test
