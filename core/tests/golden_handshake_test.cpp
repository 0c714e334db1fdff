#include <gtest/gtest.h>

#include "golden.h"
#include "handshake.h"

/// docs/protocol.md "Handshake": both hellos, both transcripts, both proofs.
namespace membrane::test {
namespace {

const Bytes offerer_fingerprint = from_hex(to_hex(counting<32>(0xe0)));
const Bytes answerer_fingerprint = from_hex(to_hex(counting<32>(0x30)));

/// Alice offers her 64th link; the answerer says 0.
constexpr std::uint64_t attempt = 64;

std::string hello_of(const Person& who, std::uint8_t nonce_first, bool fresh) {
  return "010100" + hex_text("net") + who.hex() + to_hex(counting<32>(nonce_first)) +
         (fresh ? "014040" : "0000");
}

std::vector<Field> transcript(const std::string& role) {
  return {{hex_text("membrane link 1"), "context: 'membrane link 1'"},
          {hex_text(role), "the signer's role: '" + role + "'"},
          {"404a", "length"},
          {hello_of(alice(), 0xa0, true), "the offerer's hello, the whole message"},
          {"4049", "length"},
          {hello_of(bob(), 0xc0, false), "the answerer's hello, the whole message"},
          {"20", "length"},
          {to_hex(offerer_fingerprint), "the offerer's DTLS fingerprint"},
          {"20", "length"},
          {to_hex(answerer_fingerprint), "the answerer's DTLS fingerprint"}};
}

std::vector<GoldenVector> vectors() {
  std::vector<GoldenVector> out{
      {"offerer.hello", "Alice made the offer", {{hello_of(alice(), 0xa0, true), "Hello"}}},
      {"answerer.hello", "Bob answered it", {{hello_of(bob(), 0xc0, false), "Hello"}}}};
  for (const auto& [role, who] : {std::pair("offerer", &alice()), std::pair("answerer", &bob())}) {
    const auto fields = transcript(role);
    std::string bytes;
    for (const Field& field : fields) bytes += field.hex;
    out.push_back(
        {std::string(role) + ".transcript", "What the " + std::string(role) + " signs", fields});
    out.push_back({std::string(role) + ".proof",
                   "The " + std::string(role) + "'s proof",
                   {{"02", "type: Proof"},
                    {to_hex(who->sign(from_hex(bytes))), "signature of the transcript"}}});
  }
  return out;
}

struct Side {
  Side(const Person& who, bool offerer, const Bytes& local, const Bytes& remote)
      : handshake(offerer, local, remote) {
    config.id = who.id;
    config.network = "net";
  }
  Config config;
  Handshake handshake;
};

Hello hello_in(const Bytes& frame) {
  const auto message = decode_message(frame);
  return std::get<Hello>(**message);
}

TEST(Golden, HandshakeTranscript) {
  const Golden golden("handshake.txt", "The handshake of Alice and Bob in the network 'net'.",
                      vectors());
  Side offerer(alice(), true, offerer_fingerprint, answerer_fingerprint);
  Side answerer(bob(), false, answerer_fingerprint, offerer_fingerprint);
  const Bytes hello_a =
      offerer.handshake.begin(offerer.config, counting<32>(0xa0), true, 0, attempt);
  const Bytes hello_b = answerer.handshake.begin(answerer.config, counting<32>(0xc0), false, 0, 7);
  EXPECT_EQ(to_hex(hello_a), to_hex(golden["offerer.hello"]));
  EXPECT_EQ(to_hex(hello_b), to_hex(golden["answerer.hello"]));
  EXPECT_EQ(offerer.handshake.take_hello(offerer.config, hello_in(hello_b), hello_b, bob().id),
            Error::none);
  EXPECT_EQ(answerer.handshake.take_hello(answerer.config, hello_in(hello_a), hello_a, {}),
            Error::none);
  EXPECT_EQ(to_hex(offerer.handshake.to_sign()), to_hex(golden["offerer.transcript"]));
  EXPECT_EQ(offerer.handshake.to_sign(), answerer.handshake.to_verify());
  EXPECT_EQ(to_hex(answerer.handshake.to_sign()), to_hex(golden["answerer.transcript"]));
  EXPECT_EQ(answerer.handshake.to_sign(), offerer.handshake.to_verify());
  for (const auto& [role, who] : {std::pair("offerer", &alice()), std::pair("answerer", &bob())}) {
    const auto proof = decode_message(golden[std::string(role) + ".proof"]);
    const Signature signature = std::get<Proof>(**proof).signature;
    EXPECT_TRUE(signature_holds(*who, golden[std::string(role) + ".transcript"], signature));
  }
}

}  // namespace
}  // namespace membrane::test
