#include "message.h"

#include <gtest/gtest.h>

#include "membrane/limits.h"
#include "wire.h"

namespace membrane::test {
namespace {

/// One of each message; what each field means on the wire is in the golden vectors.
std::vector<Message> samples() {
  const Arc arc{5, 3};
  SummaryRange listed{{0, 9}, 2, 0, std::vector<Item>{{1, 2}, {1, 3}}};
  SummaryRange counted{{10, ~Position{0}}, 1000, 77, {}};
  Hello hello{1, 0, "network", {}, {}, true};
  hello.id.bytes.fill(3);
  return {hello,
          Proof{},
          Goodbye{Error::trimmed},
          Ping{1},
          Pong{varint_max},
          Spread{arc, 48, Bytes(70, 1)},
          SpreadAck{arc, 9, 10},
          Push{Bytes(20'000, 2), 3},
          Summary{Store::messages, {listed, counted}},
          Want{Store::records, {{1, 1}, {2, 0}}},
          Floors{{{1, 1}, {2, 0}}},
          Envelope{hello.id, {}, {.hops_left = 1}, Bytes(100, 3)},
          Seek{7, 8, true, {}},
          SessionAsk{},
          SessionAccept{},
          SessionRefuse{},
          SessionEnd{Error::left, 300},
          SeekAnswer{7, 8, 9, Signature{}, {Bytes{1}}},
          Have{Store::states, {{1, 1}, {2, 0}}}};
}

bool is_malformed(ByteView bytes) {
  const auto message = decode_message(bytes);
  return !message && message.error() == Error::malformed;
}

Bytes with(Bytes bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

TEST(Message, EachComesBackAsItself) {
  const std::vector<Message> all = samples();
  ASSERT_EQ(all.size(), std::variant_size_v<Message>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].index(), i);
    const Bytes bytes = encode_message(all[i]);
    EXPECT_EQ(bytes[0], i + 1) << "the type is the place in the list";
    const auto decoded = decode_message(bytes);
    ASSERT_TRUE(decoded && *decoded) << i;
    EXPECT_EQ((*decoded)->index(), i);
    EXPECT_EQ(encode_message(**decoded), bytes) << i;
  }
}

TEST(Message, TruncatedAnywhereIsMalformed) {
  for (const Message& message : samples()) {
    const Bytes bytes = encode_message(message);
    for (std::size_t size = 0; size < bytes.size(); size += size < 300 ? 1 : 997)
      EXPECT_TRUE(is_malformed(ByteView(bytes).first(size))) << message.index() << " at " << size;
  }
}

TEST(Message, WhatFollowsTheKnownFieldsIsSkipped) {
  for (const Message& message : samples()) {
    const Bytes bytes = encode_message(message);
    const auto decoded = decode_message(with(bytes, {1, 2, 3}));
    ASSERT_TRUE(decoded && *decoded) << message.index();
    EXPECT_EQ(encode_message(**decoded), bytes);
  }
}

TEST(Message, UnknownTypesAreSkipped) {
  for (const std::uint64_t type :
       {std::uint64_t{0}, std::variant_size_v<Message> + 1, varint_max}) {
    const auto decoded = decode_message(Writer().integer(type).u8(9).take());
    ASSERT_TRUE(decoded) << type;
    EXPECT_FALSE(*decoded) << type;
  }
}

TEST(Message, AReasonThatIsNotKnownMeansClosed) {
  for (const std::uint8_t reason : {static_cast<std::uint8_t>(Error::count_), std::uint8_t{255}}) {
    const auto decoded = decode_message(Bytes{0x11, reason, 0});
    ASSERT_TRUE(decoded && *decoded);
    EXPECT_EQ(std::get<SessionEnd>(**decoded).reason, Error::closed);
  }
}

TEST(Message, NetworksWithLongOrBrokenNamesAreMalformed) {
  Hello hello;
  hello.network = std::string(limits::network_size_max, 'n');
  EXPECT_FALSE(is_malformed(encode_message(hello)));
  hello.network += 'n';
  EXPECT_TRUE(is_malformed(encode_message(hello)));
  hello.network = "\xff";
  EXPECT_TRUE(is_malformed(encode_message(hello)));
}

TEST(Message, LongStatementsAreMalformed) {
  EXPECT_FALSE(is_malformed(encode_message(Push{Bytes(limits::control_message_size_max)})));
  EXPECT_TRUE(is_malformed(encode_message(Push{Bytes(limits::control_message_size_max + 1)})));
  EXPECT_TRUE(
      is_malformed(encode_message(Spread{{}, 1, Bytes(limits::control_message_size_max + 1)})));
}

TEST(Message, AStoreThatIsNotKnownIsMalformed) {
  EXPECT_TRUE(is_malformed(Bytes{0x0a, 3, 0}));
  EXPECT_TRUE(is_malformed(Bytes{0x09, 3, 0}));
}

// ---- Lists --------------------------------------------------------------------------------------

std::vector<Item> items(std::size_t count) {
  std::vector<Item> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({i, 1});
  return out;
}

TEST(Message, ListsAreBounded) {
  EXPECT_FALSE(is_malformed(encode_message(Want{Store::records, items(want_items_max)})));
  EXPECT_TRUE(is_malformed(encode_message(Want{Store::records, items(want_items_max + 1)})));
  EXPECT_FALSE(is_malformed(encode_message(Floors{items(want_items_max)})));
  EXPECT_TRUE(is_malformed(encode_message(Floors{items(want_items_max + 1)})));
  const auto listing = [](std::size_t count) {
    return encode_message(Summary{Store::records, {{{0, ~Position{0}}, count, 0, items(count)}}});
  };
  EXPECT_FALSE(is_malformed(listing(summary_items_max)));
  EXPECT_TRUE(is_malformed(listing(summary_items_max + 1)));
  const auto ranging = [](std::size_t count) {
    Summary summary;
    for (std::size_t i = 0; i < count; ++i) summary.ranges.push_back({{2 * i, 2 * i}, 1, 1, {}});
    return encode_message(summary);
  };
  EXPECT_FALSE(is_malformed(ranging(summary_ranges_max)));
  EXPECT_TRUE(is_malformed(ranging(summary_ranges_max + 1)));
}

TEST(Message, TheLongestListsFitIntoAFrame) {
  std::vector<Item> far;
  for (std::size_t i = 0; i < want_items_max; ++i) far.push_back({i, varint_max});
  EXPECT_LE(encode_message(Want{Store::records, far}).size(), limits::frame_size_max);
  EXPECT_LE(encode_message(Floors{far}).size(), limits::frame_size_max);
}

TEST(Message, ItemsMustAscend) {
  EXPECT_TRUE(is_malformed(encode_message(Want{Store::records, {{2, 1}, {1, 1}}})));
  EXPECT_TRUE(is_malformed(encode_message(Want{Store::records, {{1, 1}, {1, 1}}})));
  EXPECT_TRUE(is_malformed(encode_message(Floors{{{1, 2}, {1, 1}}})));
  EXPECT_FALSE(is_malformed(encode_message(Floors{{{1, 1}, {1, 2}}})));
}

TEST(Message, RangesMustAscendAndNotWrap) {
  const auto ranges = [](std::vector<Arc> arcs) {
    Summary summary;
    for (const Arc& arc : arcs) summary.ranges.push_back({arc, 1, 1, {}});
    return is_malformed(encode_message(summary));
  };
  EXPECT_FALSE(ranges({{0, 4}, {5, 5}, {9, ~Position{0}}}));
  EXPECT_TRUE(ranges({{0, 4}, {4, 5}}));
  EXPECT_TRUE(ranges({{5, 5}, {0, 4}}));
  EXPECT_TRUE(ranges({{5, 4}}));
}

TEST(Message, HostileCountsFailBeforeAnythingIsKept) {
  for (const std::uint64_t count : {std::uint64_t{513}, std::uint64_t{1} << 32, varint_max}) {
    EXPECT_TRUE(is_malformed(Writer().u8(0x0a).u8(0).integer(count).take()));
    EXPECT_TRUE(is_malformed(Writer().u8(0x0b).integer(count).take()));
    EXPECT_TRUE(is_malformed(Writer().u8(0x09).u8(0).integer(count).take()));
    EXPECT_TRUE(is_malformed(Writer().u8(0x08).integer(count).take()));
  }
  EXPECT_TRUE(is_malformed(Writer().u8(0x0a).u8(0).integer(want_items_max).take()));
}

}  // namespace
}  // namespace membrane::test
