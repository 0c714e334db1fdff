#include "encoding.h"

#include <gtest/gtest.h>

namespace membrane::server {
namespace {

TEST(PercentDecode, undoes_what_browsers_write) {
  EXPECT_EQ(percent_decode("a%2Fb%3d+c"), "a/b=+c");
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("%00")->size(), 1U);
}

TEST(PercentDecode, refuses_what_is_cut_or_no_hex) {
  for (const char* text : {"%", "%2", "a%zz", "%-1", "%2g"})
    EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(Base64Decode, vectors_of_rfc_4648_with_and_without_padding) {
  EXPECT_EQ(base64_decode(""), "");
  EXPECT_EQ(base64_decode("Zg=="), "f");
  EXPECT_EQ(base64_decode("Zg"), "f");
  EXPECT_EQ(base64_decode("Zm8="), "fo");
  EXPECT_EQ(base64_decode("Zm9v"), "foo");
  EXPECT_EQ(base64_decode("Zm9vYmFy"), "foobar");
  EXPECT_EQ(base64_decode("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64Decode, refuses_everything_else) {
  for (const char* text :
       {"Z", "Zg=", "Zg===", "Z===", "Zm9v=", "Zm 9", "Zm9-", "\xff\xff\xff\xff"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(JsonString, escapes_what_json_must) {
  std::string out;
  append_json_string(out, "a\"b\\c\r\n\x01 \xc3\xa9");
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\u000d\\u000a\\u0001 \xc3\xa9\"");
}

TEST(Printable, is_one_short_ascii_line) {
  EXPECT_EQ(printable("a\nb\x1b[0m\xff\\", 100), "a\\x0ab\\x1b[0m\\xff\\x5c");
  EXPECT_EQ(printable(std::string(1'000'000, 'x'), 10), "xxxxxxxxxx...");
}

}  // namespace
}  // namespace membrane::server
