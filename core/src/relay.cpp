#include "relay.h"

#include <algorithm>

#include "wire.h"

namespace membrane {

// ---- The table ----------------------------------------------------------------------------------

Relay::Stream* Relay::find(const PeerId& peer) {
  for (Stream& stream : streams_) {
    if (stream.peer == peer) return &stream;
  }
  return nullptr;
}

Relay::Stream* Relay::find(std::uint64_t ours) {
  for (Stream& stream : streams_) {
    if (stream.ours == ours) return &stream;
  }
  return nullptr;
}

bool Relay::has(const PeerId& peer) {
  const Stream* stream = find(peer);
  return stream && !stream->finished;
}

Relay::Stream& Relay::add(const PeerId& peer, const Key& sealing_key) {
  Stream& stream = streams_.emplace_back();
  stream.peer = peer;
  stream.sealing_key = sealing_key;
  stream.ours = context_.next_sequence();
  stream.heard = stream.spoke = context_.now;
  stream.mapped = map_.contains(peer);
  return stream;
}

void Relay::erase(const Stream& stream) {
  for (auto one = streams_.begin(); one != streams_.end(); ++one) {
    if (&*one == &stream) return void(streams_.erase(one));
  }
}

void Relay::close(const Stream& stream, Error reason) {
  const PeerId peer = stream.peer;
  const bool finished = stream.finished;
  erase(stream);
  if (!finished) hooks.closed(peer, reason);
}

// ---- What we say --------------------------------------------------------------------------------

Error Relay::open(const PeerId& peer, const Key& sealing_key) {
  if (const Stream* old = find(peer)) erase(*old);
  if (streams_.size() >= limits::relay_streams_max) return Error::busy;
  add(peer, sealing_key);
  return Error::none;
}

bool Relay::has_room(const PeerId& peer) {
  Stream* stream = find(peer);
  if (!stream) return false;
  stream->crowded = !stream->frames.has_room();
  return !stream->crowded;
}

void Relay::send(const PeerId& peer, Channel channel, ByteView frame) {
  Stream* stream = find(peer);
  if (!stream || stream->finished) return;
  Writer out(frame.size() + 1);
  out.u8(static_cast<std::uint8_t>(channel)).raw(frame);
  stream->frames.write(out.take());
  pump(*stream);
}

void Relay::pump(Stream& stream) {
  while (const Bytes* frame = stream.frames.send(context_.now))
    say(stream, stream.frames.sequence(), *frame);
}

void Relay::say(Stream& stream, std::uint64_t sequence, ByteView frame) {
  stream.spoke = context_.now;
  stream.acknowledge_at = never;
  Writer out(frame.size() + 32);
  out.integer(stream.theirs).integer(stream.frames.received()).integer(sequence).raw(frame);
  say(stream.peer, stream.sealing_key, stream.way, stream.ours, Error::none, out.take());
}

void Relay::say(const PeerId& to, const Key& sealing_key, const Envelopes::Way& way,
                std::uint64_t ours, Error reason, Bytes said) {
  Signal signal;
  signal.kind = Signal::Kind::relay;
  signal.attempt = ours;
  signal.sealing_key = context_.config.sealing_key;
  signal.reason = reason;
  signal.relay = std::move(said);
  // What does not leave is sent again in time.
  envelopes_.send(to, sealing_key, signal, way,
                  [this, ours, wanted = way.trail](Error error, std::uint64_t trail) {
                    Stream* stream = find(ours);
                    if (stream && error == Error::none && trail != wanted)
                      stream->way = {trail, false};
                  });
}

void Relay::finish(const PeerId& peer) {
  Stream* stream = find(peer);
  if (!stream) return;
  stream->finished = true;
  if (stream->frames.all_acknowledged()) erase(*stream);
}

void Relay::drop(const PeerId& peer, Error reason) {
  const Stream* stream = find(peer);
  if (!stream) return;
  Writer out(16);
  out.integer(stream->theirs).integer(0).integer(0);
  say(peer, stream->sealing_key, stream->way, stream->ours, reason, out.take());
  erase(*stream);
}

/// `signal` is of no stream that we know, or may not begin one.
void Relay::refuse(const PeerId& to, const Signal& signal, std::uint64_t trail, std::uint64_t ours,
                   Error reason) {
  context_.reject(reason);
  if (signal.reason != Error::none || !refusals_.take(context_.now)) return;
  Writer out(16);
  out.integer(signal.attempt).integer(0).integer(0);
  say(to, signal.sealing_key, {trail, true}, ours, reason, out.take());
}

// ---- What we hear -------------------------------------------------------------------------------

void Relay::receive(const PeerId& from, Signal&& signal, std::uint64_t trail) {
  Reader in(signal.relay);
  const std::uint64_t ours = in.integer();
  const std::uint64_t acknowledged = in.integer();
  const std::uint64_t sequence = in.integer();
  const ByteView frame = in.rest();
  if (!in.ok() || frame.size() > limits::frame_size_max + 1)
    return context_.reject(Error::malformed);
  Stream* stream = find(from);
  const bool known = stream && (ours == stream->ours || ours == 0) &&
                     (signal.attempt == stream->theirs || (ours != 0 && stream->theirs == 0));
  if (!known) {
    if (ours != 0) return refuse(from, signal, trail, ours, Error::no_session);
    stream = sequence == 1 ? admit(from, signal, trail) : nullptr;
    if (!stream) return;
  }
  stream->theirs = signal.attempt;
  stream->sealing_key = signal.sealing_key;
  stream->heard = context_.now;
  if (trail != stream->way.trail) stream->way = {trail, true};
  if (signal.reason != Error::none) return close(*stream, signal.reason);
  acknowledge(*stream, acknowledged);
  if (stream->finished && stream->frames.all_acknowledged()) return erase(*stream);
  if (sequence != 0) take(*stream, sequence, frame);
}

/// Somebody who has not heard us yet begins a stream.
Relay::Stream* Relay::admit(const PeerId& from, const Signal& signal, std::uint64_t trail) {
  // Over a link that is up they can ask directly. If they have lost it we shall notice, too, before
  // they stop asking.
  if (links_.to(from) || signal.reason != Error::none || !begun_.is_news(from, signal.attempt)) {
    context_.reject(Error::duplicate);
    return nullptr;
  }
  Stream* old = find(from);
  if (old && old->theirs == 0 && !old->finished) return old;  // we asked each other
  if (old) close(*old, Error::replaced);
  const auto incoming = std::count_if(streams_.begin(), streams_.end(),
                                      [](const Stream& one) { return one.incoming; });
  if (static_cast<std::size_t>(incoming) >= limits::relay_streams_incoming_max ||
      streams_.size() >= limits::relay_streams_max) {
    refuse(from, signal, trail, 0, Error::busy);
    return nullptr;
  }
  Stream& stream = add(from, signal.sealing_key);
  stream.incoming = true;
  return &stream;
}

void Relay::envelope_failed(const PeerId& target, std::uint64_t trail) {
  Stream* stream = find(target);
  if (!stream || stream->way.trail != trail) return;
  stream->way = {};
  stream->frames.hurry(context_.now);
}

void Relay::acknowledge(Stream& stream, std::uint64_t sequence) {
  const Error error = stream.frames.acknowledge(context_.now, sequence);
  if (error != Error::none) return context_.reject(error);
  pump(stream);
  if (!stream.crowded || !stream.frames.has_room()) return;
  stream.crowded = false;
  context_.emit(SessionWritable{stream.peer});
}

void Relay::take(Stream& stream, std::uint64_t sequence, ByteView frame) {
  stream.acknowledge_at =
      std::min(stream.acknowledge_at, context_.now + limits::relay_acknowledge_ms);
  const Error error = frame.empty() ? Error::malformed : stream.frames.receive(sequence, frame);
  if (error != Error::none) return context_.reject(error);
  const std::uint64_t ours = stream.ours;
  // What is delivered may end the stream.
  for (Stream* open = &stream; open; open = find(ours)) {
    const Bytes next = open->frames.take();
    if (next.empty()) return;
    if (!open->finished) deliver(open->peer, next);
  }
}

void Relay::deliver(const PeerId& from, ByteView frame) {
  const PeerId peer = from;
  const ByteView rest = frame.subspan(1);
  if (frame[0] == static_cast<std::uint8_t>(Channel::application))
    return hooks.application(peer, rest);
  auto message = decode_message(rest);
  if (message && *message) return hooks.message(peer, std::move(**message));
  context_.reject(Error::malformed);
}

// ---- Time ---------------------------------------------------------------------------------------

void Relay::probe_all() {
  constexpr TimeMs patience = limits::relay_keepalive_ms + limits::probe_ms;
  for (Stream& stream : streams_) {
    stream.heard = std::max(stream.heard, context_.now + patience - limits::relay_silence_max_ms);
    stream.spoke = 0;
  }
}

void Relay::map_changed() {
  constexpr TimeMs spent = limits::relay_silence_max_ms - limits::relay_unmapped_ms;
  for (Stream& stream : streams_) {
    const bool mapped = map_.contains(stream.peer);
    if (stream.mapped && !mapped) stream.heard = std::min(stream.heard, context_.now - spent);
    stream.mapped = mapped;
  }
}

void Relay::leave() {
  while (!streams_.empty()) close(streams_.back(), Error::goodbye);
}

TimeMs Relay::due(const Stream& stream) {
  return std::min({stream.heard + limits::relay_silence_max_ms, stream.acknowledge_at,
                   stream.spoke + limits::relay_keepalive_ms, stream.frames.due()});
}

void Relay::tick() {
  for (auto at = streams_.begin(); at != streams_.end();) {
    Stream& stream = *at++;
    if (context_.now < due(stream)) continue;
    if (stream.heard + limits::relay_silence_max_ms <= context_.now) {
      close(stream, Error::silent);
      continue;
    }
    if (stream.frames.expire(context_.now)) stream.way = {};
    pump(stream);
    const TimeMs speak_at =
        std::min(stream.acknowledge_at, stream.spoke + limits::relay_keepalive_ms);
    if (speak_at <= context_.now) say(stream, 0, {});
  }
}

TimeMs Relay::next_timeout() const {
  TimeMs next = never;
  for (const Stream& stream : streams_) next = std::min(next, due(stream));
  return next;
}

}  // namespace membrane
