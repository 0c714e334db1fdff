#include "frames.h"

#include <gtest/gtest.h>

#include "check_loops.h"
#include "message.h"
#include "statement.h"

namespace membrane::sim {
namespace {

Bytes statement(StatementKind kind, std::string_view topic, const Bytes& payload) {
  Statement out{kind, PeerId{}, 1'700'000'000'000, encode_topic_body(topic, payload), {}};
  return encode_statement(out);
}

Bytes spread(const Bytes& statement) {
  Spread out;
  out.arc = {1, 2};
  out.hops_left = 48;
  out.statement = statement;
  return encode_message(out);
}

TEST(Frames, APayloadCarriesItsNumber) {
  for (const std::uint64_t number : {0ull, 7ull, 123'456'789ull}) {
    EXPECT_EQ(number_of(numbered_payload(number, 100)), number);
    EXPECT_EQ(number_of(numbered_payload(number, 1)), number);
  }
  EXPECT_EQ(numbered_payload(7, 100).size(), 100u);
  EXPECT_FALSE(number_of({}));
  EXPECT_FALSE(number_of(bytes_of("seven ...")));
  EXPECT_FALSE(number_of(bytes_of("77777")));
}

TEST(Frames, MeasuredMessagesAreFoundInWhateverCarriesThem) {
  const Bytes message =
      statement(StatementKind::message, measured_topic, numbered_payload(42, 100));
  EXPECT_EQ(number_in(spread(message)), 42u);
  EXPECT_EQ(number_in(encode_message(Push{message})), 42u);
}

TEST(Frames, NothingElseIsTakenForOne) {
  const Bytes payload = numbered_payload(42, 100);
  EXPECT_FALSE(number_in(spread(statement(StatementKind::message, "news", payload))));
  EXPECT_FALSE(number_in(spread(statement(StatementKind::record, measured_topic, payload))));
  EXPECT_FALSE(number_in(encode_message(Ping{})));
  EXPECT_FALSE(number_in({}));
  Bytes cut = spread(statement(StatementKind::message, measured_topic, payload));
  for (std::size_t size = cut.size(); size-- > 0;) {
    cut.resize(size);
    static_cast<void>(number_in(cut));
  }
}

TEST(Frames, RoutedMessagesAreToldApart) {
  Envelope one;
  one.sealed = {1, 2, 3};
  Envelope two = one;
  two.sealed = {1, 2, 4};
  const auto first = routed_in(encode_message(one));
  const auto second = routed_in(encode_message(two));
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->name, second->name);
  EXPECT_EQ(routed_in(encode_message(one))->name, first->name);
  EXPECT_FALSE(routed_in(encode_message(Ping{})));
}

}  // namespace
}  // namespace membrane::sim
