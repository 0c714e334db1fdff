// Many networks over one connection: what a room is, and that rooms get nobody more than their
// share.

#include "hub_fixture.h"

namespace membrane::server {
namespace {

class RoomsTest : public HubTest {
 protected:
  static std::string wrap(int room, const std::string& message) {
    return "[\"room\"," + std::to_string(room) + "," + message + "]";
  }
  void say_in(TestMember& member, int room, const std::string& message) {
    say(member, wrap(room, message));
  }
  void hello_in(TestMember& member, int room, const std::string& network) {
    say_in(member, room, R"(["hello",{"network":")" + network + "\"}]");
    EXPECT_EQ(member.take(), Texts{wrap(room, welcome)});
  }
};

TEST_F(RoomsTest, each_is_a_client_of_its_own_network) {
  const auto member = v3("a");
  hello_in(*member, 7, "b");
  EXPECT_EQ(hub_.clients(), 2U);
  EXPECT_EQ(hub_.members(), 1U);
  say(*member, R"(["offer",1,"oa"])");
  say_in(*member, 7, R"(["offer",1,"ob"])");
  EXPECT_EQ(member->take(), (Texts{R"(["unresolved",1])", wrap(7, R"(["unresolved",1])")}));

  const auto in_b = v3("b");
  say(*in_b, R"(["offer",5,"o"])");
  say(*in_b, R"(["offerCandidate",5,"c"])");
  EXPECT_EQ(member->take(),
            (Texts{wrap(7, R"(["request",1,"o"])"), wrap(7, R"(["offerCandidate",1,"c"])")}));
  say_in(*member, 7, R"(["answer",1,"an"])");
  say_in(*member, 7, R"(["answerCandidate",1,"ac"])");
  EXPECT_EQ(in_b->take(), (Texts{R"(["answer",5,"an"])", R"(["answerCandidate",5,"ac"])"}));

  const auto in_a = v3("a");
  say(*in_a, R"(["offer",6,"o"])");
  EXPECT_EQ(member->take(), Texts{R"(["request",2,"o"])"}) << "room 0 speaks plainly";
}

TEST_F(RoomsTest, two_of_one_connection_meet_like_any_others) {
  const auto member = v3("n");
  hello_in(*member, 1, "n");
  say(*member, R"(["ready"])");
  say_in(*member, 1, R"(["offer",1,"o"])");
  EXPECT_EQ(member->take(), Texts{R"(["request",1,"o"])"});
  say(*member, R"(["answer",1,"a"])");
  EXPECT_EQ(member->take(), Texts{wrap(1, R"(["answer",1,"a"])")});
}

TEST_F(RoomsTest, a_ticket_is_worth_nothing_in_another_one) {
  const auto member = v3("a");
  hello_in(*member, 1, "b");
  say_in(*member, 1, R"(["ready"])");
  const auto asker = v3("b");
  say(*asker, R"(["offer",1,"o"])");
  EXPECT_EQ(member->take(), Texts{wrap(1, R"(["request",1,"o"])")});
  say(*member, R"(["answer",1,"from room 0"])");
  say(*member, R"(["refuse",1])");
  EXPECT_EQ(asker->take(), Texts{});
  say_in(*member, 1, R"(["answer",1,"from room 1"])");
  EXPECT_EQ(asker->take(), Texts{R"(["answer",1,"from room 1"])"});
  EXPECT_EQ(member->closed, 0) << "the ticket was given out";
}

TEST_F(RoomsTest, leaving_one_forgets_its_client_at_once_and_no_other) {
  const auto member = v3("a");
  say(*member, R"(["ready"])");
  hello_in(*member, 1, "b");
  say_in(*member, 1, R"(["ready"])");
  const auto asker = v3("b");
  say(*asker, R"(["offer",1,"o"])");
  EXPECT_EQ(member->take().size(), 1U);
  say_in(*member, 1, R"(["leave"])");
  EXPECT_EQ(asker->take(), Texts{R"(["unresolved",1])"}) << "nobody is there any more";
  EXPECT_EQ(hub_.clients(), 2U);
  const auto other = v3("a");
  say(*other, R"(["offer",1,"o"])");
  EXPECT_EQ(member->take().size(), 1U);
  say_in(*member, 1, R"(["ready"])");
  EXPECT_EQ(member->take(), Texts{R"(["error","hello comes first"])"});
  EXPECT_EQ(member->closed, 1008);
}

TEST_F(RoomsTest, room_0_is_left_and_entered_like_any_other) {
  const auto member = v3("a");
  hello_in(*member, 1, "b");
  say(*member, R"(["leave"])");
  EXPECT_EQ(hub_.clients(), 1U);
  say(*member, R"(["heartbeat"])");
  say(*member, R"(["hello",{"network":"c"}])");
  EXPECT_EQ(member->take(), Texts{welcome});
  EXPECT_EQ(hub_.clients(), 2U);
}

TEST_F(RoomsTest, who_leaves_the_last_one_says_goodbye) {
  const auto member = v3("a");
  hello_in(*member, 1, "b");
  say(*member, R"(["leave"])");
  EXPECT_EQ(member->closed, 0);
  say_in(*member, 1, R"(["leave"])");
  EXPECT_EQ(member->closed, 1000);
  EXPECT_EQ(hub_.clients(), 0U);
}

TEST_F(RoomsTest, a_number_in_use_cannot_be_entered_again) {
  const auto member = v3("a");
  hello_in(*member, 1, "b");
  say_in(*member, 1, R"(["hello",{"network":"c"}])");
  EXPECT_EQ(member->take(), Texts{R"(["error","hello comes once"])"});
  EXPECT_EQ(member->closed, 1008);
  EXPECT_EQ(hub_.clients(), 0U) << "all rooms end with their connection";
}

TEST_F(RoomsTest, rooms_in_rooms_and_heartbeats_in_rooms_are_not_in_the_vocabulary) {
  for (const char* message : {R"(["room",2,["hello",{"network":"c"}]])", R"(["heartbeat"])"}) {
    const auto member = v3("a");
    hello_in(*member, 1, "b");
    say_in(*member, 1, message);
    EXPECT_EQ(member->take(), Texts{R"(["error","unknown message"])"}) << message;
    EXPECT_EQ(member->closed, 1008) << message;
    hub_.detach(*member, now_);
  }
}

TEST_F(RoomsTest, one_more_than_the_limit_is_an_error) {
  const auto member = v3("a");
  const int rooms_max = static_cast<int>(limits_.talk.rooms_per_line_max);
  for (int room = 1; room < rooms_max; ++room) hello_in(*member, room, "b");
  say_in(*member, 1, R"(["leave"])");
  hello_in(*member, 1000, "b");
  EXPECT_EQ(hub_.clients(), limits_.talk.rooms_per_line_max);
  say_in(*member, 1001, R"(["hello",{"network":"b"}])");
  EXPECT_EQ(member->take(), Texts{R"(["error","too many rooms"])"});
  EXPECT_EQ(hub_.clients(), 0U);
}

TEST_F(RoomsTest, offers_of_all_rooms_share_one_rate) {
  const auto member = v3("a");
  for (int room = 1; room < 8; ++room) hello_in(*member, room, "n" + std::to_string(room));
  for (int room = 1; room < 8; ++room) {
    say_in(*member, room, R"(["offer",1,"o"])");
    say_in(*member, room, R"(["offer",2,"o"])");
  }
  say(*member, R"(["offer",1,"o"])");
  say(*member, R"(["offer",2,"o"])");
  member->take();
  say_in(*member, 3, R"(["offer",3,"o"])");
  EXPECT_EQ(member->take(), Texts{wrap(3, R"(["failed",3])")}) << "16 at once";
  EXPECT_EQ(member->closed, 0) << "who is alone in many networks means no harm";
}

TEST_F(RoomsTest, a_report_above_the_rate_ends_its_request) {
  const auto nominee = v3("n");
  say(*nominee, R"(["ready"])");
  const auto other = v3("n");
  say(*other, R"(["ready"])");
  const auto asker = v3("a");
  hello_in(*asker, 1, "n");
  say_in(*asker, 1, R"(["offer",1,"o"])");
  say(nominee->sent.empty() ? *other : *nominee, R"(["answer",1,"a"])");
  for (int offers = 1; offers < 16; ++offers) say(*asker, R"(["offer",1,"o"])");
  asker->take();
  say_in(*asker, 1, R"(["report",1])");
  EXPECT_EQ(asker->take(), Texts{wrap(1, R"(["failed",1])")});
  EXPECT_EQ(nominee->sent.size() + other->sent.size(), 1U) << "nobody else is asked";
}

TEST_F(RoomsTest, messages_of_all_rooms_share_one_rate) {
  const auto member = v3("a");
  hello_in(*member, 1, "b");
  int messages = 0;
  for (; member->closed == 0 && messages < 1000; ++messages) {
    messages % 2 == 0 ? say(*member, R"(["ready"])") : say_in(*member, 1, R"(["ready"])");
  }
  EXPECT_EQ(messages, 199) << "two hellos were the first of 200";
}

TEST_F(RoomsTest, a_sign_of_life_is_one_of_all_rooms) {
  const auto member = v3("a");
  hello_in(*member, 1, "b");
  say_in(*member, 1, R"(["ready"])");
  const auto asker = v3("b");
  pass(13s, {asker.get()});
  EXPECT_EQ(member->take(), Texts{R"(["heartbeat"])"}) << "one for the line";
  say(*asker, R"(["offer",1,"o"])");
  EXPECT_EQ(member->take(), Texts{}) << "the silent are not asked, in no room";
  say(*member, R"(["heartbeat"])");
  EXPECT_EQ(member->take(), Texts{wrap(1, R"(["request",1,"o"])")});
  pass(20s, {asker.get()});
  EXPECT_TRUE(member->dropped);
  EXPECT_EQ(hub_.clients(), 1U);
}

TEST_F(RoomsTest, a_slow_reader_is_dropped_from_all_its_rooms) {
  const auto member = v3("a");
  say(*member, R"(["ready"])");
  hello_in(*member, 1, "b");
  member->slow = true;
  const auto in_a = v3("a");
  say(*in_a, R"(["offer",1,"o"])");
  EXPECT_TRUE(member->dropped);
  EXPECT_EQ(in_a->take(), Texts{R"(["unresolved",1])"});
  EXPECT_EQ(hub_.clients(), 1U);
}

}  // namespace
}  // namespace membrane::server
