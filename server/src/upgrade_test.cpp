#include "upgrade.h"

#include <gtest/gtest.h>

namespace membrane::server {
namespace {

// base64 of {"type":"offer","sdp":"v=0"}
constexpr std::string_view offer = "eyJ0eXBlIjoib2ZmZXIiLCJzZHAiOiJ2PTAifQ==";

std::variant<Entry, Refusal> judge(std::string_view target, std::string_view protocols = "") {
  static const TalkLimits limits;
  return judge_upgrade(target, protocols, limits);
}
unsigned status_of(std::string_view target, std::string_view protocols = "") {
  const auto judged = judge(target, protocols);
  return std::holds_alternative<Entry>(judged) ? 101 : std::get<Refusal>(judged).status;
}

TEST(Upgrade, bind_carries_the_offer_with_and_without_encoding_and_under_a_prefix) {
  const std::string plain(offer);
  const std::string encoded = plain.substr(0, plain.size() - 2) + "%3D%3D";
  for (const std::string& target :
       {"/bind?originatingSDP=" + plain, "/bind?originatingSDP=" + encoded,
        "/a/b/bind?x=1&originatingSDP=" + encoded + "&y"}) {
    const auto judged = judge(target);
    ASSERT_TRUE(std::holds_alternative<Entry>(judged)) << target;
    EXPECT_EQ(std::get<Entry>(judged).vocabulary, Vocabulary::v2);
    EXPECT_EQ(std::get<Entry>(judged).v2_offer, plain);
  }
}

TEST(Upgrade, bind_without_a_true_offer_is_refused) {
  EXPECT_EQ(status_of("/bind"), 400U);
  EXPECT_EQ(status_of("/bind?originatingSDP="), 400U);
  EXPECT_EQ(status_of("/bind?originatingSDP=%zz"), 400U);
  EXPECT_EQ(status_of("/bind?originatingSDP=!!!!"), 400U);
  EXPECT_EQ(status_of("/bind?originatingSDP=bm90IGpzb24="), 400U);  // not json
  EXPECT_EQ(status_of("/bind?originatingSDP=eyJ0eXBlIjoiYW5zd2VyIiwic2RwIjoidj0wIn0="),
            400U);                                                              // answer
  EXPECT_EQ(status_of("/bind?originatingSDP=eyJ0eXBlIjoib2ZmZXIifQ=="), 400U);  // no sdp
  EXPECT_EQ(status_of("/bind?originatingSDP=" + std::string(100'000, 'A')), 414U);
}

TEST(Upgrade, reconnect_is_v2_without_an_offer) {
  const auto judged = judge("/reconnect");
  ASSERT_TRUE(std::holds_alternative<Entry>(judged));
  EXPECT_EQ(std::get<Entry>(judged).vocabulary, Vocabulary::v2);
  EXPECT_FALSE(std::get<Entry>(judged).v2_offer);
}

TEST(Upgrade, v3_needs_its_subprotocol) {
  EXPECT_EQ(status_of("/v3", "membrane.v3"), 101U);
  EXPECT_EQ(status_of("/any/prefix/v3?token=1", "chat , membrane.v3"), 101U);
  EXPECT_EQ(status_of("/v3"), 400U);
  EXPECT_EQ(status_of("/v3", "membrane.v30"), 400U);
}

TEST(Upgrade, any_other_path_is_refused) {
  for (const char* path :
       {"/", "", "*", "/v3/", "/bind/", "/xbind", "/v4", "//", "/%62ind", "?v3"}) {
    EXPECT_EQ(status_of(path, "membrane.v3"), 404U) << path;
  }
}

TEST(Upgrade, a_refusal_is_a_whole_response) {
  EXPECT_EQ(refusal_response({404, "no such path"}),
            "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: text/plain\r\n"
            "Content-Length: 13\r\n\r\nno such path\n");
}

}  // namespace
}  // namespace membrane::server
