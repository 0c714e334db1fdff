#include <gtest/gtest.h>

#include "golden.h"
#include "membrane/id.h"
#include "reconcile.h"
#include "wire.h"

/// docs/protocol.md "Primitives", "Identities" and the fingerprint of a set.
namespace membrane::test {
namespace {

TEST(Golden, VariableLengthIntegers) {
  const std::vector<std::tuple<std::string, std::uint64_t, std::string>> table = {
      {"zero", 0, "00"},
      {"one_byte_max", 63, "3f"},
      {"two_bytes_min", 64, "4040"},
      {"two_bytes_max", 16383, "7fff"},
      {"four_bytes_min", 16384, "80004000"},
      {"four_bytes_max", 1073741823, "bfffffff"},
      {"eight_bytes_min", 1073741824, "c000000040000000"},
      {"eight_bytes_max", 4611686018427387903, "ffffffffffffffff"},
  };
  std::vector<GoldenVector> vectors;
  for (const auto& [name, value, hex] : table) {
    vectors.push_back({name, "", {{hex, ""}}});
    vectors.back().about = "The integer " + std::to_string(value);
  }
  const Golden golden("integers.txt", "Variable-length integers (RFC 9000 section 16).", vectors);
  for (const auto& [name, value, hex] : table) {
    const Bytes bytes = golden[name];
    Reader in(bytes);
    EXPECT_EQ(in.integer(), value) << name;
    EXPECT_TRUE(in.ok() && in.at_end()) << name;
    EXPECT_EQ(to_hex(Writer().integer(value).take()), to_hex(bytes)) << name;
  }
}

TEST(Golden, Identities) {
  const auto person = [](const std::string& name, const Person& who) -> std::vector<GoldenVector> {
    return {
        {name + ".signing_seed",
         "Ed25519 private key (RFC 8032)",
         {{to_hex(who.signing_seed), ""}}},
        {name + ".id", "its public key: the id", {{who.hex(), ""}}},
        {name + ".id_text",
         "the id's text form, as the bytes of its 52 letters",
         {{to_hex(bytes_of(who.id.text())), who.id.text()}}},
        {name + ".place", "the id's place on the ring", {{who.place(), "the first eight bytes"}}},
        {name + ".sealing_private", "X25519 private key", {{to_hex(who.sealing_private), ""}}},
        {name + ".sealing_key", "its public key", {{to_hex(who.sealing_key), ""}}},
    };
  };
  std::vector<GoldenVector> vectors = person("alice", alice());
  for (const GoldenVector& vector : person("bob", bob())) vectors.push_back(vector);
  const Golden golden("identities.txt", "The two peers of all vectors.", vectors);
  for (const auto& [name, who] : {std::pair("alice", &alice()), std::pair("bob", &bob())}) {
    const Bytes text = golden[std::string(name) + ".id_text"];
    const auto parsed = PeerId::parse(text_of(text));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(to_hex(parsed->bytes), to_hex(golden[std::string(name) + ".id"]));
    EXPECT_EQ(parsed->text(), text_of(text));
    const Bytes place = golden[std::string(name) + ".place"];
    EXPECT_EQ(Reader(place).u64(), who->id.position());
  }
}

TEST(Golden, FingerprintsOfSets) {
  const std::vector<std::tuple<std::string, std::vector<Item>, std::string>> sets = {
      {"empty", {}, "0000000000000000"},
      {"zero_item", {{0, 0}}, "0000000000000000"},
      {"one_item", {{1, 0}}, "5692161d100b05e5"},
      {"numbered_item", {{1, 1}}, "83ec686c1600460a"},
      {"two_items", {{1, 0}, {2, 7}}, "73f198a4b3c77fa2"},
      {"far_item", {{0xffffffffffffffff, 1700000000000}}, "fe1765d1decc591a"},
  };
  std::vector<GoldenVector> vectors;
  for (const auto& [name, items, hex] : sets) {
    GoldenVector vector{name, "The items", {{hex, "fingerprint"}}};
    for (const Item& item : items) {
      vector.about += " (" + to_hex(Writer().u64(item.origin).take()) + ", " +
                      std::to_string(item.sequence) + ")";
    }
    vectors.push_back(std::move(vector));
  }
  const Golden golden("fingerprints.txt", "Fingerprints of sets of (origin's place, sequence).",
                      vectors);
  for (const auto& [name, items, hex] : sets)
    EXPECT_EQ(to_hex(Writer().u64(fingerprint(items)).take()), to_hex(golden[name])) << name;
}

}  // namespace
}  // namespace membrane::test
