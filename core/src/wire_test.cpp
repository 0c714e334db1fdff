#include "wire.h"

#include <gtest/gtest.h>

namespace membrane::test {
namespace {

Bytes encoded(std::uint64_t value) { return Writer().integer(value).take(); }

TEST(Wire, IntegersComeBackInTheShortestForm) {
  for (int bits = 0; bits <= 62; ++bits) {
    for (const std::uint64_t value : {(std::uint64_t{1} << bits) - 1, std::uint64_t{1} << bits}) {
      if (value > varint_max) continue;
      const Bytes bytes = encoded(value);
      Reader in(bytes);
      EXPECT_EQ(in.integer(), value);
      EXPECT_TRUE(in.ok() && in.at_end());
      EXPECT_EQ(bytes.size(), value < 64 ? 1u : value < 16384 ? 2u : value < 1u << 30 ? 4u : 8u);
    }
  }
}

TEST(Wire, LongerFormsOfAnIntegerAreRead) {
  for (const Bytes& bytes :
       {Bytes{0x40, 5}, Bytes{0x80, 0, 0, 5}, Bytes{0xc0, 0, 0, 0, 0, 0, 0, 5}})
    EXPECT_EQ(Reader(bytes).integer(), 5u);
}

TEST(Wire, IntegersBeyondTheLargestAreClamped) {
  EXPECT_EQ(encoded(~std::uint64_t{0}), encoded(varint_max));
}

TEST(Wire, IntegerUpToALimit) {
  const Bytes bytes = encoded(7);
  EXPECT_EQ(Reader(bytes).integer_up_to(7), 7u);
  Reader in(bytes);
  EXPECT_EQ(in.integer_up_to(6), 0u);
  EXPECT_FALSE(in.ok());
}

/// One of each primitive.
bool read_all(Reader& in) {
  in.u8();
  in.u64();
  in.integer();
  in.bytes(100);
  in.text(100);
  in.id();
  return in.ok();
}

TEST(Wire, TruncatedAnywhereFailsAndStaysFailed) {
  Writer out;
  out.u8(1).u64(2).integer(70).text("bytes").text("text").id(PeerId{});
  const Bytes bytes = out.take();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Reader in(ByteView(bytes).first(size));
    EXPECT_FALSE(read_all(in)) << size;
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(in.u8(), 0u);
    EXPECT_EQ(in.integer(), 0u);
    EXPECT_TRUE(in.bytes(9).empty());
    EXPECT_EQ(in.id(), PeerId{});
    EXPECT_FALSE(in.ok());
  }
  Reader in(bytes);
  EXPECT_TRUE(read_all(in) && in.at_end());
}

TEST(Wire, ByteStringsAreBounded) {
  const Bytes bytes = Writer().text("1234").take();
  EXPECT_EQ(text_of(Reader(bytes).bytes(4)), "1234");
  Reader in(bytes);
  EXPECT_TRUE(in.bytes(3).empty());
  EXPECT_FALSE(in.ok());
}

TEST(Wire, ALengthBeyondTheBytesFails) {
  const Bytes bytes = encoded(varint_max);
  Reader hostile(bytes);
  EXPECT_TRUE(hostile.bytes(varint_max).empty());
  EXPECT_FALSE(hostile.ok());
}

TEST(Wire, TextMustBeUtf8) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("\xc2\x80"), std::string("\xe0\xa0\x80"),
        std::string("\xed\x9f\xbf"), std::string("\xee\x80\x80"), std::string("\xf0\x90\x80\x80"),
        std::string("\xf4\x8f\xbf\xbf"), std::string(3, '\0')}) {
    EXPECT_TRUE(is_utf8(bytes_of(text))) << text;
  }
  for (const std::string text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
        "\xf8\x88\x80\x80\x80", "\xff", "a\x80"}) {
    EXPECT_FALSE(is_utf8(bytes_of(text))) << testing::PrintToString(text);
    const Bytes bytes = Writer().text(text).take();
    Reader in(bytes);
    EXPECT_EQ(in.text(100), "");
    EXPECT_FALSE(in.ok());
  }
}

}  // namespace
}  // namespace membrane::test
