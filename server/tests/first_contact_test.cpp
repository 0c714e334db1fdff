// The real server against clients that speak the vocabularies, badly, or not at all. After each
// offence an honest pair must still be able to meet.

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "running_server.h"

namespace membrane::server::test {
namespace {

using namespace std::chrono_literals;

// base64 of {"type":"offer","sdp":"v=0"}
const std::string offer = "eyJ0eXBlIjoib2ZmZXIiLCJzZHAiOiJ2PTAifQ==";
const std::string bind_target = "/bind?originatingSDP=" + offer;
const std::string answer = R"("{\"type\":\"answer\",\"sdp\":\"v=0\"}")";

std::string base64(const std::string& text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
    const unsigned bits = static_cast<unsigned char>(text[i]) * 65536U +
                          static_cast<unsigned char>(text[i + 1]) * 256U +
                          static_cast<unsigned char>(text[i + 2]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) out += digits[(bits >> shift) & 63U];
  }
  return out;
}

class FirstContact : public testing::Test {
 protected:
  static Options options() {
    Options options;
    options.limits.socket.connections_per_address_max = 5000;
    return options;
  }

  RawClient connect(std::string_view target, std::string_view subprotocol = "") {
    return RawClient(server_.port(), target, subprotocol);
  }
  RawClient v3(const std::string& network = "n") {
    RawClient client = connect("/v3", "membrane.v3");
    EXPECT_EQ(client.status(), 101U);
    client.say("[\"hello\",{\"network\":\"" + network + "\"}]");
    EXPECT_EQ(client.text(), R"(["welcome",{"iceServers":[],"heartbeat_s":8,"rooms":8}])");
    return client;
  }
  static std::string ticket_of(const std::string& request_sdp) {
    const std::size_t comma = request_sdp.rfind(',');
    return comma == std::string::npos ? "0" : request_sdp.substr(comma + 1);  // "N]"
  }
  // A network of its own, so that what happened before cannot help or hinder.
  void expect_others_go_on() {
    const std::string network = "fresh" + std::to_string(++fresh_);
    RawClient one = v3(network);
    one.say(R"(["offer",1,"o"])");
    EXPECT_EQ(one.text(), R"(["unresolved",1])");
    RawClient two = v3(network);
    two.say(R"(["offer",1,"o"])");
    const std::string request = one.text();
    EXPECT_EQ(request.substr(0, 11), R"(["request",)");
    one.say("[\"answer\"," + request.substr(11, request.find(',', 11) - 11) + ",\"a\"]");
    EXPECT_EQ(two.text(), R"(["answer",1,"a"])");
  }

  RunningServer server_{options()};
  int fresh_ = 0;
};

// --- the vocabularies ---------------------------------------------------------------------------

TEST_F(FirstContact, v2_clients_meet) {
  RawClient first = connect(bind_target);
  EXPECT_EQ(first.text(), R"(["provideSDP","unresolved"])");
  RawClient second = connect("/under/a/prefix" + bind_target);
  const std::string request = first.text();
  EXPECT_EQ(request, "[\"requestSDP\",\"" + offer + "\",1]");
  first.say("[\"returnSDP\"," + answer + ",1]");
  EXPECT_EQ(second.text(), "[\"provideSDP\"," + answer + "]");
}

TEST_F(FirstContact, v3_clients_meet) { expect_others_go_on(); }

TEST_F(FirstContact, the_upgrade_names_the_subprotocol) {
  RawClient client = connect("/v3", "other, membrane.v3");
  EXPECT_NE(client.response().find("Sec-WebSocket-Protocol: membrane.v3\r\n"), std::string::npos);
}

TEST_F(FirstContact, what_is_no_upgrade_of_ours_is_refused_in_http) {
  EXPECT_EQ(connect("/elsewhere").status(), 404U);
  EXPECT_EQ(connect("/bind").status(), 400U);
  EXPECT_EQ(connect("/bind?originatingSDP=junk").status(), 400U);
  EXPECT_EQ(connect("/v3").status(), 400U);
  const std::pair<const char*, const char*> requests[] = {
      {"GET /v3 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 426"},
      {"POST /bind HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405"},
      {"not http at all\r\n\r\n", "HTTP/1.1 400"},
      {"GET \x01\x02 HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"GET http://[bad/ HTTP/1.1\r\nHost: ]\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
       "HTTP/1.1 404"},
      {"GET //%% HTTP/1.1\r\nHost: :::\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
       "HTTP/1.1 404"},
  };
  for (const auto& [request, status] : requests) {
    RawSocket socket(server_.port());
    socket.send(request);
    const auto response = socket.receive_all();
    ASSERT_TRUE(response) << request;
    EXPECT_EQ(response->substr(0, 12), status) << request;
  }
  expect_others_go_on();
}

TEST_F(FirstContact, an_offer_of_64_kib_in_the_url_works) {
  RawClient first = connect("/reconnect");
  EXPECT_EQ(first.status(), 101U);
  std::string description = R"({"type":"offer","sdp":"v=0)" + std::string(65'508, '~') + "\"}";
  while (description.size() % 3 != 0) description += ' ';
  const std::string encoded = base64(description);
  RawClient second = connect("/bind?originatingSDP=" + encoded);
  EXPECT_EQ(second.status(), 101U);
  EXPECT_EQ(first.text(), "[\"requestSDP\",\"" + encoded + "\",1]");
}

