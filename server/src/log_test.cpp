#include "log.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace membrane::server {
namespace {

using namespace std::chrono_literals;

class LogTest : public testing::Test {
 protected:
  std::string text() {
    std::string out;
    std::rewind(file_.get());
    for (int byte = std::getc(file_.get()); byte != EOF; byte = std::getc(file_.get())) {
      out += static_cast<char>(byte);
    }
    return out;
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{std::tmpfile(), &std::fclose};
  Log log_{file_.get()};
};

TEST_F(LogTest, foreign_text_is_escaped_and_cut) {
  log_.line("event", "a\nb" + std::string(1'000'000, 'x'), 1s);
  const std::string line = text();
  EXPECT_EQ(line.substr(0, 15), "event: a\\x0abxx");
  EXPECT_LT(line.size(), 230U);
}

TEST_F(LogTest, a_flood_is_thinned_and_counted) {
  for (int i = 0; i < 10'000; ++i) log_.line("flood", "x", 1s);
  log_.line("later", "y", 2s);
  const std::string all = text();
  EXPECT_LT(all.size(), 2'000U);
  EXPECT_NE(all.find("log: left out 9900 lines\nlater: y\n"), std::string::npos);
}

}  // namespace
}  // namespace membrane::server
