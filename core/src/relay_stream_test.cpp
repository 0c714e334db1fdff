#include "relay_stream.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "random.h"
#include "wire.h"

namespace membrane::test {
namespace {

constexpr TimeMs start = 1'700'000'000'000;

Bytes frame(std::uint64_t number) {
  return Bytes{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

/// What is on its way from one end to the other.
struct Packet {
  std::uint64_t sequence = 0;  ///< 0: an acknowledgement alone
  std::uint64_t received = 0;
  Bytes frame;
};

/// One end, and what its reader got.
struct End {
  RelayStream stream;
  std::vector<Bytes> got;

  std::vector<Packet> pump(TimeMs now) {
    std::vector<Packet> out;
    stream.expire(now);
    while (const Bytes* next = stream.send(now))
      out.push_back({stream.sequence(), stream.received(), *next});
    return out;
  }
  Error hear(TimeMs now, const Packet& packet) {
    if (const Error error = stream.acknowledge(now, packet.received); error != Error::none)
      return error;
    if (packet.sequence == 0) return Error::none;
    const Error error = stream.receive(packet.sequence, packet.frame);
    for (Bytes next = stream.take(); !next.empty(); next = stream.take())
      got.push_back(std::move(next));
    return error;
  }
};

/// Two ends and the packets between them, in virtual time.
struct Wire {
  End one;
  End two;
  TimeMs now = start;
  TimeMs latency_ms = 50;
  std::multimap<TimeMs, std::pair<End*, Packet>> flying;
  /// How many copies of a packet arrive, and how much later than others.
  std::function<std::vector<TimeMs>()> fate = [] { return std::vector<TimeMs>{0}; };
  std::size_t sent = 0;

  void launch(End& to, const Packet& packet) {
    ++sent;
    for (const TimeMs extra_ms : fate())
      flying.emplace(now + latency_ms + extra_ms, std::pair(&to, packet));
  }
  void pump() {
    for (const Packet& packet : one.pump(now)) launch(two, packet);
    for (const Packet& packet : two.pump(now)) launch(one, packet);
  }
  /// Until so much time has passed; each packet that arrives is acknowledged at once.
  void run_for(TimeMs duration_ms) {
    const TimeMs end = now + duration_ms;
    for (pump(); now < end; pump()) {
      TimeMs next = std::min({end, one.stream.due(), two.stream.due()});
      if (!flying.empty()) next = std::min(next, flying.begin()->first);
      now = std::max(now, next);
      while (!flying.empty() && flying.begin()->first <= now) {
        const auto [to, packet] = flying.extract(flying.begin()).mapped();
        to->hear(now, packet);
        if (packet.sequence != 0) launch(to == &one ? two : one, {0, to->stream.received(), {}});
      }
    }
  }
};

void expect_all(const std::vector<Bytes>& got, std::uint64_t count) {
  ASSERT_EQ(got.size(), count);
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(got[i], frame(i)) << i;
}

TEST(RelayStream, CarriesFramesInOrderOnceEach) {
  Wire wire;
  for (std::uint64_t i = 0; i < 10; ++i) wire.one.stream.write(frame(i));
  wire.run_for(1'000);
  expect_all(wire.two.got, 10);
  EXPECT_TRUE(wire.one.stream.all_acknowledged());
  EXPECT_EQ(wire.sent, 20u);
  EXPECT_EQ(wire.one.stream.due(), never);
}

TEST(RelayStream, HealsWhatIsLostDoubledAndOvertaken) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Wire wire;
    Key key{};
    key[0] = static_cast<std::uint8_t>(seed);
    Random random(key);
    wire.fate = [&random] {
      std::vector<TimeMs> copies;
      const std::uint64_t dice = random.below(10);
      if (dice < 3) return copies;  // lost
      copies.push_back(random.below(200));
      if (dice < 5) copies.push_back(random.below(2'000));  // doubled
      return copies;
    };
    constexpr std::uint64_t count = 200;
    std::uint64_t written = 0;
    std::uint64_t answered = 0;
    for (int i = 0; i < 6'000 && (wire.two.got.size() < count || wire.one.got.size() < count);
         ++i) {
      while (written < count && wire.one.stream.has_room()) wire.one.stream.write(frame(written++));
      while (answered < count && wire.two.stream.has_room())
        wire.two.stream.write(frame(answered++));
      wire.run_for(100);
    }
    expect_all(wire.two.got, count);
    expect_all(wire.one.got, count);
  }
}

TEST(RelayStream, AWindowIsAllThatWaits) {
  End end;
  std::size_t written = 0;
  for (; end.stream.has_room(); ++written) end.stream.write(frame(written));
  EXPECT_EQ(written, limits::relay_window);
  const auto first = end.pump(start);
  ASSERT_FALSE(first.empty());
  EXPECT_FALSE(end.stream.has_room());
  EXPECT_EQ(end.stream.acknowledge(start, 1), Error::none);
  EXPECT_TRUE(end.stream.has_room());
}

TEST(RelayStream, StartsWithFewAndSendsMoreAsTheyArrive) {
  End end;
  while (end.stream.has_room()) end.stream.write(frame(1));
  EXPECT_EQ(end.pump(start).size(), 4u);
  end.stream.acknowledge(start + 100, 4);
  EXPECT_EQ(end.pump(start + 100).size(), 8u);
}

TEST(RelayStream, KeepsToItsRate) {
  Wire wire;
  wire.latency_ms = 1;
  std::uint64_t written = 0;
  for (int tenths = 0; tenths < 100; ++tenths) {
    while (wire.one.stream.has_room()) wire.one.stream.write(frame(written++));
    wire.run_for(100);
  }
  EXPECT_LE(wire.two.got.size(), limits::relay_pieces_burst + 10 * limits::relay_pieces_per_s);
  EXPECT_GE(wire.two.got.size(), 10 * limits::relay_pieces_per_s);
}

TEST(RelayStream, WhatIsNotAcknowledgedIsSentAgainEverMoreSlowly) {
  End end;
  end.stream.write(frame(1));
  std::vector<TimeMs> at;
  for (TimeMs now = start; now < start + 40'000; now = end.stream.due()) {
    for (const Packet& packet : end.pump(now)) {
      EXPECT_EQ(packet.sequence, 1u);
      at.push_back(now - start);
    }
  }
  EXPECT_EQ(at, (std::vector<TimeMs>{0, 1'000, 3'000, 7'000, 15'000, 23'000, 31'000, 39'000}));
}

TEST(RelayStream, PatienceFollowsTheRoundTrip) {
  End end;
  end.stream.write(frame(1));
  end.pump(start);
  end.stream.acknowledge(start + 900, 1);  // a slow way
  end.stream.write(frame(2));
  end.pump(start + 900);
  EXPECT_EQ(end.stream.due(), start + 900 + 2'700);
}

/// After a silence nothing but the first goes out; what did arrive meanwhile is skipped.
TEST(RelayStream, GoesOnBehindWhatTheOtherSideHas) {
  End end;
  for (std::uint64_t i = 0; i < 8; ++i) end.stream.write(frame(i));
  EXPECT_EQ(end.pump(start).size(), 4u);
  const auto again = end.pump(start + 1'000);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].sequence, 1u);
  end.stream.acknowledge(start + 1'100, 4);
  const auto further = end.pump(start + 1'100);
  ASSERT_FALSE(further.empty());
  EXPECT_EQ(further[0].sequence, 5u);
}

TEST(RelayStream, AcknowledgingWhatWasNeverSentIsMalformed) {
  End end;
  for (std::uint64_t i = 0; i < 8; ++i) end.stream.write(frame(i));
  EXPECT_EQ(end.pump(start).size(), 4u);
  EXPECT_EQ(end.stream.acknowledge(start, 5), Error::malformed);
  EXPECT_EQ(end.stream.acknowledge(start, varint_max), Error::malformed);
  EXPECT_EQ(end.stream.acknowledge(start, 4), Error::none);
  EXPECT_EQ(end.stream.acknowledge(start, 2), Error::none);  // an old one that was late
}

TEST(RelayStream, ReceivesEachNumberOnceAndNoneTooFarAhead) {
  End end;
  EXPECT_EQ(end.hear(start, {2, 0, frame(2)}), Error::none);
  EXPECT_EQ(end.hear(start, {2, 0, frame(9)}), Error::duplicate);
  EXPECT_EQ(end.stream.received(), 0u);
  EXPECT_TRUE(end.got.empty());
  EXPECT_EQ(end.hear(start, {limits::relay_window + 1, 0, frame(1)}), Error::full);
  EXPECT_EQ(end.hear(start, {limits::relay_window, 0, frame(1)}), Error::none);
  EXPECT_EQ(end.hear(start, {1, 0, frame(1)}), Error::none);
  EXPECT_EQ(end.got, (std::vector<Bytes>{frame(1), frame(2)}));
  EXPECT_EQ(end.stream.received(), 2u);
  EXPECT_EQ(end.hear(start, {1, 0, frame(1)}), Error::duplicate);
  EXPECT_EQ(end.hear(start, {varint_max, 0, frame(1)}), Error::full);
}

}  // namespace
}  // namespace membrane::test