TEST_F(FirstContact, a_request_head_beyond_the_limit_is_refused) {
  RawSocket socket(server_.port());
  socket.send("GET /bind?originatingSDP=" + std::string(300'000, 'A') + " HTTP/1.1\r\n");
  const auto response = socket.receive_all();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->substr(0, 12), "HTTP/1.1 431");
  expect_others_go_on();
}

TEST_F(FirstContact, heads_with_fields_of_64_kib_are_refused_and_stop_nothing) {
  const std::string start =
      "GET /reconnect HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string long_text(70'000, 'x');
  for (const std::string& field : {long_text + ": v", "X: " + long_text, "X: v\r\n " + long_text,
                                   "Sec-WebSocket-Extensions: " + long_text}) {
    RawSocket socket(server_.port());
    socket.send(start + field + "\r\n\r\n");
    const auto response = socket.receive_all();
    ASSERT_TRUE(response) << field.substr(0, 20);
    EXPECT_EQ(response->substr(0, 12), "HTTP/1.1 431") << field.substr(0, 20);
  }
  expect_others_go_on();
}

TEST_F(FirstContact, random_bytes_stop_nothing) {
  std::mt19937 random(7);
  const auto below = [&](unsigned bound) { return static_cast<unsigned>(random()) % bound; };
  const auto junk = [&](unsigned size) {
    std::string out;
    while (out.size() < size) out += static_cast<char>(below(256));
    return out;
  };
  for (int i = 0; i < 200; ++i) {
    RawSocket bare(server_.port());
    bare.send((below(2) == 0 ? "GET /v3 HTTP/1.1\r\n" : "") + junk(below(300)) + "\r\n\r\n");
    RawClient client = connect(below(2) == 0 ? "/v3" : "/reconnect", "membrane.v3");
    for (unsigned frames = below(4); frames > 0; --frames) {
      const std::string text = below(2) == 0 ? junk(below(200)) : "[\"offer\"," + junk(5) + "]";
      client.frame(static_cast<unsigned char>(below(256)), text, below(8) != 0);
    }
    client.socket().send(junk(below(100)));
  }
  expect_others_go_on();
}

// --- WebSocket frames ---------------------------------------------------------------------------

TEST_F(FirstContact, frames_against_the_rules_close_the_connection) {
  struct Offence {
    const char* name;
    unsigned char first;
    std::string payload;
    bool masked;
    unsigned code;
  };
  const Offence offences[] = {
      {"unmasked", 0x81, "[]", false, 1002},
      {"reserved opcode", 0x83, "x", true, 1002},
      {"reserved control opcode", 0x8b, "x", true, 1002},
      {"reserved bit", 0xc1, "x", true, 1002},
      {"continuation of nothing", 0x80, "x", true, 1002},
      {"fragmented ping", 0x09, "x", true, 1002},
      {"long ping", 0x89, std::string(200, 'x'), true, 1002},
      {"invalid utf-8", 0x81, "\xff\xfe", true, 1007},
      {"cut utf-8", 0x81, "\xc3", true, 1007},
      {"one byte close", 0x88, "x", true, 1002},
      {"binary", 0x82, "x", true, 1003},
      {"a megabyte", 0x81, std::string(1 << 20, 'x'), true, 1009},
      {"a byte too much", 0x81, std::string(32'769, 'x'), true, 1009},
  };
  for (const Offence& offence : offences) {
    RawClient client = connect("/reconnect");
    client.frame(offence.first, offence.payload, offence.masked);
    const auto code = client.close_code();
    ASSERT_TRUE(code) << offence.name;
    // The rest of a long message meets a closed socket, whose reset may overtake the close frame.
    if (offence.payload.size() < 100'000 || *code != 0) {
      EXPECT_EQ(*code, offence.code) << offence.name;
    }
  }
  expect_others_go_on();
  EXPECT_LT(server_.log_bytes(), 10'000);
}

TEST_F(FirstContact, a_message_announced_as_110_mb_is_refused_by_its_head) {
  RawClient client = connect("/reconnect");
  client.socket().send(std::string("\x81\xff\x00\x00\x00\x00\x06\x8e\x77\x80\x11\x22\x33\x44", 14));
  EXPECT_EQ(client.close_code(), 1009U);
}

TEST_F(FirstContact, the_largest_message_and_fragments_are_fine) {
  RawClient one = v3();
  one.say(R"(["offer",1,"o"])");
  one.text();
  RawClient two = v3();
  const std::string description(30'720, 'd');
  const std::string message = R"(["offer",1,")" + description + "\"]";
  two.frame(0x01, message.substr(0, 10));
  two.frame(0x89, "ping between");
  two.frame(0x00, message.substr(10, 20'000));
  two.frame(0x80, message.substr(20'010));
  const std::string request = one.text();
  EXPECT_EQ(request.size(), std::string(R"(["request",1,""])").size() + description.size());
}

TEST_F(FirstContact, a_megabyte_of_junk_is_neither_answered_nor_logged) {
  for (int i = 0; i < 10; ++i) {
    RawClient client = connect("/reconnect");
    for (int j = 0; j < 40; ++j) client.say(std::string(30'000, 'j'));
    EXPECT_TRUE(client.close_code());
  }
  EXPECT_LT(server_.log_bytes(), 10'000);
  expect_others_go_on();
}

// --- offences within the vocabularies -----------------------------------------------------------

TEST_F(FirstContact, a_ticket_of_another_client_is_worth_nothing) {
  RawClient nominee = connect("/reconnect");
  RawClient thief = connect("/reconnect");
  RawClient asker = connect(bind_target);
  // The first of the two who waited is asked.
  const std::string request = nominee.text();
  thief.say("[\"returnSDP\"," + answer + ",1]");
  thief.say(R"(["ignoreSDPRequest",1])");
  thief.say(R"(["forceClosing"])");
  EXPECT_EQ(thief.close_code(), 1000U);
  nominee.say("[\"returnSDP\"," + answer + "," + ticket_of(request));
  EXPECT_EQ(asker.text(), "[\"provideSDP\"," + answer + "]");
}

TEST_F(FirstContact, an_answer_that_is_none_is_not_passed_on) {
  RawClient liar = connect("/reconnect");
  RawClient honest = connect("/reconnect");
  RawClient asker = connect(bind_target);
  liar.say("[\"returnSDP\",\"{\\\"hello\\\":1}\"," + ticket_of(liar.text()));
  honest.say("[\"returnSDP\"," + answer + "," + ticket_of(honest.text()));
  EXPECT_EQ(asker.text(), "[\"provideSDP\"," + answer + "]");
}

TEST_F(FirstContact, report_node_with_the_names_of_objects_harms_nobody) {
  RawClient client = connect(bind_target);
  for (const char* id : {"__proto__", "constructor", "toString"}) {
    client.say(std::string(R"(["reportNode",")") + id + "\"]");
  }
  client.say(R"(["forceClosing"])");
  EXPECT_EQ(client.close_code(), 1000U);
  expect_others_go_on();
}

TEST_F(FirstContact, report_node_spam_makes_one_other_answer_and_no_more) {
  RawClient one = connect("/reconnect");
  RawClient two = connect("/reconnect");
  RawClient asker = connect(bind_target);
  one.say("[\"returnSDP\"," + answer + "," + ticket_of(one.text()));
  EXPECT_EQ(asker.text(), "[\"provideSDP\"," + answer + "]");
  for (int i = 0; i < 100; ++i) asker.say(R"(["reportNode",1])");
  EXPECT_EQ(asker.close_code(), 1008U);
  EXPECT_EQ(two.text().substr(0, 13), R"(["requestSDP")");
  two.say(R"(["forceClosing"])");
  EXPECT_EQ(two.text(), "") << "one request and no more";
}

TEST_F(FirstContact, a_client_that_vanishes_with_a_request_is_replaced_at_once) {
  RawClient first = connect("/reconnect");
  RawClient second = connect("/reconnect");
  RawClient asker = connect(bind_target);
  EXPECT_NE(first.text(), "");
  first.socket().reset();
  second.say("[\"returnSDP\"," + answer + "," + ticket_of(second.text()));
  EXPECT_EQ(asker.text(), "[\"provideSDP\"," + answer + "]");
}

TEST_F(FirstContact, after_300_clients_vanish_a_join_still_succeeds) {
  std::vector<RawClient> crowd;
  crowd.reserve(300);
  for (int i = 0; i < 300; ++i) crowd.push_back(connect("/reconnect"));
  RawClient survivor = connect("/reconnect");
  for (RawClient& client : crowd) client.socket().reset();
  RawClient asker = connect(bind_target);
  survivor.say("[\"returnSDP\"," + answer + "," + ticket_of(survivor.text()));
  EXPECT_EQ(asker.text(), "[\"provideSDP\"," + answer + "]");
}

TEST_F(FirstContact, a_thousand_half_open_sockets_disturb_nobody) {
  std::vector<RawSocket> half_open;
  half_open.reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    half_open.emplace_back(server_.port());
    if (i % 2 == 0) half_open.back().send("GET /v3 HTTP/1.1\r\nHost: ");
  }
  expect_others_go_on();
}

// --- time and room, with limits a test can wait for ---------------------------------------------

TEST(FirstContactLimits, half_open_sockets_and_silent_clients_are_dropped) {
  Options options;
  options.limits.socket.handshake_timeout = 300ms;
  options.limits.socket.heartbeat_interval = 200ms;
  options.limits.socket.doubtful_after = 400ms;
  options.limits.socket.silence_timeout = 600ms;
  RunningServer server(options);
  RawSocket nothing(server.port());
  RawClient no_hello(server.port(), "/v3", "membrane.v3");
  RawClient silent(server.port(), "/reconnect");
  EXPECT_TRUE(nothing.ends());
  EXPECT_TRUE(no_hello.socket().ends());
  const auto last = silent.socket().receive_all();
  ASSERT_TRUE(last);
  EXPECT_NE(last->find("[\"heartbeat\"]"), std::string::npos);
}

TEST(FirstContactLimits, a_silent_nominee_is_given_up) {
  Options options;
  options.limits.match.nominee_timeout = 200ms;
  RunningServer server(options);
  RawClient silent(server.port(), "/reconnect");
  RawClient other(server.port(), "/reconnect");
  RawClient asker(server.port(), bind_target);
  EXPECT_NE(silent.text(), "");
  EXPECT_NE(other.text(), "");
  EXPECT_EQ(asker.text(), R"(["ERROR"])");
}

TEST(FirstContactLimits, a_slow_reader_is_closed_and_others_go_on) {
  Options options;
  options.limits.socket.outgoing_bytes_max = 64 * kib;
  options.limits.socket.send_buffer_bytes = 4096;
  options.limits.match.nominee_timeout = 60s;
  options.limits.match.tickets_per_nominee_max = 1000;
  RunningServer server(options);
  // The smallest receive buffer, and nothing is read until the server has given up.
  RawClient slow(server.port(), "/reconnect", "", 2048);
  const std::string large = "/bind?originatingSDP=" + base64(R"({"type":"offer","sdp":"v=)" +
                                                             std::string(9000, '0') + "\"}  ");
  std::vector<RawClient> askers;
  askers.reserve(40);
  for (int i = 0; i < 40; ++i) askers.emplace_back(server.port(), large);
  // With its only nominee gone, the first asker becomes the first peer and the rest are put to it.
  EXPECT_EQ(askers[0].text(), R"(["provideSDP","unresolved"])");
  EXPECT_EQ(askers[0].text().substr(0, 13), R"(["requestSDP")");
  EXPECT_TRUE(slow.socket().ends());
}

TEST(FirstContactLimits, unfinished_heads_and_messages_have_a_common_limit) {
  Options options;
  options.limits.socket.incoming_total_bytes_max = 100'000;
  RunningServer server(options);
  const std::string half_a_head = "GET /bind?originatingSDP=" + std::string(50'000, 'A');
  std::vector<RawSocket> greedy;
  greedy.reserve(4);
  for (int i = 0; i < 4; ++i) {
    greedy.emplace_back(server.port());
    greedy.back().send(half_a_head);
  }
  EXPECT_EQ(greedy.back().receive_all().value_or("").substr(0, 12), "HTTP/1.1 503");
  std::vector<RawClient> clients;
  clients.reserve(8);
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(server.port(), "/reconnect");
    clients.back().frame(0x01, std::string(30'000, 'x'));
  }
  EXPECT_TRUE(clients.back().socket().ends());
  RawClient first(server.port(), bind_target);
  EXPECT_EQ(first.status(), 101U) << "small requests still fit";
}

TEST(FirstContactLimits, connections_in_all_and_per_address_are_counted) {
  for (const bool per_address : {false, true}) {
    Options options;
    auto& limit = per_address ? options.limits.socket.connections_per_address_max
                              : options.limits.socket.connections_max;
    limit = 3;
    RunningServer server(options);
    std::vector<RawClient> clients;
    clients.reserve(3);
    for (int i = 0; i < 3; ++i) {
      clients.emplace_back(server.port(), "/reconnect");
      EXPECT_EQ(clients.back().status(), 101U);
    }
    RawSocket refused(server.port());
    const auto response = refused.receive_all();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->substr(0, 12), "HTTP/1.1 503");
    clients.back().socket().reset();
    unsigned status = 0;
    for (int tries = 0; tries < 1000 && status != 101; ++tries) {
      status = RawClient(server.port(), "/reconnect").status();
    }
    EXPECT_EQ(status, 101U) << "there is room again";
  }
}

// What asks for a second close before the first has left may not keep its connection alive.
TEST(FirstContactLimits, garbage_during_the_close_keeps_no_place_taken) {
  Options options;
  options.limits.socket.connections_max = 1;
  options.limits.socket.closing_timeout = 50ms;
  RunningServer server(options);
  for (int round = 0; round < 3; ++round) {
    unsigned status = 0;
    for (int tries = 0; tries < 10'000 && status != 101; ++tries) {
      RawClient client(server.port(), "/v3", "membrane.v3");
      status = client.status();
      if (status != 101) continue;
      // An empty binary message, which we refuse, and a reserved opcode, in one segment.
      client.socket().send("\x82\x80mask\x83\x80mask");
      EXPECT_TRUE(client.socket().ends());
    }
    EXPECT_EQ(status, 101U) << "round " << round;
  }
}

TEST(FirstContactLimits, a_server_that_stops_says_so) {
  RunningServer server;
  RawClient client(server.port(), bind_target);
  EXPECT_EQ(client.text(), R"(["provideSDP","unresolved"])");
  std::thread stopping([&] { server.stop(); });
  EXPECT_EQ(client.close_code(), 1001U);
  client.frame(0x88, "\x03\xe9");
  stopping.join();
  EXPECT_TRUE(client.socket().ends());
}

}  // namespace
}  // namespace membrane::server::test
