#include "membrane/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace membrane::test {
namespace {

constexpr auto count = static_cast<std::uint8_t>(Error::count_);

TEST(Error, EachHasAPhraseOfItsOwn) {
  std::set<std::string> phrases;
  for (std::uint8_t i = 0; i < count; ++i) {
    const std::string phrase = error_text(static_cast<Error>(i));
    EXPECT_FALSE(phrase.empty());
    for (const char letter : phrase) EXPECT_TRUE(letter == ' ' || (letter >= 'a' && letter <= 'z'));
    phrases.insert(phrase);
  }
  EXPECT_EQ(phrases.size(), count);
  EXPECT_STREQ(error_text(Error::timed_out), "timed out");
  EXPECT_STREQ(error_text(Error::invalid_argument), "invalid argument");
}

TEST(Error, WhatIsNoneIsUnknown) {
  EXPECT_STREQ(error_text(Error::count_), "unknown error");
  EXPECT_STREQ(error_text(static_cast<Error>(255)), "unknown error");
}

TEST(Error, ResultHoldsAValueOrAReason) {
  Result<int> value(7);
  EXPECT_TRUE(value);
  EXPECT_EQ(*value, 7);
  EXPECT_EQ(value.error(), Error::none);
  const Result<int> reason(Error::stale);
  EXPECT_FALSE(reason);
  EXPECT_EQ(reason.error(), Error::stale);
}

}  // namespace
}  // namespace membrane::test
