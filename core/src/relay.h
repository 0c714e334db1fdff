#pragma once

#include <list>

#include "callback.h"
#include "envelope.h"
#include "newest.h"
#include "relay_stream.h"

namespace membrane {

/// Carries sessions to peers that no link leads to: streams of what a link would carry for them, in
/// sealed signals over whatever route the map has. docs/protocol.md "Relayed sessions".
///
/// Each end numbers the stream with its own next sequence and names both numbers in all it says, so
/// nothing said in one stream counts in another; a stream begins with a number that is higher than
/// any before. A peer has at most one stream, and none begins while a link to it is up. At most
/// limits::relay_streams_max, of which others begin limits::relay_streams_incoming_max. A stream
/// whose other end was not heard for limits::relay_silence_max_ms ends.
class Relay {
 public:
  Relay(Context& context, Links& links, Map& map, Envelopes& envelopes)
      : context_(context), links_(links), map_(map), envelopes_(envelopes) {}

  struct Hooks {
    Callback<void(const PeerId& from, Message&&)> message;
    Callback<void(const PeerId& from, ByteView)> application;
    Callback<void(const PeerId& peer, Error)> closed;  ///< not by drop() or finish()
  };
  Hooks hooks;

  /// A stream to `peer` over which nothing has been said yet. Error: busy.
  Error open(const PeerId& peer, const Key& sealing_key);
  bool has(const PeerId& peer);
  /// Whether a frame of the application may be sent. If not, SessionWritable will tell.
  bool has_room(const PeerId& peer);
  void send(const PeerId& peer, Channel channel, ByteView frame);
  /// Nothing more is said or heard; what was said still arrives.
  void finish(const PeerId& peer);
  /// Ends it at once; the other side is told.
  void drop(const PeerId& peer, Error reason);

  void receive(const PeerId& from, Signal&& signal, std::uint64_t trail);
  /// It came to a dead end, or somebody on the way says so: the next one leaves sooner.
  void envelope_failed(const PeerId& target, std::uint64_t trail);
  /// We slept: the other ends have to be heard anew.
  void probe_all();
  /// Whoever is not in the map any more, and was, has little time left to be heard.
  void map_changed();
  void leave();

  std::size_t size() const { return streams_.size(); }
  void tick();
  TimeMs next_timeout() const;

 private:
  struct Stream {
    PeerId peer;
    Key sealing_key{};
    std::uint64_t ours = 0;
    std::uint64_t theirs = 0;  ///< 0 until they have been heard
    bool finished = false;
    bool crowded = false;  ///< the application waits for room
    bool incoming = false;
    bool mapped = false;
    Envelopes::Way way;  ///< the last that brought something from them, or is tried
    TimeMs heard = 0;
    TimeMs spoke = 0;
    TimeMs acknowledge_at = never;
    RelayStream frames;
  };

  Stream* find(const PeerId& peer);
  Stream* find(std::uint64_t ours);
  Stream& add(const PeerId& peer, const Key& sealing_key);
  void erase(const Stream& stream);
  Stream* admit(const PeerId& from, const Signal& signal, std::uint64_t trail);
  void acknowledge(Stream& stream, std::uint64_t sequence);
  void take(Stream& stream, std::uint64_t sequence, ByteView frame);
  void deliver(const PeerId& from, ByteView frame);
  void pump(Stream& stream);
  void say(Stream& stream, std::uint64_t sequence, ByteView frame);
  void say(const PeerId& to, const Key& sealing_key, const Envelopes::Way& way, std::uint64_t ours,
           Error reason, Bytes said);
  void refuse(const PeerId& to, const Signal& signal, std::uint64_t trail, std::uint64_t ours,
              Error reason);
  void close(const Stream& stream, Error reason);
  static TimeMs due(const Stream& stream);

  Context& context_;
  Links& links_;
  Map& map_;
  Envelopes& envelopes_;
  std::list<Stream> streams_;  ///< in the order in which they began
  Newest begun_;               ///< streams of others
  Rate refusals_ = Rate::per_second(limits::relay_refusals_per_s, limits::relay_refusals_burst);
};

}  // namespace membrane
