// The real server against clients that misuse rooms. After each offence an honest pair, one of them
// in a room, must still be able to meet.

#include <gtest/gtest.h>

#include "running_server.h"

namespace membrane::server::test {
namespace {

class RoomsAttack : public testing::Test {
 protected:
  static std::string in_room(int room, const std::string& message) {
    return "[\"room\"," + std::to_string(room) + "," + message + "]";
  }
  static std::string hello(const std::string& network) {
    return "[\"hello\",{\"network\":\"" + network + "\"}]";
  }
  RawClient enter(const std::string& network) {
    RawClient client(server_.port(), "/v3", "membrane.v3");
    client.say(hello(network));
    EXPECT_EQ(client.text(), welcome);
    return client;
  }
  void enter_room(RawClient& client, int room, const std::string& network) {
    client.say(in_room(room, hello(network)));
    EXPECT_EQ(client.text(), in_room(room, welcome));
  }
  // The client is the first peer of the room's network, and routable.
  static void be_first(RawClient& client, int room) {
    const auto in = [&](const std::string& text) { return room == 0 ? text : in_room(room, text); };
    client.say(in(R"(["offer",9,"o"])"));
    EXPECT_EQ(client.text(), in(R"(["unresolved",9])"));
  }
  // The client is told why, and closed.
  static void expect_refused(RawClient& client, const std::string& reason) {
    EXPECT_EQ(client.text(), "[\"error\",\"" + reason + "\"]");
    EXPECT_EQ(client.close_code(), 1008U);
  }
  void expect_others_go_on() {
    const std::string network = "fresh" + std::to_string(++fresh_);
    RawClient one = enter("elsewhere");
    enter_room(one, 1, network);
    be_first(one, 1);
    RawClient two = enter(network);
    two.say(R"(["offer",1,"o"])");
    const std::string start = R"(["room",1,["request",)";
    const std::string request = one.text();
    ASSERT_EQ(request.substr(0, start.size()), start);
    const std::string ticket =
        request.substr(start.size(), request.find(',', start.size()) - start.size());
    one.say(in_room(1, "[\"answer\"," + ticket + ",\"a\"]"));
    EXPECT_EQ(two.text(), R"(["answer",1,"a"])");
  }

