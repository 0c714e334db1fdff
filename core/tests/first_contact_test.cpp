#include <gtest/gtest.h>

#include "membrane/limits.h"
#include "network.h"

/// The first-contact server seen from the nodes: needed to meet, not to stay together.
namespace membrane::test {
namespace {

using Index = Network::Index;

TEST(FirstContact, AServerThatIsAwayDelaysTheNewcomerAndNobodyElse) {
  Network network;
  network.add_many(5);
  network.run_for(10'000);
  network.stop_server();
  const Index late = network.add("late");
  network.run_for(30'000);
  EXPECT_EQ(network.node(late).state(), State::joining);
  EXPECT_EQ(network.node(0).peers().size(), 5u);
  network.start_server();
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 3'000));
}

/// The member has checked the newcomer's proof and tells it the whole map before the newcomer has
/// checked the member's.
TEST(FirstContact, ANewcomerThatChecksSlowlyComesIntoALargeNetworkAtOnce) {
  Network network;
  network.add_many(100, 20);
  network.run_for(20'000);
  const Index slow = network.size();
  int jobs = 0;
  network.crypto_time = [&](Index index) {
    return index == slow && ++jobs > 1 ? TimeMs{80} : TimeMs{1};
  };
  network.add("slow");
  EXPECT_TRUE(network.run_until([&] { return network.node(slow).state() == State::joined; }, 500));
  // An arc that goes to whoever has no other link yet is lost: its next links make up for that.
  EXPECT_TRUE(network.run_until([&] { return network.everybody_sees_everybody(); }, 2'000));
}

TEST(FirstContact, AServerThatIsAwayForAMomentIsNoMatter) {
  Network network;
  network.add_many(8);
  network.run_for(10'000);
  network.forget_seen();
  network.stop_server();
  network.run_for(5'000);
  network.start_server();
  network.run_for(5'000);
  EXPECT_TRUE(network.maps_agree());
  for (Index peer = 0; peer < 8; ++peer) {
    EXPECT_TRUE(network.seen<LinkDown>(peer).empty());
    EXPECT_TRUE(network.seen<StateChanged>(peer).empty());
  }
  network.add("after");
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 3'000));
}

TEST(FirstContact, TwoThatStartedAloneMeet) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Network network({.seed = seed});
    network.add_many(2, 0);
    EXPECT_TRUE(
        network.run_until([&] { return network.maps_agree(); }, 2 * limits::contact_retry_max_ms))
        << seed;
    EXPECT_EQ(network.node(0).links().size(), 1u);
    EXPECT_EQ(network.node(1).links().size(), 1u);
  }
}

TEST(FirstContact, OneThatWasAloneForHoursIsFoundByTheNext) {
  Network network;
  network.add("first");
  network.run_for(2 * 3'600'000);
  EXPECT_EQ(network.node(0).state(), State::alone);
  network.add("second");
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 3'000));
}

TEST(FirstContact, TheServerGoesWhileSomebodyJoins) {
  for (TimeMs after = 0; after < 80; after += 3) {
    Network network;
    network.add_many(3);
    network.run_for(10'000);
    network.add("joiner");
    network.run_for(after);
    network.stop_server();
    network.run_for(20'000);
    network.start_server();
    EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 20'000)) << after;
  }
}

TEST(FirstContact, TheNomineeVanishesWhileSomebodyJoins) {
  for (TimeMs after = 0; after < 100; after += 5) {
    Network network;
    network.add_many(2);
    network.run_for(10'000);
    network.add("joiner");
    network.run_for(after);
    network.crash(0);
    EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 60'000)) << after;
  }
}

TEST(FirstContact, WhoLostEverybodyIsAloneAndThenFound) {
  Network network;
  network.add_many(4);
  network.run_for(10'000);
  for (Index peer = 1; peer < 4; ++peer) network.crash(peer);
  EXPECT_TRUE(network.run_until([&] { return network.node(0).state() == State::alone; }, 60'000));
  EXPECT_EQ(network.node(0).peers().size(), 1u);
  network.add("next");
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 5'000));
}

TEST(FirstContact, AnAnswerOfGarbageIsReportedAndTriedAgain) {
  Network network;
  network.add_many(3);
  network.run_for(10'000);
  int passed = 0;
  network.tamper_contact = [&](std::string& sdp) {
    if (++passed <= 2) sdp = "{\"not\": \"a description\"}";
  };
  network.add("joiner");
  EXPECT_TRUE(network.run_until([&] { return network.maps_agree(); }, 40'000));
}

TEST(FirstContact, WhoLeavesIsNeverNominatedAndAnswersNobody) {
  Network network;
  network.add_many(3);
  network.run_for(10'000);
  network.feed(1, [](Node& n, TimeMs now) {
    n.leave(now);
    n.contact_opened(now);
    n.contact_request(now, 99, make_sdp(0, 1, 7));
    EXPECT_EQ(n.state(), State::left);
    EXPECT_EQ(n.next_timeout(), never);
    while (const auto output = n.poll()) {
      EXPECT_FALSE(std::holds_alternative<AcceptOffer>(*output));
      EXPECT_FALSE(std::holds_alternative<OpenConnection>(*output));
      EXPECT_FALSE(std::holds_alternative<ContactSend>(*output));
    }
  });
}

}  // namespace
}  // namespace membrane::test
