// What tests of the hub begin with: members without sockets, in virtual time.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub.h"

namespace membrane::server {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct TestMember final : Member {
  bool send(std::string text) override {
    if (slow) return false;
    sent.push_back(std::move(text));
    return true;
  }
  void close(std::uint16_t code, std::string_view reason) override {
    closed = code;
    close_reason = reason;
  }
  void drop() override { dropped = true; }

  Texts take() { return std::exchange(sent, {}); }

  Texts sent;
  bool slow = false;
  bool dropped = false;
  std::uint16_t closed = 0;
  std::string_view close_reason;
};

class HubTest : public testing::Test {
 protected:
  using Owned = std::unique_ptr<TestMember>;

  Owned arrive() {
    auto member = std::make_unique<TestMember>();
    hub_.attach(*member, now_);
    return member;
  }
  Owned enter(Entry entry) {
    auto member = arrive();
    hub_.upgraded(*member, std::move(entry), now_);
    return member;
  }
  Owned bind(std::string offer = "T0ZGRVI=") { return enter({Vocabulary::v2, std::move(offer)}); }
  Owned reconnect() { return enter({Vocabulary::v2, std::nullopt}); }
  Owned v3(std::string_view network = "n") {
    auto member = enter({Vocabulary::v3, std::nullopt});
    say(*member, "[\"hello\",{\"network\":\"" + std::string(network) + "\",\"more\":1}]");
    EXPECT_EQ(member->take(), Texts{welcome});
    return member;
  }
  void say(TestMember& member, std::string_view text) { hub_.received(member, text, now_); }
  // Lets time pass in the server's own steps; everyone in `alive` speaks each second.
  void pass(Time time, const std::vector<TestMember*>& alive = {}) {
    for (const Time end = now_ + time; now_ < end;) {
      now_ += 100ms;
      if (now_.count() % 1000 == 0) {
        for (TestMember* member : alive) say(*member, R"(["heartbeat"])");
      }
      hub_.advance(now_);
    }
  }
  void leave(Owned member) { hub_.detach(*member, now_); }

  static constexpr const char* welcome =
      R"(["welcome",{"iceServers":[{"urls":"stun:a"},{"urls":"turn:b"}],"heartbeat_s":8,"rooms":8}])";
  static constexpr const char* answer_v2 = R"("{\"type\":\"answer\",\"sdp\":\"v=0\"}")";

  Limits limits_;
  Hub hub_{limits_, {"stun:a", "turn:b"}};
  Time now_{1'000'000};
};

}  // namespace membrane::server
