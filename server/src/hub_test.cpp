// The conversations and time limits of members, in virtual time and without sockets.

#include "hub_fixture.h"

namespace membrane::server {
namespace {

// --- v2 -----------------------------------------------------------------------------------------

TEST_F(HubTest, v2_bind_request_and_answer) {
  const auto first = bind();
  EXPECT_EQ(first->take(), Texts{R"(["provideSDP","unresolved"])"});
  const auto second = bind("U0VDT05E");
  EXPECT_EQ(first->take(), Texts{R"(["requestSDP","U0VDT05E",1])"});
  say(*first, std::string(R"(["returnSDP",)") + answer_v2 + ",1]");
  EXPECT_EQ(second->take(), Texts{std::string(R"(["provideSDP",)") + answer_v2 + "]"});
}

TEST_F(HubTest, v2_reconnect_is_routable_at_once) {
  const auto member = reconnect();
  const auto asker = bind();
  EXPECT_EQ(member->take(), Texts{R"(["requestSDP","T0ZGRVI=",1])"});
}

TEST_F(HubTest, v2_answers_that_are_none_are_not_passed_on) {
  for (const char* answer :
       {R"("unresolved")", R"("{}")", R"("{\"type\":\"offer\",\"sdp\":\"v=0\"}")",
        R"("{\"type\":\"answer\",\"sdp\":7}")"}) {
    const auto member = reconnect();
    const auto asker = bind();
    const std::string request = member->take().back();
    const std::string ticket = request.substr(request.rfind(',') + 1);
    say(*member, std::string(R"(["returnSDP",)") + answer + "," + ticket);
    EXPECT_EQ(asker->take(), Texts{R"(["ERROR"])"}) << answer;
    hub_.detach(*member, now_);
    hub_.detach(*asker, now_);
  }
}

TEST_F(HubTest, v2_report_node_with_any_id_concerns_the_own_answer_only) {
  const auto one = reconnect();
  const auto two = reconnect();
  const auto asker = bind();
  const auto bystander = bind("Qg==");
  TestMember& nominee = one->sent.front().find("T0ZGRVI=") != std::string::npos ? *one : *two;
  TestMember& other = &nominee == one.get() ? *two : *one;
  const std::size_t asked_of_other = other.sent.size();
  say(nominee, std::string(R"(["returnSDP",)") + answer_v2 + ",1]");
  asker->take();
  bystander->take();
  say(*asker, R"(["reportNode","__proto__"])");
  EXPECT_EQ(other.sent.size(), asked_of_other + 1) << "one other nominee is asked";
  for (const char* id : {R"("constructor")", R"("toString")", "1", "null", "{}", "[]"}) {
    say(*asker, "[\"reportNode\"," + std::string(id) + "]");
  }
  EXPECT_EQ(other.sent.size(), asked_of_other + 1) << "and nobody else";
  EXPECT_EQ(bystander->take(), Texts{});
  EXPECT_EQ(asker->closed, 0);
}

TEST_F(HubTest, v2_report_spam_closes_the_spammer) {
  const auto member = reconnect();
  const auto asker = bind();
  for (int i = 0; i < 100; ++i) say(*asker, R"(["reportNode",1])");
  EXPECT_EQ(asker->closed, 1008);
  EXPECT_EQ(member->take().size(), 1U);
}

TEST_F(HubTest, v2_refusal_passes_to_the_next) {
  const auto one = reconnect();
  const auto two = reconnect();
  const auto asker = bind();
  TestMember& first = one->sent.empty() ? *two : *one;
  TestMember& second = one->sent.empty() ? *one : *two;
  say(first, R"(["ignoreSDPRequest",1])");
  EXPECT_EQ(second.take(), Texts{R"(["requestSDP","T0ZGRVI=",2])"});
}

TEST_F(HubTest, v2_force_closing_is_a_goodbye) {
  const auto member = reconnect();
  say(*member, R"(["forceClosing"])");
  EXPECT_EQ(member->closed, 1000);
  EXPECT_EQ(hub_.clients(), 0U);
}

TEST_F(HubTest, v2_malformed_messages_are_borne_for_a_while) {
  const auto member = reconnect();
  for (unsigned i = 1; i < limits_.talk.bad_messages_max; ++i) say(*member, "junk");
  EXPECT_EQ(member->closed, 0);
  say(*member, R"(["returnSDP","no such ticket",99])");
  EXPECT_EQ(member->closed, 1008);
}

// --- v3 -----------------------------------------------------------------------------------------

TEST_F(HubTest, v3_whole_exchange) {
  const auto first = v3();
  say(*first, R"(["offer",5,"o1"])");
  EXPECT_EQ(first->take(), Texts{R"(["unresolved",5])"});
  const auto second = v3();
  say(*second, R"(["offer",9007199254740991,"o\n2"])");
  say(*second, R"(["offerCandidate",9007199254740991,"{\"c\":1}"])");
  EXPECT_EQ(first->take(),
            (Texts{R"(["request",1,"o\u000a2"])", R"(["offerCandidate",1,"{\"c\":1}"])"}));
  say(*first, R"(["answer",1,"a"])");
  say(*first, R"(["answerCandidate",1,"ac"])");
  EXPECT_EQ(second->take(), (Texts{R"(["answer",9007199254740991,"a"])",
                                   R"(["answerCandidate",9007199254740991,"ac"])"}));
  say(*second, R"(["done",9007199254740991])");
  say(*second, R"(["ready"])");
  say(*first, R"(["answerCandidate",1,"late"])");
  EXPECT_EQ(second->take(), Texts{}) << "late and ignored";
  EXPECT_EQ(first->closed, 0);
}

TEST_F(HubTest, v3_report_fails_when_nobody_else_is_there) {
  const auto first = v3();
  say(*first, R"(["ready"])");
  const auto second = v3();
  say(*second, R"(["offer",1,"o"])");
  say(*first, R"(["answer",1,"a"])");
  second->take();
  say(*second, R"(["report",1])");
  EXPECT_EQ(second->take(), Texts{R"(["failed",1])"});
}

TEST_F(HubTest, v3_refuse_by_the_only_nominee_fails) {
  const auto first = v3();
  say(*first, R"(["ready"])");
  const auto second = v3();
  say(*second, R"(["offer",1,"o"])");
  say(*first, R"(["refuse",1])");
  EXPECT_EQ(second->take(), Texts{R"(["failed",1])"});
}

TEST_F(HubTest, v3_networks_and_v2_are_never_paired) {
  const auto v2 = reconnect();
  const auto one = v3("one");
  say(*one, R"(["ready"])");
  const auto two = v3("two");
  say(*two, R"(["offer",1,"o"])");
  EXPECT_EQ(two->take(), Texts{R"(["unresolved",1])"});
  EXPECT_EQ(one->take(), Texts{});
  EXPECT_EQ(v2->take(), Texts{});
}

TEST_F(HubTest, v3_errors_are_told_and_close) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"junk", "not a message"},
      {"[]", "not a message"},
      {R"(["hello",{"network":"again"}])", "hello comes once"},
      {R"(["room"])", "bad room"},
      {R"(["room",0,["ready"]])", "bad room"},
      {R"(["room",-1,["hello",{"network":"m"}]])", "bad room"},
      {R"(["room",1.5,["hello",{"network":"m"}]])", "bad room"},
      {R"(["room",9007199254740992,["hello",{"network":"m"}]])", "bad room"},
      {R"(["room",1,"ready"])", "bad room"},
      {R"(["room",1,[]])", "bad room"},
      {R"(["room",1,[["hello"]]])", "bad room"},
      {R"(["room",1,["ready"]])", "hello comes first"},
      {R"(["room",1,["leave"]])", "hello comes first"},
      {R"(["room",1,["heartbeat"]])", "hello comes first"},
      {R"(["room",1,["hello",{}]])", "hello names no network"},
      {R"(["room",1,["room",2,["hello",{"network":"m"}]]])", "hello comes first"},
      {R"(["constructor"])", "unknown message"},
      {R"(["offer"])", "no request number"},
      {R"(["offer",-1,"o"])", "no request number"},
      {R"(["offer",1])", "bad offer"},
      {R"(["offer",1,""])", "bad offer"},
      {R"(["offer",1,{}])", "bad offer"},
      {R"(["offerCandidate",1,7])", "bad candidate"},
      {R"(["report","1"])", "no request number"},
      {R"(["answer","1","a"])", "no ticket"},
      {R"(["answer",77,"a"])", "no such ticket"},
      {R"(["answer",77])", "bad answer"},
      {R"(["answerCandidate",0,"c"])", "no such ticket"},
      {R"(["refuse",77])", "no such ticket"},
  };
  for (const auto& [text, reason] : mistakes) {
    auto member = v3();
    say(*member, text);
    EXPECT_EQ(member->take(), Texts{"[\"error\",\"" + std::string(reason) + "\"]"}) << text;
    EXPECT_EQ(member->closed, 1008) << text;
    leave(std::move(member));
  }
  EXPECT_EQ(hub_.clients(), 0U);
}

TEST_F(HubTest, v3_hello_comes_first_and_names_a_network) {
  const std::string long_name(65, 'x');
  for (const std::string& text :
       {std::string(R"(["ready"])"), std::string(R"(["hello"])"), std::string(R"(["hello",{}])"),
        std::string(R"(["hello",{"network":1}])"),
        R"(["hello",{"network":")" + long_name + "\"}]"}) {
    auto member = enter({Vocabulary::v3, std::nullopt});
    say(*member, text);
    EXPECT_EQ(member->closed, 1008) << text;
    EXPECT_EQ(hub_.clients(), 0U);
    leave(std::move(member));
  }
}

TEST_F(HubTest, v3_sizes_are_limited) {
  const auto member = v3();
  say(*member, R"(["offerCandidate",1,")" + std::string(3000, 'c') + "\"]");
  EXPECT_EQ(member->closed, 1008);
  const auto other = v3();
  say(*other, R"(["offer",1,")" + std::string(31'000, 'c') + "\"]");
  EXPECT_EQ(other->closed, 1008);
}

