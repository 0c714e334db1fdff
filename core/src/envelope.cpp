#include "envelope.h"

#include "wire.h"

namespace membrane {
namespace {

constexpr std::size_t signature_size = 64;

}  // namespace

void Envelopes::send(const PeerId& to, const Key& sealing_key, const Signal& signal, const Way& way,
                     Done done) {
  const Bytes body = encode_signal(signal);
  Bytes to_sign = signal_to_sign(context_.config.network, context_.config.id, to, body);
  auto seal = [this, to, sealing_key, way, body, done = std::move(done)](
                  bool ok, ByteView signature) mutable {
    if (!ok) return done(Error::bad_signature, 0);
    Writer plain(body.size() + signature_size);
    plain.raw(signature).raw(body);
    context_.seal(sealing_key, signal_info(context_.config.network),
                  signal_aad(context_.config.id, to), plain.take(),
                  [this, to, way, done = std::move(done)](bool is_sealed, ByteView bytes) mutable {
                    if (!is_sealed) return done(Error::bad_signature, 0);
                    transmit({to, context_.config.id, {}, Bytes(bytes.begin(), bytes.end())}, way,
                             std::move(done));
                  });
  };
  context_.sign(std::move(to_sign), std::move(seal));
}

void Envelopes::transmit(Envelope&& envelope, const Way& way, Done done) {
  const Position to = envelope.to.position();
  Course& course = envelope.course;
  course.trail = way.trail;
  Link* link = nullptr;
  if (way.trail == 0)
    link = router_.start(to, false, course);
  else
    link = way.back ? router_.go_back(to, course) : router_.follow(to, course);
  if (!link) return done(Error::unreachable, 0);
  links_.send(*link, envelope);
  done(Error::none, course.trail);
}

void Envelopes::receive(Link& link, Envelope&& envelope) {
  if (!link.envelopes.take(context_.now)) return context_.reject(Error::busy);
  const Position from = envelope.from.position();
  Course& course = envelope.course;
  if (envelope.to == context_.config.id && !course.returned) {
    if (course.back)
      router_.worked(from);
    else
      router_.arrived(link, from, course);
    return deliver(envelope);
  }
  if (Link* way = router_.pass_on(link, from, envelope.to.position(), false, course))
    return links_.send(*way, envelope);
  if (course.returned && envelope.from == context_.config.id)
    hooks.failed(envelope.to, course.trail);
}

void Envelopes::deliver(const Envelope& envelope) {
  context_.open(
      signal_info(context_.config.network), signal_aad(envelope.from, context_.config.id),
      envelope.sealed,
      [this, from = envelope.from, trail = envelope.course.trail](bool ok, ByteView opened) {
        if (!ok) return context_.reject(Error::bad_signature);
        verify(from, trail, opened);
      });
}

void Envelopes::verify(const PeerId& from, std::uint64_t trail, ByteView opened) {
  Reader in(opened);
  const Signature signature = in.array<signature_size>();
  if (!in.ok()) return context_.reject(Error::malformed);
  Bytes body(in.rest().begin(), in.rest().end());
  Bytes signed_bytes = signal_to_sign(context_.config.network, from, context_.config.id, body);
  context_.verify(from, signature, std::move(signed_bytes),
                  [this, from, trail, body = std::move(body)](bool ok, ByteView) {
                    if (!ok) return context_.reject(Error::bad_signature);
                    auto signal = decode_signal(body);
                    if (!signal) return context_.reject(signal.error());
                    hooks.signal(from, std::move(*signal), trail);
                  });
}

}  // namespace membrane
