#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "callback.h"
#include "conduct.h"
#include "context.h"
#include "flat_table.h"
#include "handshake.h"
#include "membrane/limits.h"
#include "message.h"
#include "rate.h"
#include "round_trip.h"

namespace membrane {

/// One connection to another peer, from negotiation to its end.
struct Link {
  enum class Phase : std::uint8_t {
    negotiating,  ///< descriptions and candidates are being exchanged
    proving,      ///< the channels are open, the handshake is not complete
    up,           ///< the peer is proved
  };

  LinkId id = 0;
  bool offerer = false;
  Phase phase = Phase::negotiating;
  /// Whom the link is to: expected before it is up (nothing on first contact), proved afterwards.
  std::optional<PeerId> peer;
  Bytes local_fingerprint;
  Bytes remote_fingerprint;
  TimeMs since = 0;        ///< when the phase began
  TimeMs last_heard = 0;   ///< when anything last came in
  TimeMs ping_sent = 0;    ///< 0 when no ping is under way
  TimeMs probe_until = 0;  ///< when a probe after a wake-up must be answered; 0 when there is none
  TimeMs suspect_since = 0;  ///< 0 while nothing speaks against it
  RoundTrip round_trip;
  bool application = false;  ///< the application wants it: never trimmed
  bool is_first = false;     ///< of our life
  bool consented = false;    ///< both sides agreed on a session while negotiating
  /// When a link that is not needed is closed; `never` until our record has been said without it,
  /// 0 for one that stays.
  TimeMs leaves_at = 0;
  bool is_named = false;     ///< by the newest record of its peer
  bool is_left_out = false;  ///< of that, after it had been named: its peer is about to close it
  Rate envelopes = Rate::per_second(limits::envelopes_per_s, limits::envelopes_burst);
  Rate repeats = Rate::per_second(limits::repeats_per_s, limits::repeats_burst);
  Rate pushes = Rate::per_second(limits::push_kibibytes_per_s, limits::push_kibibytes_burst);
  Rate summaries = Rate::per_second(limits::summaries_per_s, limits::summaries_burst);
  Rate statements = Rate::per_second(limits::statements_per_s, limits::statements_burst);
  std::size_t verifying_kibibytes = 0;  ///< of the statements it handed us
  Rate frames_out = Rate::per_second(limits::frames_per_s, limits::frames_burst);
  Rate frames_in = Rate::per_second(limits::frames_tolerated_per_s, limits::frames_tolerated_burst);

  std::optional<Handshake> handshake;
  bool proof_sent = false;
  bool proof_received = false;
  bool proof_verified = false;
  Bytes fragments;
  /// What came before the proof was checked.
  struct Held {
    Channel channel;
    Bytes data;
  };
  std::vector<Held> held;
  std::size_t held_bytes = 0;

  /// Whether an answer is late: what can go another way should.
  bool is_suspect() const { return suspect_since != 0; }
  /// Whether it is our first link, which tells us now what lies behind us.
  bool greets_us(TimeMs now) const {
    return is_first && now <= since + limits::handshake_timeout_ms;
  }
  /// Whether it is being taken out of the map before it is closed.
  bool is_leaving() const { return leaves_at != 0; }
  /// Whether what can go several ways may go this way.
  bool is_usable() const { return !is_suspect() && !is_leaving() && !is_left_out; }
};

/// The table of links: framing, handshake, liveness. A peer has at most one link that is up; of
/// two, both sides keep the one whose offerer has the lower id, or of the same offerer the one that
/// it opened later; a link to a peer's last life always gives way.
///
/// Whoever does on its link what no honest peer does is blamed (Conduct), and gets no link while it
/// is banned. Frames on the control channel are paced going out, so that one that comes in faster
/// than that is a flood.
class Links {
 public:
  explicit Links(Context& context) : context_(context), conduct_(context) {}

  struct Hooks {
    Callback<void(Link&)> up;
    Callback<void(const Link&, Error)> down;       ///< a link that was up
    Callback<void(const Link&, Error)> abandoned;  ///< a link that never came up
    Callback<void(Link&, Message&&)> message;
    Callback<void(Link&, ByteView)> application;
    Callback<bool()> fresh;  ///< whether we want to be told what lies behind us
    /// What we say of ourselves, of `Capability`. It may be left out.
    Callback<std::uint64_t()> capabilities = {};
    /// A link that is up has become suspect. It may be left out.
    Callback<void(const Link&)> suspected = {};
  };
  Hooks hooks;

  Link& create(bool offerer, const std::optional<PeerId>& peer);
  Link* find(LinkId id);
  /// The link that is up to this place on the ring.
  Link* to(Position peer);
  Link* to(const PeerId& peer);
  /// Links that are up, by place on the ring; the order is the same everywhere.
  const FlatTable<Position, LinkId>& up() const { return up_; }
  std::size_t negotiating() const { return links_.size() - up_.size(); }

  void opened(LinkId id);
  void received(LinkId id, Channel channel, ByteView data);
  /// The host says that the connection is gone.
  void lost(LinkId id) { drop(id, Error::closed); }

  template <typename T>
  void send(const Link& link, const T& message) {
    send_control(link, encode_message(message));
  }
  void send_application(const Link& link, Bytes data);

  /// Ends a link; the other side is told when it is up.
  void close(LinkId id, Error reason);
  void close_all(Error reason);
  /// The peer at this place did on a link of ours what no honest peer does: bad_signature for a
  /// statement that is forged, malformed, oversized, busy for a flood. The link is closed when that
  /// was once too often.
  void blame(Position peer, Error fault);
  const Conduct& conduct() const { return conduct_; }
  /// Pings every link; one that does not answer within limits::probe_ms is given up.
  void probe_all();
  /// Something that was due on this link has not come: it is pinged, and counts as suspect until
  /// anything is received on it. A ping that stays unanswered for the link's patience does the same
  /// by itself, so a link that fell silent is suspect long before it is given up.
  void suspect(Link& link);
  /// How long an answer on this link may take.
  static TimeMs patience(const Link& link) { return link.round_trip.patience_ms(); }

  void tick();
  /// Never later than the first deadline of a link; mostly that itself.
  TimeMs next_timeout() const { return next_; }

 private:
  void receive_control(Link& link, ByteView frame);
  void receive_message(LinkId id, ByteView bytes);
  void hold(Link& link, Channel channel, ByteView data);
  void on_hello(Link& link, const Hello& hello, ByteView frame);
  void on_proof(Link& link, const Proof& proof);
  void advance(LinkId id);
  bool make_room_for(Link& link);
  void ping(Link& link);
  void ping_all_due_soon();
  void on_pong(Link& link);
  void fail(const Link& link, Error fault);
  void drop(LinkId id, Error reason);
  TimeMs silent_at(const Link& link) const;
  TimeMs deadline(const Link& link) const;
  void watch(const Link& link) { next_ = std::min(next_, deadline(link)); }
  void send_control(const Link& link, Bytes bytes);
  void send_frame(const Link& link, Channel channel, Bytes data);

  Context& context_;
  Conduct conduct_;
  LinkId last_id_ = 0;
  FlatTable<LinkId, std::unique_ptr<Link>> links_;
  FlatTable<Position, LinkId> up_;
  TimeMs next_ = never;
};

}  // namespace membrane