TEST_F(HubTest, v3_offers_and_messages_have_a_rate) {
  const auto member = v3();
  say(*member, R"(["ready"])");
  for (int offers = 0; offers < 16; ++offers) {
    say(*member, R"(["offer",1,"o"])");
    EXPECT_EQ(member->take(), Texts{R"(["unresolved",1])"}) << offers;
  }
  say(*member, R"(["offer",1,"o"])");
  EXPECT_EQ(member->take(), Texts{R"(["failed",1])"});
  pass(2s);
  say(*member, R"(["offer",1,"o"])");
  EXPECT_EQ(member->take(), Texts{R"(["unresolved",1])"});
  const auto talker = v3();
  int messages = 0;
  for (; talker->closed == 0 && messages < 1000; ++messages) say(*talker, R"(["heartbeat"])");
  EXPECT_EQ(messages, 200) << "hello was the first of 200";
}

TEST_F(HubTest, answers_that_were_asked_for_are_free) {
  const auto nominee = reconnect();
  for (int i = 1; i <= 1000; ++i) {
    auto asker = bind();
    say(*nominee, std::string(R"(["returnSDP",)") + answer_v2 + "," + std::to_string(i) + "]");
    EXPECT_EQ(asker->take().size(), 1U) << i;
    leave(std::move(asker));
  }
  EXPECT_EQ(nominee->closed, 0);
}

