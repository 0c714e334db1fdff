// The program itself, as a child process: its command line, its lines, its end.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "raw_client.h"

namespace membrane::server::test {
namespace {

// A child process whose standard output and error can be read; killed by its own id at the end.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), MEMBRANE_SERVER_PROGRAM);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      execv(pointers[0], pointers.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    std::fclose(output_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The next line that starts with `prefix`, without it.
  std::string line(const std::string& prefix) {
    std::array<char, 4096> buffer;
    while (std::fgets(buffer.data(), buffer.size(), output_) != nullptr) {
      std::string text(buffer.data());
      if (!text.starts_with(prefix)) continue;
      text.pop_back();
      return text.substr(prefix.size());
    }
    return {};
  }
  void signal(int number) { kill(pid_, number); }
  // Waits for its end; the exit code, or -1 if a signal killed it.
  int exit_code() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_;
  std::FILE* output_;
};

std::uint16_t port_in(const std::string& text) {
  return static_cast<std::uint16_t>(std::atoi(text.substr(text.rfind(':') + 1).c_str()));
}

TEST(Program, prints_where_it_listens_and_ends_on_a_signal) {
  for (const int number : {SIGTERM, SIGINT}) {
    Program program({"--port", "0", "--static-port", "0", "--static", "/usr/share"});
    const std::uint16_t port = port_in(program.line("listening ws://127.0.0.1:"));
    const std::uint16_t static_port = port_in(program.line("listening http://127.0.0.1:"));
    RawClient client(port, "/v3", "membrane.v3");
    client.say(R"(["hello",{"network":"n"}])");
    EXPECT_NE(client.text(), "");
    RawSocket half_open(port);
    RawSocket idle_reader(static_port);
    program.signal(number);
    EXPECT_EQ(client.close_code(), 1001U);
    client.frame(0x88, "\x03\xe9");
    EXPECT_EQ(program.exit_code(), 0);
  }
}

TEST(Program, a_port_in_use_is_named) {
  Program first({"--port", "0"});
  const std::string port = first.line("listening ws://127.0.0.1:");
  Program second({"--port", port});
  const std::string error = second.line("membrane-server: ");
  EXPECT_EQ(error, "cannot listen at 127.0.0.1 port " + port + ": Address already in use");
  EXPECT_EQ(second.exit_code(), 1);
}

TEST(Program, a_mistake_in_the_options_exits_with_2) {
  Program program({"--port", "many"});
  EXPECT_EQ(program.line("membrane-server: "), "--port: many is no port");
  EXPECT_EQ(program.exit_code(), 2);
}

TEST(Program, version_and_help) {
  Program version({"--version"});
  EXPECT_NE(version.line("membrane-server "), "");
  EXPECT_EQ(version.exit_code(), 0);
  Program help({"--help"});
  EXPECT_NE(help.line("Usage: "), "");
  EXPECT_EQ(help.exit_code(), 0);
}

}  // namespace
}  // namespace membrane::server::test
