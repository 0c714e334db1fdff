#include "conversation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

/// Each file of conversations/ against what the nodes say today. `MEMBRANE_REWRITE=1 core_test
/// --gtest_filter=*Conversation*` writes the traces anew, for a person to read in the diff.
namespace membrane::test {
namespace {

constexpr std::string_view divider = "---";
/// Lines of a difference that are shown.
constexpr std::size_t shown_max = 40;

using Lines = std::vector<std::string>;

std::filesystem::path folder() {
  return std::filesystem::path(MEMBRANE_SOURCE_DIR) / "core/tests/conversations";
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder()))
    out.push_back(entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

std::pair<Lines, Lines> read(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::pair<Lines, Lines> out;
  Lines* into = &out.first;
  for (std::string line; std::getline(in, line);) {
    if (line == divider)
      into = &out.second;
    else
      into->push_back(line);
  }
  return out;
}

void write(const std::filesystem::path& path, const Lines& script, const Lines& trace) {
  std::ofstream out(path);
  for (const std::string& line : script) out << line << '\n';
  out << divider << '\n';
  for (const std::string& line : trace) out << line << '\n';
}

/// What stands in one and not in the other, between the lines with which both begin and end.
std::string difference(const Lines& golden, const Lines& trace) {
  const auto [a, b] = std::mismatch(golden.begin(), golden.end(), trace.begin(), trace.end());
  auto golden_end = golden.end();
  auto trace_end = trace.end();
  while (golden_end != a && trace_end != b && *std::prev(golden_end) == *std::prev(trace_end)) {
    --golden_end;
    --trace_end;
  }
  std::string out = "from line " + std::to_string(a - golden.begin() + 1) + " of the trace:\n";
  const auto show = [&out](char mark, auto from, auto to) {
    const auto size = static_cast<std::size_t>(to - from);
    for (std::size_t i = 0; i < std::min(size, shown_max); ++i) out += mark + *(from++) + '\n';
    if (size > shown_max)
      out += std::string(1, mark) + " … and " + std::to_string(size - shown_max) + " lines more\n";
  };
  show('-', a, golden_end);
  show('+', b, trace_end);
  return out;
}

class ConversationTest : public testing::TestWithParam<std::string> {};

TEST_P(ConversationTest, IsWhatTheFileSays) {
  const auto path = folder() / (GetParam() + ".txt");
  const auto [script, golden] = read(path);
  Conversation conversation;
  const Lines trace = conversation.run(script);
  for (const std::string& problem : conversation.problems()) ADD_FAILURE() << problem;
  if (std::getenv("MEMBRANE_REWRITE") != nullptr) return write(path, script, trace);
  EXPECT_TRUE(golden == trace) << difference(golden, trace)
                               << "If this is meant, write it anew and read the diff:\n"
                               << "  MEMBRANE_REWRITE=1 core_test --gtest_filter='*/" << GetParam()
                               << "'";
}

TEST(ConversationRunner, SaysWhatItDoesNotUnderstandAndWhatDoesNotHold) {
  Conversation conversation;
  conversation.run({"add alice", "dance alice", "leave", "connect alice zoe",
                    "expect linked alice bob", "expect agree", "run 1000", "expect agree"});
  EXPECT_EQ(conversation.problems(),
            (Lines{"not understood: dance alice", "not understood: leave", "nobody is called zoe",
                   "nobody is called bob", "does not hold: expect linked alice bob"}));
}

TEST(ConversationRunner, TheSameScriptGivesTheSameTrace) {
  const Lines script{"seed 5", "trace on", "add alice bob carol", "run 3000", "expect agree"};
  Conversation once;
  Conversation again;
  EXPECT_EQ(once.run(script), again.run(script));
}

INSTANTIATE_TEST_SUITE_P(Files, ConversationTest, testing::ValuesIn(names()),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace membrane::test