// --- time ---------------------------------------------------------------------------------------

TEST_F(HubTest, who_does_not_join_in_ten_seconds_is_dropped) {
  const auto half_open = arrive();
  const auto mute = enter({Vocabulary::v3, std::nullopt});
  pass(9900ms);
  EXPECT_FALSE(half_open->dropped || mute->dropped);
  pass(100ms);
  EXPECT_TRUE(half_open->dropped && mute->dropped);
}

TEST_F(HubTest, a_thousand_half_open_connections_disturb_nobody) {
  std::vector<Owned> half_open;
  half_open.reserve(1000);
  for (int i = 0; i < 1000; ++i) half_open.push_back(arrive());
  const auto first = bind();
  EXPECT_EQ(first->take(), Texts{R"(["provideSDP","unresolved"])"});
  pass(11s, {first.get()});
  for (const auto& member : half_open) EXPECT_TRUE(member->dropped);
  EXPECT_FALSE(first->dropped);
}

TEST_F(HubTest, one_heartbeat_each_eight_seconds_of_silence_and_none_sooner) {
  const auto member = reconnect();
  pass(7900ms, {member.get()});
  EXPECT_EQ(member->take(), Texts{});
  pass(100ms, {member.get()});
  EXPECT_EQ(member->take(), Texts{R"(["heartbeat"])"});
  pass(4s, {member.get()});
  const auto asker = bind();
  EXPECT_EQ(member->take().size(), 1U) << "a request";
  pass(7900ms, {member.get(), asker.get()});
  EXPECT_EQ(member->take(), Texts{}) << "the request counts as a sign of life";
  pass(80s, {member.get(), asker.get()});
  EXPECT_EQ(member->take().size(), 10U);
}

