#include "turn.h"

#include <algorithm>

namespace membrane::sim {
namespace {

/// A timer never fires in the very moment it is set.
constexpr TimeUs timer_us_min = 1'000;
/// A turn rarely has more outputs; one in which a whole map goes has thousands.
constexpr std::size_t outputs_room_max = 64;

Payload answer_of(std::uint64_t job, bool ok, Bytes data = {}) {
  return {.number = job, .detail = static_cast<std::uint8_t>(ok), .data = std::move(data)};
}

Payload answer_of(std::uint64_t job, std::optional<Bytes> data) {
  const bool ok = data.has_value();
  return answer_of(job, ok, std::move(data).value_or(Bytes{}));
}

void give(Node& node, TimeMs at, Kind kind, const Payload& payload) {
  const std::uint64_t number = payload.number;
  const std::string_view text = text_of(payload.data);
  switch (kind) {
    case Kind::frame:
      return node.link_received(at, number, static_cast<Channel>(payload.detail), payload.data);
    case Kind::link_opened:
      return node.link_opened(at, number);
    case Kind::link_closed:
      return node.link_closed(at, number);
    case Kind::local_description:
      return node.local_description(at, number, text);
    case Kind::local_candidate:
      return node.local_candidate(at, number, text);
    case Kind::contact_opened:
      return node.contact_opened(at);
    case Kind::contact_closed:
      return node.contact_closed(at);
    case Kind::contact_request:
      return node.contact_request(at, number, text);
    case Kind::contact_request_candidate:
      return node.contact_request_candidate(at, number, text);
    case Kind::contact_answer:
      return node.contact_answer(at, number, text);
    case Kind::contact_answer_candidate:
      return node.contact_answer_candidate(at, number, text);
    case Kind::contact_unresolved:
      return node.contact_unresolved(at, number);
    case Kind::contact_failed:
      return node.contact_failed(at, number);
    case Kind::signed_job: {
      Signature signature{};
      std::copy_n(payload.data.begin(), signature.size(), signature.begin());
      node.signed_(at, number, signature);
      return;
    }
    case Kind::verified_job:
      node.verified(at, number, payload.detail != 0);
      return;
    case Kind::sealed_job:
      node.sealed(at, number, payload.detail != 0, payload.data);
      return;
    case Kind::opened_job:
      node.opened(at, number, payload.detail != 0, payload.data);
      return;
    case Kind::call:
      node.answer(at, number, payload.detail != 0);
      return;
    default:
      return;
  }
}

}  // namespace

std::optional<Answer> do_job(Crypto& crypto, PeerIndex peer, const Output& output) {
  if (const auto* o = std::get_if<Verify>(&output)) {
    const bool ok = crypto.verify(o->key, o->data, o->signature);
    return Answer{Kind::verified_job, answer_of(o->job, ok)};
  }
  if (const auto* o = std::get_if<Sign>(&output)) {
    const Signature signature = crypto.sign(peer, o->data);
    return Answer{Kind::signed_job, answer_of(o->job, true, {signature.begin(), signature.end()})};
  }
  if (const auto* o = std::get_if<Seal>(&output)) {
    auto sealed = crypto.seal(peer, o->key, o->info, o->aad, o->data);
    return Answer{Kind::sealed_job, answer_of(o->job, std::move(sealed))};
  }
  if (const auto* o = std::get_if<Open>(&output)) {
    auto plain = crypto.open(peer, o->info, o->aad, o->data);
    return Answer{Kind::opened_job, answer_of(o->job, std::move(plain))};
  }
  return std::nullopt;
}

void Turn::take(Stage& stage, PeerIndex peer, TimeUs at_us, Kind kind, const Payload& payload) {
  take(stage, peer, at_us, [&](Node& node, TimeMs at) { give(node, at, kind, payload); });
}

void Turn::take_timer(Stage& stage, PeerIndex peer, TimeUs at_us) {
  Host& host = stage.host(peer);
  host.timer_at = never;
  if (host.node->next_timeout() <= Stage::time_ms(at_us))
    return take(stage, peer, at_us, [](Node& node, TimeMs at) { node.tick(at); });
  begin(peer, at_us);  // the deadline has moved on
  arm(stage);
}

void Turn::begin(PeerIndex peer, TimeUs at_us) {
  peer_ = peer;
  at_us_ = at_us;
  timer_us_ = never;
  outputs_.clear();
  answers_.clear();
  answered_ = 0;
}

/// One answer, then what comes of it, which may be another job.
void Turn::go_on(Stage& stage) {
  poll(stage);
  while (!is_over()) {
    if (!tell_next(stage)) return;
    poll(stage);
  }
  arm(stage);
}

void Turn::poll(Stage& stage) {
  Node& node = *stage.host(peer_).node;
  while (auto output = node.poll()) {
    if (auto* send = std::get_if<Send>(&*output)) {
      heap::disown(send->data.data());
    } else if (const auto* asked = std::get_if<Asked>(&*output)) {
      answers_.push_back({Kind::call, {.number = asked->request}, false});
    } else if (stage.options.crypto_us == 0) {
      if (auto answer = do_job(*stage.crypto, peer_, *output)) {
        answers_.push_back(std::move(*answer));
        continue;
      }
    }
    outputs_.push_back(std::move(*output));
  }
}

/// False when the application has not answered yet.
bool Turn::tell_next(Stage& stage) {
  const auto& [kind, payload, is_known] = answers_[answered_];
  if (!is_known) return false;
  ++answered_;
  Host& host = stage.host(peer_);
  const heap::Scope scope(host.owner);
  give(*host.node, Stage::time_ms(at_us_), kind, payload);
  return true;
}

void Turn::answer(RequestId request, bool accept) {
  for (Answer& each : answers_) {
    if (each.kind != Kind::call || each.payload.number != request) continue;
    each.is_known = true;
    each.payload.detail = static_cast<std::uint8_t>(accept);
  }
}

void Turn::finish() {
  answers_.clear();
  answered_ = 0;
  outputs_.clear();
  if (outputs_.capacity() > outputs_room_max) outputs_ = {};
}

/// One timer a host. A deadline that moves away leaves it as it is: it then finds nothing to do and
/// is set again. So a timer event is made only when the deadline comes nearer.
void Turn::arm(Stage& stage) {
  Host& host = stage.host(peer_);
  const TimeMs due_ms = host.node->next_timeout();
  if (due_ms == never) return;
  const TimeUs due = std::max(Stage::time_us(due_ms), at_us_ + timer_us_min);
  if (due >= host.timer_at) return;
  host.timer_at = timer_us_ = due;
}

}  // namespace membrane::sim
