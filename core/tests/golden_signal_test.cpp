#include <gtest/gtest.h>

#include "golden.h"
#include "message.h"
#include "signalling.h"
#include "wire.h"

/// docs/protocol.md "Signals": the five kinds, the bytes that are signed, what is sealed and how.
namespace membrane::test {
namespace {

const std::string attempt_hex = "c000018bcfe56801";
constexpr std::uint64_t attempt = 1'700'000'000'001;
const std::string no_key(64, '0');
const std::string candidate = R"({"candidate":"host"})";

std::string joined(const std::vector<Field>& fields) {
  std::string hex;
  for (const Field& field : fields) hex += field.hex;
  return hex;
}

std::vector<Field> signal(const std::string& kind, const std::string& flags, const std::string& key,
                          const std::string& sdp, bool with_candidate, const std::string& reason) {
  std::vector<Field> out{{kind, "kind"},
                         {attempt_hex, "attempt: 1700000000001"},
                         {flags, "flags: 1 session, 2 application"},
                         {key, "the sender's sealing key"},
                         {hex_text(sdp), "session description"},
                         {with_candidate ? "01" : "00", "candidates"}};
  if (with_candidate) out.push_back({hex_text(candidate), "the candidate"});
  out.push_back({reason, "reason"});
  return out;
}

/// The offer on its way from Alice to Bob.
std::vector<GoldenVector> sealed(const std::vector<Field>& offer) {
  const std::string body = joined(offer);
  const Bytes size{0x40, static_cast<std::uint8_t>(body.size() / 2)};
  const std::vector<Field> to_sign{{hex_text("membrane signal 1"), "context: 'membrane signal 1'"},
                                   {hex_text("net"), "network: 'net'"},
                                   {alice().hex(), "from: Alice"},
                                   {bob().hex(), "to: Bob"},
                                   {to_hex(size), "length of the signal"},
                                   {body, "the signal"}};
  const std::vector<Field> info{{hex_text("membrane signal 1"), "context"},
                                {hex_text("net"), "network: 'net'"}};
  const std::vector<Field> aad{{alice().hex(), "from: Alice"}, {bob().hex(), "to: Bob"}};
  const std::vector<Field> plain{
      {to_hex(alice().sign(from_hex(joined(to_sign)))), "Alice's signature of to_sign"},
      {body, "the signal, up to the end"}};
  const Bytes hidden = alice().seal_to(bob(), from_hex(joined(info)), from_hex(joined(aad)),
                                       from_hex(joined(plain)));
  const std::string hex = to_hex(hidden);
  return {{"offer.to_sign", "What the origin signs", to_sign},
          {"offer.info", "HPKE's info", info},
          {"offer.aad", "HPKE's associated data", aad},
          {"offer.plain", "What is sealed to Bob's sealing key", plain},
          {"offer.sealed",
           "The sealed signal, with the ephemeral private key 8081…9f",
           {{hex.substr(0, 64), "enc: the ephemeral public key"},
            {hex.substr(64), "ciphertext and tag"}}}};
}

/// Bob's number of the stream is Alice's + 1.
std::vector<GoldenVector> relayed() {
  const std::string theirs_hex = "c000018bcfe56802";
  const std::string key = to_hex(alice().sealing_key);
  const auto begin = [&](const std::string& reason) {
    return signal("05", "00", key, "", false, reason);
  };
  std::vector<Field> ask = begin("00");
  for (const Field& field : {Field{"00", "Bob's number: not heard yet"},
                             {"00", "up to 0 has come"},
                             {"01", "frame 1"},
                             {"00", "channel 0"},
                             {"0e", "Session-Ask"}})
    ask.push_back(field);
  std::vector<Field> piece = begin("00");
  for (const Field& field : {Field{theirs_hex, "Bob's number"},
                             {"01", "up to 1 has come"},
                             {"02", "frame 2"},
                             {"01", "channel 1"},
                             {"07", "message 7"},
                             {"05", "first, last"},
                             {"02", "total: 2"},
                             {"6869", "'hi'"}})
    piece.push_back(field);
  std::vector<Field> heard = begin("00");
  for (const Field& field :
       {Field{theirs_hex, "Bob's number"}, {"05", "up to 5 has come"}, {"00", "no frame"}})
    heard.push_back(field);
  std::vector<Field> end = begin("0c");
  for (const Field& field : {Field{theirs_hex, "Bob's number"}, {"00", "-"}, {"00", "no frame"}})
    end.push_back(field);
  return {{"relay_ask", "Alice asks Bob for a session over relays", ask},
          {"relay_piece", "A piece of a message", piece},
          {"relay_heard", "An acknowledgement, which also keeps the stream alive", heard},
          {"relay_end", "The stream is over: no session", end}};
}

std::vector<GoldenVector> vectors() {
  const std::string key = to_hex(alice().sealing_key);
  const auto offer = signal("01", "03", key, "v=0", true, "00");
  std::vector<GoldenVector> out{
      {"offer", "An offer for a session that the application wants", offer},
      {"answer", "Its answer, which grants the session",
       signal("02", "03", to_hex(bob().sealing_key), "v=1", false, "00")},
      {"candidates", "A candidate that was found later",
       signal("03", "00", no_key, "", true, "00")},
      {"refuse", "A refusal: busy", signal("04", "00", no_key, "", false, "14")},
  };
  for (const GoldenVector& vector : relayed()) out.push_back(vector);
  for (const GoldenVector& vector : sealed(offer)) out.push_back(vector);
  return out;
}

const Golden& golden() {
  static const Golden golden("signals.txt", "Signals between Alice and Bob in the network 'net'.",
                             vectors());
  return golden;
}

Signal decoded(const std::string& name) {
  const Bytes bytes = golden()[name];
  const auto out = decode_signal(bytes);
  if (!out) {
    ADD_FAILURE() << name << " does not decode";
    return {};
  }
  EXPECT_EQ(out->attempt, attempt);
  EXPECT_EQ(to_hex(encode_signal(*out)), to_hex(bytes)) << name;
  return *out;
}

TEST(Golden, Offer) {
  const Signal offer = decoded("offer");
  EXPECT_EQ(offer.kind, Signal::Kind::offer);
  EXPECT_TRUE(offer.session);
  EXPECT_TRUE(offer.application);
  EXPECT_EQ(offer.sealing_key, alice().sealing_key);
  EXPECT_EQ(offer.sdp, "v=0");
  EXPECT_EQ(offer.candidates, std::vector<std::string>{candidate});
  EXPECT_EQ(offer.reason, Error::none);
}

TEST(Golden, AnswerCandidatesRefuse) {
  const Signal answer = decoded("answer");
  EXPECT_EQ(answer.kind, Signal::Kind::answer);
  EXPECT_TRUE(answer.session);
  EXPECT_EQ(answer.sdp, "v=1");
  const Signal candidates = decoded("candidates");
  EXPECT_EQ(candidates.kind, Signal::Kind::candidates);
  EXPECT_FALSE(candidates.session || candidates.application);
  EXPECT_EQ(candidates.candidates, std::vector<std::string>{candidate});
  const Signal refuse = decoded("refuse");
  EXPECT_EQ(refuse.kind, Signal::Kind::refuse);
  EXPECT_EQ(refuse.reason, Error::busy);
}

TEST(Golden, Relay) {
  for (const char* name : {"relay_ask", "relay_piece", "relay_heard", "relay_end"}) {
    const Signal signal = decoded(name);
    EXPECT_EQ(signal.kind, Signal::Kind::relay);
    EXPECT_EQ(signal.sealing_key, alice().sealing_key);
  }
  EXPECT_EQ(decoded("relay_end").reason, Error::no_session);
  const Signal ask = decoded("relay_ask");
  const auto message = decode_message(ByteView(ask.relay).subspan(4));
  ASSERT_TRUE(message && *message);
  EXPECT_TRUE(std::holds_alternative<SessionAsk>(**message));
}

TEST(Golden, SignedAndSealedOffer) {
  const Bytes body = golden()["offer"];
  const Bytes to_sign = signal_to_sign("net", alice().id, bob().id, body);
  EXPECT_EQ(to_hex(to_sign), to_hex(golden()["offer.to_sign"]));
  const Bytes info = signal_info("net");
  const Bytes aad = signal_aad(alice().id, bob().id);
  EXPECT_EQ(to_hex(info), to_hex(golden()["offer.info"]));
  EXPECT_EQ(to_hex(aad), to_hex(golden()["offer.aad"]));
  const Bytes plain = bob().open(info, aad, golden()["offer.sealed"]);
  EXPECT_EQ(to_hex(plain), to_hex(golden()["offer.plain"]));
  Reader in(plain);
  EXPECT_TRUE(signature_holds(alice(), to_sign, in.array<64>()));
  EXPECT_EQ(to_hex(in.rest()), to_hex(body));
  EXPECT_TRUE(bob().open(info, signal_aad(bob().id, alice().id), golden()["offer.sealed"]).empty());
}

}  // namespace
}  // namespace membrane::test