  const std::string welcome = R"(["welcome",{"iceServers":[],"heartbeat_s":8,"rooms":8}])";
  RunningServer server_;
  int fresh_ = 0;
};

TEST_F(RoomsAttack, a_room_before_the_first_hello_is_refused) {
  RawClient client(server_.port(), "/v3", "membrane.v3");
  client.say(in_room(1, hello("n")));
  expect_refused(client, "hello comes first");
  expect_others_go_on();
}

TEST_F(RoomsAttack, of_10000_rooms_there_are_as_many_as_the_welcome_said) {
  RawClient client = enter("n");
  for (int room = 1; room < 8; ++room) enter_room(client, room, "n");
  client.say(in_room(8, hello("n")));
  expect_refused(client, "too many rooms");
  RawClient greedy = enter("n");
  for (int room = 1; room <= 10'000; ++room) greedy.say(in_room(room, hello("n")));
  // The rest meets a closed socket, whose reset may overtake the close frame.
  EXPECT_TRUE(greedy.close_code());
  expect_others_go_on();
}

TEST_F(RoomsAttack, entering_and_leaving_10000_times_is_too_many_messages) {
  RawClient client = enter("n");
  for (int room = 1; room <= 10'000; ++room) {
    client.say(in_room(room, hello("n")));
    client.say(in_room(room, R"(["leave"])"));
  }
  EXPECT_TRUE(client.close_code());
  expect_others_go_on();
}

TEST_F(RoomsAttack, a_room_in_a_room_is_refused) {
  RawClient client = enter("n");
  enter_room(client, 1, "m");
  std::string nested = hello("deep");
  for (int depth = 2; depth < 5; ++depth) nested = in_room(depth, nested);
  client.say(in_room(1, nested));
  expect_refused(client, "unknown message");
  RawClient deeper = enter("n");
  for (int depth = 0; depth < 2'000; ++depth) nested = in_room(1, nested);
  deeper.say(nested);
  expect_refused(deeper, "not a message");
  expect_others_go_on();
}

TEST_F(RoomsAttack, leaving_a_room_that_is_none_is_refused) {
  RawClient client = enter("n");
  client.say(in_room(5, R"(["leave"])"));
  expect_refused(client, "hello comes first");
  expect_others_go_on();
}

TEST_F(RoomsAttack, a_number_in_use_is_refused) {
  RawClient client = enter("n");
  enter_room(client, 1, "m");
  client.say(in_room(1, hello("another")));
  expect_refused(client, "hello comes once");
  expect_others_go_on();
}

TEST_F(RoomsAttack, what_is_no_room_is_refused) {
  for (const char* text : {R"(["room"])", R"(["room",0,["ready"]])", R"(["room","1",["ready"]])",
                           R"(["room",1])", R"(["room",1,{}])", R"(["room",1,[]])"}) {
    RawClient client = enter("n");
    client.say(text);
    expect_refused(client, "bad room");
  }
  expect_others_go_on();
}

TEST_F(RoomsAttack, a_ticket_of_another_room_is_worth_nothing) {
  RawClient member = enter("a");
  enter_room(member, 1, "b");
  be_first(member, 1);
  RawClient asker = enter("b");
  asker.say(R"(["offer",1,"o"])");
  EXPECT_EQ(member.text(), in_room(1, R"(["request",1,"o"])"));
  member.say(R"(["answer",1,"from room 0"])");
  member.say(R"(["refuse",1])");
  member.say(in_room(1, R"(["answer",1,"from room 1"])"));
  EXPECT_EQ(asker.text(), R"(["answer",1,"from room 1"])");
  expect_others_go_on();
}

TEST_F(RoomsAttack, rooms_get_nobody_more_offers_or_messages) {
  RawClient client = enter("n0");
  for (int room = 1; room < 8; ++room) enter_room(client, room, "n" + std::to_string(room));
  int failed = 0;
  for (int number = 0; number < 5; ++number) {
    for (int room = 1; room < 8; ++room) {
      client.say(in_room(room, "[\"offer\"," + std::to_string(number) + ",\"o\"]"));
      failed += client.text().find("failed") == std::string::npos ? 0 : 1;
    }
  }
  // 16 at once and one more for each two seconds that this took.
  EXPECT_GT(failed, 0);
  EXPECT_LE(failed, 35 - 16);
  for (int i = 0; i < 10'000; ++i) client.say(in_room(1 + i % 7, R"(["ready"])"));
  EXPECT_TRUE(client.close_code());
  expect_others_go_on();
}

TEST_F(RoomsAttack, random_messages_in_rooms_stop_nothing) {
  const std::string words[] = {"\"room\"", "\"hello\"", "\"leave\"", "\"offer\"", "1",
                               "2",        "[",         "]",         "{",         "}",
                               ",",        ":",         "-1",        "null",      "\"network\""};
  unsigned random = 7;
  for (int i = 0; i < 100; ++i) {
    RawClient client = enter("n");
    std::string text = "[\"room\",";
    for (int word = 0; word < 12; ++word) {
      random = random * 1'103'515'245U + 12'345U;
      text += words[(random >> 16U) % std::size(words)];
    }
    client.say(text);
    client.say("junk");
    EXPECT_EQ(client.close_code(), 1008U) << text;
  }
  expect_others_go_on();
}

TEST_F(RoomsAttack, whoever_vanishes_is_gone_from_all_rooms) {
  RawClient member = enter("a");
  enter_room(member, 1, "b");
  be_first(member, 0);
  be_first(member, 1);
  RawClient in_a = enter("a");
  RawClient in_b = enter("b");
  in_a.say(R"(["offer",1,"o"])");
  in_b.say(R"(["offer",1,"o"])");
  EXPECT_NE(member.text(), "");
  EXPECT_NE(member.text(), "");
  member.socket().reset();
  EXPECT_EQ(in_a.text(), R"(["unresolved",1])");
  EXPECT_EQ(in_b.text(), R"(["unresolved",1])");
  expect_others_go_on();
}

}  // namespace
}  // namespace membrane::server::test
