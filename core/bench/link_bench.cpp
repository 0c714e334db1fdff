#include <cstdlib>
#include <utility>

#include "benches.h"
#include "links.h"
#include "measure.h"
#include "membrane/crypto/ed25519.h"
#include "membrane/crypto/hpke.h"
#include "samples.h"

namespace membrane::bench {
namespace {

constexpr TimeMs start_ms = 1'700'000'000'000;

enum class Proofs { real, skipped };

template <typename T>
T must(std::optional<T> value) {
  if (!value) std::abort();
  return std::move(*value);
}

Config config_of(const PeerId& id) {
  Config config;
  config.id = id;
  config.network = "bench";
  config.seed = id.bytes;
  return config;
}

/// One end of a link: the part of a node that has links, with its identity key.
struct End {
  explicit End(const crypto::SigningKey& signing_key)
      : key(signing_key), context(config_of({signing_key.public_key()}), start_ms) {
    links.hooks = {.up = [this](Link&) { is_up = true; },
                   .down = [](const Link&, Error) {},
                   .abandoned = [](const Link&, Error) { std::abort(); },
                   .message = [](Link&, Message&&) {},
                   .application = [](Link&, ByteView) {},
                   .fresh = [] { return false; }};
  }

  LinkId open(bool offerer, const Bytes& local, const Bytes& remote) {
    Link& link = links.create(offerer, std::nullopt);
    link.local_fingerprint = local;
    link.remote_fingerprint = remote;
    links.opened(link.id);
    return link.id;
  }

  /// Does the crypto job or carries the frame to the other end.
  void carry_out(const Output& output, Proofs proofs, End& other) {
    if (const auto* job = std::get_if<Sign>(&output)) {
      const auto signature =
          proofs == Proofs::real ? must(key.sign(job->data)) : crypto::Signature{};
      context.jobs.finish(Jobs::Kind::sign, job->job, true, signature);
    } else if (const auto* check = std::get_if<Verify>(&output)) {
      const bool ok =
          proofs == Proofs::skipped || crypto::verify(check->key, check->data, check->signature);
      context.jobs.finish(Jobs::Kind::verify, check->job, ok, {});
    } else if (const auto* send = std::get_if<Send>(&output)) {
      other.links.received(send->link, send->channel, send->data);
    }
  }

  const crypto::SigningKey& key;
  Context context;
  Links links{context};
  bool is_up = false;
};

void shake_hands(const crypto::SigningKey& one_key, const crypto::SigningKey& other_key,
                 Proofs proofs) {
  static const Bytes one_fingerprint(32, 1);
  static const Bytes other_fingerprint(32, 2);
  End one(one_key);
  End other(other_key);
  one.open(true, one_fingerprint, other_fingerprint);
  other.open(false, other_fingerprint, one_fingerprint);
  for (bool idle = false; !idle;) {
    idle = true;
    for (const auto& [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
      for (const Output& output : std::exchange(from->context.outputs, {})) {
        from->carry_out(output, proofs, *to);
        idle = false;
      }
    }
  }
  if (!one.is_up || !other.is_up) std::abort();
}

void measure_handshake() {
  const auto one = must(crypto::SigningKey::from_seed(Bytes(32, 1)));
  const auto other = must(crypto::SigningKey::from_seed(Bytes(32, 2)));
  report("handshake: both ends, whole", measure([&] { shake_hands(one, other, Proofs::real); }));
  report("handshake: both ends, protocol alone",
         measure([&] { shake_hands(one, other, Proofs::skipped); }));
}

template <typename T>
T sample_of(const std::string& name) {
  for (const Sample& sample : samples()) {
    if (sample.name == name) return std::get<T>(sample.content);
  }
  std::abort();
}

/// From the bytes of a record to the certainty that its origin said so.
void measure_record() {
  const auto key = must(crypto::SigningKey::from_seed(Bytes(32, 3)));
  auto statement = sample_of<Statement>("statement, record");
  statement.origin = {key.public_key()};
  statement.signature = must(key.sign(statement_to_sign("bench", statement)));
  const Bytes encoded = encode_statement(statement);
  report("record: decode and verify", measure([&] {
           const auto decoded = decode_statement(encoded);
           const Bytes to_verify = statement_to_sign("bench", *decoded);
           if (!crypto::verify(decoded->origin.view(), to_verify, decoded->signature)) std::abort();
         }));
  report("record: decode alone", measure([&] {
           const auto decoded = decode_statement(encoded);
           keep(statement_to_sign("bench", *decoded));
         }));
}

/// An offer from one peer to another through others: signed, sealed; opened, verified.
class SealedOffer {
 public:
  SealedOffer()
      : signing_(must(crypto::SigningKey::from_seed(Bytes(32, 4)))),
        sealing_(must(crypto::SealingKey::from_private_key(Bytes(32, 5)))),
        from_{signing_.public_key()},
        to_{Key{6}},
        offer_(sample_of<Signal>("signal, offer")) {}

  Bytes seal() const {
    const Bytes body = encode_signal(offer_);
    const auto signature = must(signing_.sign(signal_to_sign("bench", from_, to_, body)));
    Writer plain(body.size() + signature.size());
    plain.raw(signature).raw(body);
    return must(crypto::seal(sealing_.public_key(), signal_info("bench"), signal_aad(from_, to_),
                             plain.view()));
  }

  void open(ByteView sealed) const {
    const Bytes plain =
        must(crypto::open(sealing_, signal_info("bench"), signal_aad(from_, to_), sealed));
    Reader in(plain);
    const auto signature = in.array<64>();
    const Bytes to_verify = signal_to_sign("bench", from_, to_, in.rest());
    if (!crypto::verify(from_.view(), to_verify, signature)) std::abort();
    if (!decode_signal(in.rest())) std::abort();
  }

 private:
  crypto::SigningKey signing_;
  crypto::SealingKey sealing_;
  PeerId from_;
  PeerId to_;
  Signal offer_;
};

void measure_signal() {
  const SealedOffer offer;
  const Bytes sealed = offer.seal();
  report("signal: sign and seal", measure([&] { keep(offer.seal()); }));
  report("signal: open and verify", measure([&] { offer.open(sealed); }));
}

}  // namespace

void measure_links() {
  measure_handshake();
  measure_record();
  measure_signal();
}

}  // namespace membrane::bench
