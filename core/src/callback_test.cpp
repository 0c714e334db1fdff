#include "callback.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace membrane {
namespace {

TEST(Callback, CallsWhatWasHandedOver) {
  int calls = 0;
  const Callback<int(int, const std::string&)> callback = [&](int number, const std::string& text) {
    ++calls;
    return number + static_cast<int>(text.size());
  };
  EXPECT_EQ(callback(40, "ab"), 42);
  EXPECT_EQ(callback(1, ""), 1);
  EXPECT_EQ(calls, 2);
}

TEST(Callback, PassesOnReferencesAndWhatIsMoved) {
  const Callback<void(std::string&, std::unique_ptr<int> &&)> callback =
      [](std::string& text, std::unique_ptr<int>&& number) {
        const std::unique_ptr<int> taken = std::move(number);
        text = std::to_string(*taken);
      };
  std::string text;
  auto number = std::make_unique<int>(7);
  callback(text, std::move(number));
  EXPECT_EQ(text, "7");
  EXPECT_EQ(number, nullptr);
}

TEST(Callback, EmptyUntilSomethingIsHandedOver) {
  Callback<void()> callback;
  EXPECT_FALSE(callback);
  callback = [] {};
  EXPECT_TRUE(callback);
  const Callback<void()> other = std::move(callback);
  EXPECT_TRUE(other);
}

TEST(Callback, LetsGoOfWhatItHolds) {
  const auto held = std::make_shared<int>(1);
  {
    Callback<int()> callback = [held] { return *held; };
    EXPECT_EQ(held.use_count(), 2);
    const Callback<int()> moved = std::move(callback);
    EXPECT_EQ(held.use_count(), 2);
    EXPECT_EQ(moved(), 1);
  }
  EXPECT_EQ(held.use_count(), 1);
  Callback<int()> callback = [held] { return *held; };
  callback = Callback<int()>([] { return 2; });
  EXPECT_EQ(callback(), 2);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Callback, TakesFunctionsThatCannotBeCopied) {
  const Callback<int()> callback = [number = std::make_unique<int>(3)] { return ++*number; };
  EXPECT_EQ(callback(), 4);
  EXPECT_EQ(callback(), 5);
}

}  // namespace
}  // namespace membrane
