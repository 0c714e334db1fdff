// The real HTTP listener.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "running_server.h"

namespace membrane::server::test {
namespace {

using namespace std::chrono_literals;
namespace filesystem = std::filesystem;

class StaticServerTest : public testing::Test {
 protected:
  StaticServerTest()
      : root_(filesystem::temp_directory_path() / ("membrane-http-" + std::to_string(getpid()))) {
    filesystem::create_directories(root_ / "folder");
    std::ofstream(root_ / "index.html") << "<p>hello";
    std::ofstream(root_ / "core.wasm") << std::string(300'000, 'w');
    Options options;
    options.static_root = root_;
    options.limits.socket.static_timeout = 500ms;
    options.limits.socket.static_connections_max = 20;
    server_ = std::make_unique<RunningServer>(options);
  }
  ~StaticServerTest() override {
    server_.reset();
    filesystem::remove_all(root_);
  }

  // A whole response to one request.
  std::string ask(const std::string& method, const std::string& target,
                  const std::string& fields = "") {
    RawSocket socket(server_->static_port());
    socket.send(method + " " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields +
                "\r\n");
    return socket.receive_all().value_or("no end");
  }
  static std::string status(const std::string& response) { return response.substr(0, 12); }
  static std::string field(const std::string& response, const std::string& name) {
    const std::size_t start = response.find("\r\n" + name + ": ");
    if (start == std::string::npos) return "";
    const std::size_t value = start + name.size() + 4;
    return response.substr(value, response.find("\r\n", value) - value);
  }
  static std::string body(const std::string& response) {
    return response.substr(response.find("\r\n\r\n") + 4);
  }

  filesystem::path root_;
  std::unique_ptr<RunningServer> server_;
};

TEST_F(StaticServerTest, serves_files_with_their_type) {
  const std::string page = ask("GET", "/");
  EXPECT_EQ(status(page), "HTTP/1.1 200");
  EXPECT_EQ(field(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(field(page, "Cache-Control"), "no-cache");
  EXPECT_EQ(body(page), "<p>hello");
  const std::string module = ask("GET", "/core.wasm?v=2");
  EXPECT_EQ(field(module, "Content-Type"), "application/wasm");
  EXPECT_EQ(body(module).size(), 300'000U);
}

TEST_F(StaticServerTest, head_has_the_fields_and_no_body) {
  const std::string response = ask("HEAD", "/core.wasm");
  EXPECT_EQ(status(response), "HTTP/1.1 200");
  EXPECT_EQ(field(response, "Content-Length"), "300000");
  EXPECT_EQ(body(response), "");
  EXPECT_EQ(body(ask("HEAD", "/nothing")), "");
}

TEST_F(StaticServerTest, an_unchanged_file_is_not_sent_again) {
  const std::string tag = field(ask("GET", "/"), "ETag");
  ASSERT_NE(tag, "");
  const std::string again = ask("GET", "/", "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(status(again), "HTTP/1.1 304");
  EXPECT_EQ(body(again), "");
  EXPECT_EQ(status(ask("GET", "/", "If-None-Match: \"other\"\r\n")), "HTTP/1.1 200");
}

TEST_F(StaticServerTest, refuses_what_it_does_not_serve) {
  EXPECT_EQ(status(ask("GET", "/nothing")), "HTTP/1.1 404");
  EXPECT_EQ(status(ask("GET", "/../../../../etc/passwd")), "HTTP/1.1 404");
  EXPECT_EQ(status(ask("GET", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd")), "HTTP/1.1 404");
  EXPECT_EQ(status(ask("GET", "/folder/")), "HTTP/1.1 404");
  const std::string moved = ask("GET", "/folder");
  EXPECT_EQ(status(moved), "HTTP/1.1 301");
  EXPECT_EQ(field(moved, "Location"), "folder/");
  const std::string posted = ask("POST", "/");
  EXPECT_EQ(status(posted), "HTTP/1.1 405");
  EXPECT_EQ(field(posted, "Allow"), "GET, HEAD");
  EXPECT_EQ(status(ask("GET", "/", "Content-Length: 5\r\n")), "HTTP/1.1 400");
  EXPECT_EQ(status(ask("GET", "/", "X: " + std::string(20'000, 'x') + "\r\n")), "HTTP/1.1 431");
  EXPECT_EQ(status(ask("GET", "/", std::string(70'000, 'x') + ": v\r\n")), "HTTP/1.1 431");
  RawSocket junk(server_->static_port());
  junk.send("junk\r\n\r\n");
  EXPECT_EQ(status(junk.receive_all().value_or("")), "HTTP/1.1 400");
}

TEST_F(StaticServerTest, a_connection_is_kept_for_more_requests_and_closed_when_idle) {
  RawSocket socket(server_->static_port());
  for (int i = 0; i < 3; ++i) {
    socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::string response;
    while (response.find("<p>hello") == std::string::npos) {
      const std::string more = socket.receive();
      ASSERT_NE(more, "");
      response += more;
    }
  }
  EXPECT_TRUE(socket.ends());
}

TEST_F(StaticServerTest, too_many_connections_are_closed_and_the_idle_make_room) {
  std::vector<RawSocket> idle;
  idle.reserve(20);
  for (int i = 0; i < 20; ++i) idle.emplace_back(server_->static_port());
  RawSocket refused(server_->static_port());
  EXPECT_EQ(refused.receive_all(), "");
  for (RawSocket& socket : idle) EXPECT_TRUE(socket.ends());
  EXPECT_EQ(status(ask("GET", "/")), "HTTP/1.1 200");
}

}  // namespace
}  // namespace membrane::server::test
