#include <gtest/gtest.h>

#include "golden.h"
#include "membrane/limits.h"
#include "message.h"
#include "network.h"

/// docs/protocol.md "Frames" and "Application messages": what two real nodes put on a link, and
/// take from it.
namespace membrane::test {
namespace {

const Golden& golden() {
  static const Golden golden(
      "frames.txt", "Fragments of control messages; pieces of application messages.",
      {{"fragment.first",
        "The first part of a message, here of a Ping that needs no fragments",
        {{"00", "type: fragment"}, {"00", "not the last"}, {"04", "a part of the message"}}},
       {"fragment.last",
        "Its last part",
        {{"00", "type: fragment"}, {"01", "the last"}, {"4040", "the rest of the message"}}},
       {"piece.whole",
        "A text in one piece",
        {{"00", "message"},
         {"07", "flags: first, text, last"},
         {"05", "total"},
         {"68656c6c6f", "the bytes: 'hello'"}}},
       {"piece.first",
        "The first piece of bytes whose total is not known",
        {{"01", "message"}, {"01", "flags: first"}, {"00", "total: unknown"}, {"cafe", "bytes"}}},
       {"piece.middle", "A further piece", {{"01", "message"}, {"00", "flags"}, {"0123", "bytes"}}},
       {"piece.last",
        "The last piece, which may be empty",
        {{"01", "message"}, {"04", "flags: last"}}},
       {"piece.cancelled",
        "The end of a message that will not be completed",
        {{"02", "message"}, {"08", "flags: cancelled"}}}});
  return golden;
}

/// Two nodes that have a session, and what went from the first to the second.
class Frames : public testing::Test {
 protected:
  void SetUp() override {
    network_.add_many(2);
    network_.feed(0, [this](Node& n, TimeMs now) {
      EXPECT_EQ(n.connect(now, network_.id(1), true), Error::none);
    });
    network_.run_for(2'000);
    ASSERT_EQ(network_.seen<SessionOpened>(1).size(), 1u);
    network_.tamper_frame = [this](Network::Index from, Network::Index, Channel channel,
                                   Bytes& data) {
      sent_[from][channel].push_back(data);
      return true;
    };
  }

  void write(std::uint64_t message, std::uint8_t flags, std::uint64_t total, ByteView data) {
    network_.feed(0, [&](Node& n, TimeMs now) {
      EXPECT_EQ(n.session_write(now, network_.id(1), message, flags, total, data), Error::none);
    });
  }

  void receive(Network::Index index, Channel channel, const Bytes& data) {
    const LinkId link = network_.seen<LinkUp>(index).back().link;
    network_.feed(index, [&](Node& n, TimeMs now) { n.link_received(now, link, channel, data); });
  }

  Network network_;
  std::map<Network::Index, std::map<Channel, std::vector<Bytes>>> sent_;
};

TEST_F(Frames, ApplicationPiecesBothWays) {
  using Piece = SessionPiece;
  write(0, Piece::first | Piece::text | Piece::last, 5, bytes_of("hello"));
  write(1, Piece::first, 0, from_hex("cafe"));
  write(1, 0, 0, from_hex("0123"));
  write(1, Piece::last, 0, {});
  write(2, Piece::first, 9, {});
  write(2, Piece::cancelled, 0, {});
  network_.run_for(100);
  const std::vector<Bytes>& frames = sent_[0][Channel::application];
  ASSERT_EQ(frames.size(), 6u);
  EXPECT_EQ(to_hex(frames[0]), to_hex(golden()["piece.whole"]));
  EXPECT_EQ(to_hex(frames[1]), to_hex(golden()["piece.first"]));
  EXPECT_EQ(to_hex(frames[2]), to_hex(golden()["piece.middle"]));
  EXPECT_EQ(to_hex(frames[3]), to_hex(golden()["piece.last"]));
  EXPECT_EQ(to_hex(frames[5]), to_hex(golden()["piece.cancelled"]));
  const auto seen = network_.seen<SessionPiece>(1);
  ASSERT_EQ(seen.size(), 6u);
  EXPECT_EQ(seen[0].flags, Piece::first | Piece::text | Piece::last);
  EXPECT_EQ(seen[0].total, 5u);
  EXPECT_EQ(text_of(seen[0].data), "hello");
  EXPECT_EQ(to_hex(seen[2].data), "0123");
  EXPECT_EQ(seen[3].message, 1u);
  EXPECT_EQ(seen[5].flags, Piece::cancelled);
}

TEST_F(Frames, FragmentsArePutTogether) {
  receive(1, Channel::control, golden()["fragment.first"]);
  EXPECT_TRUE(sent_[1][Channel::control].empty());
  receive(1, Channel::control, golden()["fragment.last"]);
  ASSERT_EQ(sent_[1][Channel::control].size(), 1u);
  EXPECT_EQ(to_hex(sent_[1][Channel::control][0]), "054040");  // the Pong
}

TEST_F(Frames, LongMessagesLeaveAsFragments) {
  const Bytes payload(40'000, 0x55);
  network_.feed(
      0, [&](Node& n, TimeMs now) { EXPECT_EQ(n.publish(now, "long", payload), Error::none); });
  network_.run_for(100);
  std::vector<Bytes> parts;
  for (const Bytes& frame : sent_[0][Channel::control]) {
    if (frame[0] == fragment_type) parts.push_back(frame);
  }
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].size(), limits::frame_size_max);
  EXPECT_EQ(to_hex(ByteView(parts[0]).first(3)), "000006");  // not the last; a Spread begins
  EXPECT_EQ(to_hex(ByteView(parts[1]).first(2)), "0000");
  EXPECT_EQ(to_hex(ByteView(parts[2]).first(2)), "0001");
  const auto seen = network_.seen<TopicMessage>(1);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].payload, payload);
}

}  // namespace
}  // namespace membrane::test
