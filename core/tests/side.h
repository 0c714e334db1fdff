#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "context.h"
#include "links.h"
#include "map.h"
#include "message.h"
#include "network.h"
#include "router.h"
#include "signalling.h"
#include "statement.h"
#include "wire.h"

/// One side of a network, for tests of a single part: the context, the links and the map are the
/// real ones; the other sides are played by the test. Crypto is done by the network's stand-in as
/// soon as work() is called.
namespace membrane::test {

inline PeerId peer_of(std::uint8_t who) {
  PeerId id;
  id.bytes.fill(who);
  return id;
}

inline Config config_of(std::uint8_t who) {
  Config out;
  out.id = peer_of(who);
  out.sealing_key.fill(who);
  out.seed.fill(who);
  out.network = "test";
  return out;
}

inline std::string sdp_of(std::uint8_t fingerprint = 7) { return make_sdp(0, 1, fingerprint); }

struct Side {
  explicit Side(std::uint8_t who = 1) : context(config_of(who), 1'700'000'000'000) {
    links.hooks = {
        .up = [](Link&) {},
        .down = [](const Link&, Error) {},
        .abandoned = [](const Link&, Error) {},
        .message = [](Link&, Message&&) {},
        .application = [](Link&, ByteView) {},
        .fresh = [] { return false; },
    };
    map.hooks = {.overtaken = [](std::uint64_t) {}, .changed = [] {}, .scope_changed = [] {}};
  }

  // ---- The world around it ----------------------------------------------------------------------

  /// A link that is up; how it came up is the links' own test's matter.
  Link& link_up(std::uint8_t who, bool offerer = true) {
    Link& link = links.create(offerer, peer_of(who));
    prove(link.id, who);
    return *links.to(peer_of(who));
  }
  /// The other side of this link proves to be `who`.
  void prove(LinkId id, std::uint8_t who) {
    Link& link = *links.find(id);
    link.local_fingerprint = link.remote_fingerprint = Bytes(32);
    links.opened(id);
    const Hello hello{1, 0, "test", peer_of(who), {}, false};
    links.received(id, Channel::control, encode_message(hello));
    links.received(id, Channel::control, encode_message(Proof{}));
    believing = true;
    work();
    believing = false;
    tell_map();
  }
  void tell_map() {
    std::vector<Position> up;
    for (const auto& [position, link] : links.up()) up.push_back(position);
    map.set_own_links(std::move(up));
    map.refresh();
  }
  /// The map hears that `who` has links to these.
  void know(std::uint8_t who, const std::vector<std::uint8_t>& neighbours) {
    Record record;
    record.sealing_key.fill(who);
    record.lifetime_s = limits::record_lifetime_s;
    for (const std::uint8_t other : neighbours) record.links.push_back(peer_of(other).position());
    std::sort(record.links.begin(), record.links.end());
    Statement statement{
        StatementKind::record, peer_of(who), context.now + ++said, encode_record(record), {}};
    map.accept(statement, encode_statement(statement));
    map.refresh();
  }

  /// Answers the crypto jobs; everything else that was put out moves to `out`.
  void work() {
    while (!context.outputs.empty()) {
      for (Output& output : std::exchange(context.outputs, {})) work(output);
    }
  }
  void work(Output& output) {
    Jobs& jobs = context.jobs;
    if (const auto* sign = std::get_if<Sign>(&output)) {
      jobs.finish(Jobs::Kind::sign, sign->job, true, fake_sign(context.config.id, sign->data));
    } else if (const auto* verify = std::get_if<Verify>(&output)) {
      const bool ok = believing || fake_verify(verify->key, verify->data, verify->signature);
      jobs.finish(Jobs::Kind::verify, verify->job, ok, {});
    } else if (const auto* seal = std::get_if<Seal>(&output)) {
      jobs.finish(Jobs::Kind::seal, seal->job, true,
                  fake_seal(seal->key, seal->info, seal->aad, seal->data));
    } else if (const auto* open = std::get_if<Open>(&output)) {
      const auto plain = fake_open(context.config.sealing_key, open->info, open->aad, open->data);
      jobs.finish(Jobs::Kind::open, open->job, plain.has_value(),
                  plain ? ByteView(*plain) : ByteView{});
    } else {
      out.push_back(std::move(output));
    }
  }

  // ---- What it did ------------------------------------------------------------------------------

  template <typename T>
  std::vector<T> all() {
    work();
    std::vector<T> found;
    for (const Output& output : out) {
      if (const T* one = std::get_if<T>(&output)) found.push_back(*one);
    }
    return found;
  }
  /// The messages of this type that went out on a link.
  template <typename T>
  std::vector<T> sent(LinkId link) {
    std::vector<T> found;
    for (const Send& send : all<Send>()) {
      if (send.link != link || send.channel != Channel::control) continue;
      auto message = decode_message(send.data);
      if (const T* one = std::get_if<T>(&**message)) found.push_back(*one);
    }
    return found;
  }
  void forget() {
    work();
    out.clear();
  }
  std::uint64_t rejected(Error reason) const {
    return context.rejected[static_cast<std::size_t>(reason)];
  }

  /// A signal as `from` signs and seals it for us, or `signer` in its name.
  Bytes sealed_by(std::uint8_t from, const Signal& signal, std::uint8_t signer) const {
    const Bytes body = encode_signal(signal);
    const PeerId& self = context.config.id;
    const Signature signature =
        fake_sign(peer_of(signer), signal_to_sign("test", peer_of(from), self, body));
    return fake_seal(context.config.sealing_key, signal_info("test"),
                     signal_aad(peer_of(from), self), Writer().raw(signature).raw(body).take());
  }
  /// What we said in an envelope; the test holds everybody's key.
  Signal opened(const Envelope& envelope) const {
    Key key{};
    key.fill(envelope.to.bytes[0]);
    const auto plain = fake_open(key, signal_info("test"), signal_aad(envelope.from, envelope.to),
                                 envelope.sealed);
    return plain ? *decode_signal(ByteView(*plain).subspan(64)) : Signal{};
  }

  Context context;
  Links links{context};
  Map map{context};
  Router router{context, links, map};
  std::vector<Output> out;
  std::uint64_t said = 0;  ///< records of others so far
  bool believing = false;  ///< signatures are taken for good
};

}  // namespace membrane::test
