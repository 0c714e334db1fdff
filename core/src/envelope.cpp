#include "envelope.h"

#include <algorithm>

#include "wire.h"

namespace membrane {
namespace {

/// Ways back that are remembered; all are forgotten when there would be more, which costs a
/// newcomer a second try.
constexpr std::size_t heard_on_max = 512;
constexpr std::size_t signature_size = 64;

}  // namespace

void Envelopes::send(const PeerId& to, const Key& sealing_key, const Signal& signal,
                     const std::function<void(Error)>& done) {
  const Bytes body = encode_signal(signal);
  const std::string& network = context_.config.network;
  Bytes to_sign = signal_to_sign(network, context_.config.id, to, body);
  auto transmit = [this, to, done](bool ok, ByteView sealed) {
    if (!ok) return done(Error::bad_signature);
    Link* way = way_to(to, 0);
    if (!way) return done(Error::unreachable);
    links_.send(*way, Envelope{to, context_.config.id, limits::hops_max,
                               Bytes(sealed.begin(), sealed.end())});
    done(Error::none);
  };
  auto seal = [this, to, sealing_key, body, done, transmit](bool ok, ByteView signature) {
    if (!ok) return done(Error::bad_signature);
    Writer plain(body.size() + signature_size);
    plain.raw(signature).raw(body);
    context_.seal(sealing_key, signal_info(context_.config.network),
                  signal_aad(context_.config.id, to), plain.take(), transmit);
  };
  context_.sign(std::move(to_sign), std::move(seal));
}

Link* Envelopes::way_to(const PeerId& to, LinkId from) {
  if (Link* direct = links_.to(to)) return direct->id == from ? nullptr : direct;
  if (const auto hop = map_.next_hop(to.position())) {
    if (Link* link = links_.to(*hop); link && link->id != from) return link;
  }
  const auto heard = heard_on_.find(to.position());
  if (heard == heard_on_.end() || heard->second == from) return nullptr;
  return links_.find(heard->second);
}

void Envelopes::receive(Link& link, Envelope&& envelope) {
  if (!link.envelopes.take(context_.now)) return context_.reject(Error::busy);
  remember_way(envelope.from.position(), link.id);
  if (envelope.to == context_.config.id) return deliver(envelope);
  if (envelope.hops_left <= 1) return fail_back(envelope, link.id, Error::too_far);
  envelope.hops_left =
      static_cast<std::uint8_t>(std::min<unsigned>(envelope.hops_left, limits::hops_max) - 1);
  const LinkId from = link.id;
  Link* way = way_to(envelope.to, from);
  if (!way) return fail_back(envelope, from, Error::unreachable);
  links_.send(*way, envelope);
}

void Envelopes::fail_back(const Envelope& envelope, LinkId from, Error reason) {
  context_.reject(reason);
  if (const Link* back = links_.find(from)) {
    links_.send(
        *back, EnvelopeFailed{envelope.from, envelope.to, context_.self, limits::hops_max, reason});
  }
}

void Envelopes::receive(Link& link, EnvelopeFailed&& failed) {
  if (!link.envelopes.take(context_.now)) return context_.reject(Error::busy);
  if (failed.to == context_.config.id) return hooks.failed(failed.target, failed.reason);
  if (failed.hops_left <= 1) return context_.reject(Error::too_far);
  failed.hops_left =
      static_cast<std::uint8_t>(std::min<unsigned>(failed.hops_left, limits::hops_max) - 1);
  if (Link* way = way_to(failed.to, link.id)) links_.send(*way, failed);
}

void Envelopes::deliver(const Envelope& envelope) {
  const PeerId from = envelope.from;
  context_.open(signal_info(context_.config.network), signal_aad(from, context_.config.id),
                envelope.sealed, [this, from](bool ok, ByteView opened) {
                  if (!ok) return context_.reject(Error::bad_signature);
                  verify(from, opened);
                });
}

void Envelopes::verify(const PeerId& from, ByteView opened) {
  Reader in(opened);
  const Signature signature = in.array<signature_size>();
  if (!in.ok()) return context_.reject(Error::malformed);
  Bytes body(in.rest().begin(), in.rest().end());
  Bytes signed_bytes = signal_to_sign(context_.config.network, from, context_.config.id, body);
  context_.verify(from, signature, std::move(signed_bytes),
                  [this, from, body = std::move(body)](bool ok, ByteView) {
                    if (!ok) return context_.reject(Error::bad_signature);
                    auto signal = decode_signal(body);
                    if (!signal) return context_.reject(signal.error());
                    hooks.signal(from, std::move(*signal));
                  });
}

void Envelopes::remember_way(Position peer, LinkId link) {
  if (heard_on_.size() >= heard_on_max && !heard_on_.contains(peer)) heard_on_.clear();
  heard_on_[peer] = link;
}

void Envelopes::link_down(LinkId link) {
  std::erase_if(heard_on_, [link](const auto& way) { return way.second == link; });
}

}  // namespace membrane
