#include "broadcast.h"

#include <gtest/gtest.h>

#include "side.h"
#include "states.h"
#include "topics.h"

namespace membrane::test {
namespace {

constexpr Position place(std::uint8_t who) { return Position{who} * 0x0101'0101'0101'0101; }

/// We are 100 and have just come: our first link, to 90, has told us of nobody else yet.
struct NewcomerTest : testing::Test {
  NewcomerTest() {
    broadcast.hooks.accepted = [this](Store, const Item&, bool was_pulled) {
      pulled.push_back(was_pulled);
    };
    side.know(90, {100});
    Link& link = side.link_up(90);
    link.is_first = true;
    first = link.id;
    side.forget();
  }

  Bytes signed_by(std::uint8_t who, StatementKind kind, const Bytes& body) {
    Statement statement{kind, peer_of(who), side.context.now + ++said, body, {}};
    statement.signature = fake_sign(peer_of(who), statement_to_sign("test", statement));
    return encode_statement(statement);
  }
  /// 90 tells us of 130, whose record is being checked until everything is.
  void begin_to_check() {
    Record record{"", {}, limits::record_lifetime_s, {place(90)}};
    const Bytes encoded = signed_by(130, StatementKind::record, encode_record(record));
    broadcast.receive(*side.links.find(first), Push{encoded});
    checks = std::exchange(side.context.outputs, {});
  }
  void end_to_check() {
    for (Output& output : checks) side.context.outputs.push_back(std::move(output));
    side.work();
    side.map.refresh();
  }
  /// 90 has said something, which we are to pass on to those on an arc.
  void spread(const Arc& over) {
    const Bytes message = signed_by(90, StatementKind::message, encode_topic_body("news", {}));
    broadcast.receive(*side.links.find(first), Spread{over, 10, message});
    side.work();
    EXPECT_EQ(side.sent<SpreadAck>(first).size(), 1u);
  }

  Side side{100};
  Topics topics{side.context, side.map};
  States states{side.context, side.map};
  Broadcast broadcast{side.context, side.links, side.map, topics, states};
  LinkId first = 0;
  std::uint64_t said = 0;
  std::vector<bool> pulled;
  decltype(Context::outputs) checks;
  const Arc arc{place(110), place(200)};
};

TEST_F(NewcomerTest, HandsBackWhatItCannotPassOnWhileItChecksTheRecordsOfOthers) {
  begin_to_check();
  spread(arc);
  const auto back = side.sent<Spread>(first);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].arc, arc);
  EXPECT_EQ(back[0].hops_left, 9);
  EXPECT_EQ(broadcast.pending(), 1u);
}

TEST_F(NewcomerTest, PassesOnAsEverybodyDoesOnceItKnowsSomebodyThere) {
  begin_to_check();
  end_to_check();
  ASSERT_TRUE(side.map.contains(peer_of(90)));
  side.know(90, {100, 130});
  side.context.now += limits::map_refresh_max_ms;
  side.map.refresh();
  ASSERT_TRUE(side.map.contains(peer_of(130)));
  side.forget();
  spread(arc);
  EXPECT_EQ(side.sent<Spread>(first).size(), 1u);  // the way to 130
  side.forget();
  spread({place(140), place(200)});
  EXPECT_TRUE(side.sent<Spread>(first).empty());  // nobody is there
}

TEST_F(NewcomerTest, HandsNothingBackWhenItIsNotOneAnyMore) {
  begin_to_check();
  side.context.now += limits::handshake_timeout_ms + 1;
  spread(arc);
  EXPECT_TRUE(side.sent<Spread>(first).empty());
}

TEST_F(NewcomerTest, HandsNothingBackOnALinkThatIsNotItsFirst) {
  side.links.find(first)->is_first = false;
  begin_to_check();
  spread(arc);
  EXPECT_TRUE(side.sent<Spread>(first).empty());
  EXPECT_EQ(broadcast.pending(), 0u);
}

TEST_F(NewcomerTest, WhatItIsGreetedWithWasNotLost) {
  begin_to_check();
  end_to_check();
  EXPECT_EQ(pulled, std::vector{false});
  side.context.now += limits::handshake_timeout_ms + 1;
  begin_to_check();
  end_to_check();
  EXPECT_EQ(pulled, (std::vector{false, true}));
}

}  // namespace
}  // namespace membrane::test