TEST_F(HubTest, heartbeats_of_a_crowd_are_spread) {
  std::vector<Owned> crowd;
  std::vector<TestMember*> alive;
  crowd.reserve(1000);
  alive.reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    crowd.push_back(reconnect());
    alive.push_back(crowd.back().get());
  }
  const auto beats = [&] {
    std::size_t count = 0;
    for (const auto& member : crowd) count += member->take().size();
    return count;
  };
  pass(8s, alive);
  EXPECT_EQ(beats(), limits_.socket.heartbeats_per_tick_max);
  pass(300ms, alive);
  EXPECT_EQ(beats(), 1000 - limits_.socket.heartbeats_per_tick_max);
}

TEST_F(HubTest, the_silent_are_doubted_and_then_dropped) {
  const auto silent = reconnect();
  pass(13s);
  const auto asker = bind();
  EXPECT_TRUE(asker->take().empty());
  pass(3s, {asker.get()});
  EXPECT_EQ(asker->take(), Texts{R"(["ERROR"])"}) << "not asked, and the network is not empty";
  EXPECT_FALSE(silent->dropped);
  pass(4s, {asker.get()});
  EXPECT_TRUE(silent->dropped);
  EXPECT_EQ(hub_.clients(), 1U);
}

TEST_F(HubTest, pings_are_signs_of_life_but_not_without_end) {
  const auto member = reconnect();
  for (int i = 0; i < 30; ++i) {
    pass(1s);
    hub_.pinged(*member, now_);
  }
  EXPECT_FALSE(member->dropped);
  for (int i = 0; i < 1000; ++i) hub_.pinged(*member, now_);
  EXPECT_EQ(member->closed, 1008);
}

TEST_F(HubTest, a_silent_nominee_costs_three_seconds) {
  const auto one = reconnect();
  const auto two = reconnect();
  const auto asker = bind();
  pass(3s, {asker.get()});
  EXPECT_EQ(one->take().size(), 1U);
  EXPECT_EQ(two->take().size(), 1U);
  pass(3s, {asker.get()});
  EXPECT_EQ(asker->take(), Texts{R"(["ERROR"])"});
}

TEST_F(HubTest, three_hundred_that_vanish_do_not_hold_up_a_join) {
  const auto survivor = reconnect();
  std::vector<Owned> crowd;
  crowd.reserve(300);
  for (int i = 0; i < 300; ++i) crowd.push_back(reconnect());
  std::vector<TestMember*> alive{survivor.get()};
  alive.reserve(301);
  for (const auto& member : crowd) alive.push_back(member.get());
  pass(60s, alive);
  survivor->take();
  for (auto& member : crowd) leave(std::move(member));
  const auto asker = bind();
  EXPECT_EQ(survivor->take().size(), 1U);
}

TEST_F(HubTest, a_slow_reader_is_dropped_and_its_request_passed_on) {
  const auto one = reconnect();
  const auto two = reconnect();
  one->slow = true;
  two->slow = true;
  const auto asker = bind();
  EXPECT_TRUE(one->dropped && two->dropped);
  EXPECT_EQ(asker->take(), Texts{R"(["provideSDP","unresolved"])"});
}

TEST_F(HubTest, who_closes_slowly_is_dropped) {
  const auto member = reconnect();
  hub_.closing(*member, now_);
  EXPECT_EQ(hub_.clients(), 0U);
  pass(1900ms);
  EXPECT_FALSE(member->dropped);
  pass(100ms);
  EXPECT_TRUE(member->dropped);
}

TEST_F(HubTest, what_a_closing_member_says_is_ignored) {
  const auto member = v3();
  say(*member, "junk");
  member->take();
  say(*member, R"(["offer",1,"o"])");
  hub_.pinged(*member, now_);
  EXPECT_EQ(member->take(), Texts{});
}

TEST_F(HubTest, a_server_that_stops_closes_everyone) {
  const auto half_open = arrive();
  const auto member = reconnect();
  hub_.close_all(now_);
  EXPECT_EQ(half_open->closed, 1001);
  EXPECT_EQ(member->closed, 1001);
  EXPECT_EQ(hub_.clients(), 0U);
}

}  // namespace
}  // namespace membrane::server
