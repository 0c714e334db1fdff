#include "signalling.h"

#include <gtest/gtest.h>

#include "membrane/limits.h"
#include "wire.h"

namespace membrane::test {
namespace {

Signal sample() {
  Signal out;
  out.kind = Signal::Kind::answer;
  out.attempt = 1'700'000'000'000;
  out.session = true;
  out.sealing_key.fill(5);
  out.sdp = "v=0";
  out.candidates = {"one", "", "three"};
  out.reason = Error::busy;
  return out;
}

bool fits(const Signal& signal) { return static_cast<bool>(decode_signal(encode_signal(signal))); }

TEST(Signalling, ComesBackAsItself) {
  for (const auto kind : {Signal::Kind::offer, Signal::Kind::answer, Signal::Kind::candidates,
                          Signal::Kind::refuse}) {
    for (const int flags : {0, 1, 2, 3}) {
      Signal signal = sample();
      signal.kind = kind;
      signal.session = (flags & 1) != 0;
      signal.application = (flags & 2) != 0;
      const auto decoded = decode_signal(encode_signal(signal));
      ASSERT_TRUE(decoded);
      EXPECT_EQ(decoded->kind, kind);
      EXPECT_EQ(decoded->attempt, signal.attempt);
      EXPECT_EQ(decoded->session, signal.session);
      EXPECT_EQ(decoded->application, signal.application);
      EXPECT_EQ(decoded->sealing_key, signal.sealing_key);
      EXPECT_EQ(decoded->sdp, signal.sdp);
      EXPECT_EQ(decoded->candidates, signal.candidates);
      EXPECT_EQ(decoded->reason, signal.reason);
    }
  }
}

TEST(Signalling, TruncatedAnywhereIsMalformed) {
  const Bytes bytes = encode_signal(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_signal(ByteView(bytes).first(size))) << size;
}

TEST(Signalling, WhatFollowsTheKnownFieldsIsSkipped) {
  const Bytes bytes = encode_signal(sample());
  const auto decoded = decode_signal(Writer().raw(bytes).u64(1).take());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode_signal(*decoded), bytes);
}

TEST(Signalling, UnknownFlagsAreSkippedUnknownKindsAreNot) {
  Bytes bytes = encode_signal(sample());
  for (const std::uint8_t kind : Bytes{0, 6, 255}) {
    bytes[0] = kind;
    EXPECT_FALSE(decode_signal(bytes));
  }
  bytes[0] = 2;
  bytes[9] = 0xfe;
  const auto decoded = decode_signal(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->session);
  EXPECT_TRUE(decoded->application);
}

TEST(Signalling, AReasonThatIsNotKnownMeansRefused) {
  Bytes bytes = encode_signal(sample());
  bytes.back() = 255;
  const auto decoded = decode_signal(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->reason, Error::refused);
}

TEST(Signalling, DescriptionAndCandidatesAreBounded) {
  Signal signal = sample();
  signal.sdp = std::string(limits::sdp_size_max, 's');
  EXPECT_TRUE(fits(signal));
  signal.sdp += 's';
  EXPECT_FALSE(fits(signal));
  signal = sample();
  signal.candidates.assign(limits::candidates_max, "c");
  EXPECT_TRUE(fits(signal));
  signal.candidates.push_back("c");
  EXPECT_FALSE(fits(signal));
  signal.candidates = {std::string(limits::candidate_size_max, 'c')};
  EXPECT_TRUE(fits(signal));
  signal.candidates[0] += 'c';
  EXPECT_FALSE(fits(signal));
  signal.candidates = {"\xff"};
  EXPECT_FALSE(fits(signal));
}

TEST(Signalling, WhatIsSignedSaysNetworkBothEndsAndSignal) {
  PeerId one;
  PeerId other;
  other.bytes.fill(1);
  const Bytes body = encode_signal(sample());
  const Bytes bytes = signal_to_sign("net", one, other, body);
  EXPECT_NE(signal_to_sign("ten", one, other, body), bytes);
  EXPECT_NE(signal_to_sign("net", other, one, body), bytes);
  EXPECT_NE(signal_to_sign("net", one, other, ByteView(body).first(9)), bytes);
  EXPECT_NE(signal_aad(one, other), signal_aad(other, one));
  EXPECT_NE(signal_info("net"), signal_info("ten"));
}

}  // namespace
}  // namespace membrane::test
