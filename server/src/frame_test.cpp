#include "frame.h"

#include <gtest/gtest.h>

#include <string>

namespace membrane::server {
namespace {

TEST(Frame, reads_its_elements) {
  const Frame frame(R"(["name","text",7,{"network":"n","x":[1]},null])");
  ASSERT_TRUE(frame.valid());
  EXPECT_EQ(frame.name(), "name");
  EXPECT_EQ(frame.text(1), "text");
  EXPECT_EQ(frame.number(2), 7U);
  EXPECT_EQ(frame.text_member(3, "network"), "n");
  EXPECT_FALSE(frame.text_member(3, "x"));
  EXPECT_FALSE(frame.text_member(3, "__proto__"));
  EXPECT_FALSE(frame.text_member(4, "network"));
  EXPECT_FALSE(frame.text(2));
  EXPECT_FALSE(frame.number(1));
  EXPECT_FALSE(frame.number(5));
}

TEST(Frame, whatever_is_no_array_with_a_name_is_invalid) {
  const std::string deep = "[\"a\"," + std::string(10'000, '[') + std::string(10'000, ']') + "]";
  const std::string_view junk[] = {"",      "null",        "{}",         "[]",        "[1]",
                                   "[[]]",  "\"name\"",    "[\"a\"",     "[\"a\"] x", "\xff\xfe",
                                   "['a']", "[\"a\",NaN]", "[\"\xc3\"]", deep};
  for (const auto text : junk) EXPECT_FALSE(Frame(text).valid()) << text.substr(0, 20);
}

TEST(Frame, numbers_are_integers_a_browser_can_hold) {
  const Frame frame(
      R"(["n",0,9007199254740991,9007199254740992,-1,1.5,1e3,18446744073709551615,"1"])");
  ASSERT_TRUE(frame.valid());
  EXPECT_EQ(frame.number(1), 0U);
  EXPECT_EQ(frame.number(2), 9007199254740991U);
  for (std::size_t i = 3; i <= 8; ++i) EXPECT_FALSE(frame.number(i)) << i;
}

TEST(Frame, an_element_may_be_a_message) {
  const Frame frame(R"(["room",3,["offer",7,"text"],["a",["b",["c"]]],[],[1],"x",{"0":"y"},null])");
  const Message message = frame.message(2);
  ASSERT_TRUE(message.valid());
  EXPECT_EQ(message.name(), "offer");
  EXPECT_EQ(message.number(1), 7U);
  EXPECT_EQ(message.text(2), "text");
  EXPECT_EQ(frame.message(3).message(1).message(1).name(), "c");
  for (std::size_t i = 4; i < 12; ++i) {
    const Message none = frame.message(i);
    EXPECT_FALSE(none.valid()) << i;
    EXPECT_EQ(none.name(), "") << i;
    EXPECT_FALSE(none.text(0)) << i;
    EXPECT_FALSE(none.message(0).valid()) << i;
  }
}

TEST(Description, needs_its_type_and_a_session_description) {
  EXPECT_TRUE(is_description(R"({"type":"answer","sdp":"v=0"})", "answer"));
  EXPECT_FALSE(is_description(R"({"type":"offer","sdp":"v=0"})", "answer"));
  EXPECT_FALSE(is_description(R"({"type":"answer","sdp":""})", "answer"));
  EXPECT_FALSE(is_description(R"({"type":"answer","sdp":{}})", "answer"));
  EXPECT_FALSE(is_description(R"({"type":"answer"})", "answer"));
  EXPECT_FALSE(is_description(R"(["answer"])", "answer"));
  EXPECT_FALSE(is_description("unresolved", "answer"));
}

}  // namespace
}  // namespace membrane::server
