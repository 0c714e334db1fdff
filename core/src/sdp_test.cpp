#include "sdp.h"

#include <gtest/gtest.h>

#include "membrane/limits.h"

namespace membrane::test {
namespace {

std::string digest(char letter = 'A') {
  std::string out;
  for (int i = 0; i < 32; ++i) {
    if (i > 0) out += ':';
    out += {'0', letter};
  }
  return out;
}

std::string line(const std::string& rest) { return "a=fingerprint:" + rest + "\r\n"; }
std::string good() { return line("sha-256 " + digest()); }

TEST(Sdp, FindsTheFingerprint) {
  const auto found = sdp_fingerprint("v=0\r\no=- 1 2\r\n" + good() + "a=setup:actpass\r\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, Bytes(32, 0x0a));
}

TEST(Sdp, TakesWhatBrowsersWrite) {
  EXPECT_TRUE(sdp_fingerprint("v=0\na=fingerprint:sha-256 " + digest()));
  EXPECT_TRUE(sdp_fingerprint(line("SHA-256 " + digest('a'))));
  EXPECT_TRUE(sdp_fingerprint(good() + "m=application\r\n" + good()));
  EXPECT_EQ(*sdp_fingerprint(line("sha-256 " + digest('a'))), *sdp_fingerprint(good()));
}

TEST(Sdp, WithoutAFingerprintItIsMalformed) {
  for (const std::string& sdp :
       {std::string(), std::string("v=0\r\n"), std::string("\n\n\r\r\n"), " " + good(),
        std::string("x") + good(), std::string("a=fingerprint:")}) {
    const auto found = sdp_fingerprint(sdp);
    ASSERT_FALSE(found) << sdp;
    EXPECT_EQ(found.error(), Error::malformed);
  }
}

TEST(Sdp, EveryFingerprintMustSayTheSame) {
  EXPECT_FALSE(sdp_fingerprint(good() + line("sha-256 " + digest('B'))));
  EXPECT_FALSE(sdp_fingerprint(good() + line("sha-1 00:11")));
  EXPECT_FALSE(sdp_fingerprint(line("sha-512 " + digest()) + good()));
  EXPECT_FALSE(sdp_fingerprint(good() + line("")));
}

TEST(Sdp, DigestsOfAnotherShapeAreMalformed) {
  for (const std::string& shape :
       {digest() + ":00", digest().substr(3), digest().substr(1), digest() + " ", " " + digest(),
        std::string(95, 'A'), digest('G'), digest().replace(2, 1, "-")}) {
    EXPECT_FALSE(sdp_fingerprint(line("sha-256 " + shape))) << shape;
  }
}

TEST(Sdp, TruncatedBeforeItsEndIsMalformed) {
  const std::string sdp = "v=0\r\na=fingerprint:sha-256 " + digest();
  for (std::size_t size = 0; size < sdp.size(); ++size)
    EXPECT_FALSE(sdp_fingerprint(sdp.substr(0, size))) << size;
}

TEST(Sdp, AnOfferNamesAMember) {
  const std::string sdp = "v=0\r\n" + good();
  const std::string with = sdp_with_known(sdp, 0x0123456789abcdef);
  EXPECT_EQ(with, sdp + "a=membrane-knows:0123456789abcdef\r\n");
  EXPECT_EQ(sdp_known(with), 0x0123456789abcdefu);
  EXPECT_EQ(*sdp_fingerprint(with), *sdp_fingerprint(sdp));
  EXPECT_EQ(sdp_known(sdp_with_known(sdp, 0)), 0u);
  EXPECT_EQ(sdp_known(sdp_with_known(sdp, ~Position{0})), ~Position{0});
  EXPECT_EQ(sdp_with_known("v=0", 0), "v=0\na=membrane-knows:0000000000000000\r\n");
  EXPECT_EQ(sdp_known(good() + "a=membrane-knows:00000000000000FF\r\n"), 255u);
}

TEST(Sdp, OneThatNamesNobodyOrInAnotherFormIsAnOrdinaryOffer) {
  const std::string zeros(16, '0');
  for (const std::string& rest :
       {std::string(), std::string("a=membrane-knows:"), std::string("a=membrane-knows:12"),
        "a=membrane-knows:" + zeros + "0", "a=membrane-knows:" + zeros.substr(1),
        "a=membrane-knows:" + zeros.substr(1) + "g", "a=membrane-knows: " + zeros.substr(1),
        "xa=membrane-knows:" + zeros, "a=membrane-knows:" + zeros + "\r\na=another"})
    EXPECT_FALSE(sdp_known(good() + rest + "\r\n")) << rest;
  EXPECT_FALSE(sdp_known(""));
  EXPECT_FALSE(sdp_known("a=membrane-knows:" + zeros + "\r\n"));
}

TEST(Sdp, LongDescriptionsAreOversized) {
  std::string sdp = good();
  sdp += std::string(limits::sdp_size_max - sdp.size(), 'x');
  EXPECT_TRUE(sdp_fingerprint(sdp));
  EXPECT_EQ(sdp_fingerprint(sdp + "x").error(), Error::oversized);
}

}  // namespace
}  // namespace membrane::test
