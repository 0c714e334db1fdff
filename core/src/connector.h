#pragma once

#include <string>
#include <vector>

#include "callback.h"
#include "envelope.h"
#include "links.h"
#include "newest.h"
#include "table.h"

namespace membrane {

/// Sets up connections: offers, answers, candidates, through peers (signed and sealed) or through
/// the first-contact server. Candidates trickle: those that gather while a signal is being signed
/// and sealed leave together in the next.
///
/// Two peers that offer to each other at the same time keep the offer of the lower id. An offer is
/// answered once: its number must be higher than that of any offer of the same peer before.
/// Attempts end after limits::connect_timeout_ms; those that others ask for are at most
/// limits::incoming_attempts_max.
class Connector {
 public:
  Connector(Context& context, Links& links, Map& map, Envelopes& envelopes);

  struct Hooks {
    /// An attempt of ours to reach `peer` failed.
    Callback<void(const PeerId& peer, bool application, Error)> failed;
    /// An attempt was answered limits::relay_after_ms ago, and there is no link yet.
    Callback<void(const PeerId& peer, const Key& sealing_key)> late;
    /// Both applications agreed to a session, for which a link is being made.
    Callback<void(const PeerId& peer)> agreed;
    /// An offer of theirs, for which one of ours may have given way, led to no link.
    Callback<void(const PeerId& peer)> offer_failed;
    /// Whether one more link, to this peer, has room.
    Callback<bool(const PeerId& peer, bool application)> has_room;
    /// Looks for whoever lives at this place in our network; `done` may be called at once. Needed
    /// without a whole map.
    Callback<void(Position, Callback<void(bool found)> done)> seek_member = {};
    /// An attempt through the server ended without a link, after an answer or without one.
    Callback<void(LinkId, bool answered)> contact_failed;
  };
  Hooks hooks;

  // ---- Through peers ----------------------------------------------------------------------------
  /// Errors: unreachable (not in the map), busy (an attempt is under way), full (no room). An offer
  /// of the same peer that waits for the application's answer is accepted instead.
  Error open(const PeerId& peer, bool application, bool session);
  bool is_opening(const PeerId& peer) const;
  std::size_t outgoing(bool application) const;
  /// For the ring, ours and others'.
  std::size_t ring_attempts() const;
  void receive(const PeerId& from, Signal&& signal, std::uint64_t trail);
  /// An envelope came to a dead end. Anybody on the way may have sent it back, so it only brings
  /// the next try forward; the deadline decides.
  void envelope_failed(const PeerId& target, std::uint64_t trail);
  /// The application's answer. Error: unknown_request.
  Error answer(RequestId request, bool accept);

  // ---- Through the server -----------------------------------------------------------------------
  LinkId open_contact();
  /// Nobody is there to answer: keeps the connection ready, without a deadline, for offer_again.
  void park(LinkId link);
  /// Offers once more under a new number, to whoever may be there by now.
  void offer_again(LinkId link);
  /// Somebody wants to meet our network. Who names a member of it is refused: it is in it. Without
  /// a whole map the network is asked for that member first, for limits::contact_doubt_ms.
  void contact_request(RequestId ticket, std::string_view sdp);
  void contact_request_candidate(RequestId ticket, std::string_view candidate);
  /// Whether it was the answer to an offer of ours, and a good one.
  bool contact_answer(RequestId request, std::string_view sdp);
  void contact_answer_candidate(RequestId request, std::string_view candidate);
  bool is_answered(LinkId link) const;
  /// The link that this request of ours is about; 0 when there is none.
  LinkId contact_link(RequestId request) const;

  // ---- From the host ----------------------------------------------------------------------------
  void local_description(LinkId link, std::string_view sdp);
  void local_candidate(LinkId link, std::string_view candidate);

  // ---- From the links ---------------------------------------------------------------------------
  void link_up(const Link& link);
  void link_abandoned(const Link& link, Error reason);

  /// Attempts under way; a parked one waits.
  std::size_t size() const;
  void tick();
  TimeMs next_timeout() const;

 private:
  enum class Path : std::uint8_t { peers, contact_offer, contact_answer };

  struct Attempt {
    Path path = Path::peers;
    bool offerer = false;
    bool application = false;
    bool session = false;
    bool described = false;  ///< our description has been sent
    bool answered = false;   ///< the other side's description has been applied
    bool sending = false;    ///< a signal is being signed and sealed
    PeerId peer;
    Key sealing_key{};
    std::uint64_t number = 0;  ///< the attempt's, or the server's request or ticket
    std::uint64_t trail = 0;   ///< that the offer takes, or took
    TimeMs patience_ms = limits::offer_resend_ms;
    std::string sdp;
    std::vector<std::string> candidates;
    std::size_t candidates_sent = 0;
    std::size_t candidates_received = 0;
    TimeMs deadline = 0;
    TimeMs resend_at = 0;  ///< when an offer leaves again; when the answered attempt is late
  };

  /// An offer that waits for the application's answer; or a link that came through the server,
  /// where nobody knows who it is from until it is up.
  struct Waiting {
    PeerId from;
    Signal offer;
    std::uint64_t trail = 0;
    TimeMs until = 0;
    LinkId link = 0;
  };

  /// Candidates that overtook their offer.
  struct Early {
    PeerId from;
    std::uint64_t attempt;
    TimeMs until;
    std::vector<std::string> candidates;
  };

  /// An offer through the server of somebody who may be in our network.
  struct Doubt {
    RequestId ticket = 0;
    std::string sdp;
    std::vector<std::string> candidates;
    TimeMs until = 0;
  };

  Attempt& start(Link& link, Path path, const PeerId& peer, std::uint64_t number);
  std::pair<LinkId, Attempt*> find(const PeerId& peer, std::uint64_t number, bool offerer);
  std::pair<LinkId, Attempt*> find(Path path, std::uint64_t number);
  std::string contact_offer(const std::string& sdp);
  void refuse_contact(RequestId ticket, Error reason);
  void accept_contact(RequestId ticket, std::string_view sdp);
  void decide(RequestId ticket, bool is_stranger);
  bool renew_question(const PeerId& from, Signal& offer, std::uint64_t trail);
  void ask(const PeerId& from, Signal&& offer, std::uint64_t trail, LinkId link);
  void receive_offer(const PeerId& from, Signal&& offer, std::uint64_t trail);
  bool agree(const PeerId& peer, bool session);
  bool yield_to(const PeerId& from, bool& agreed);
  void accept_offer(const PeerId& from, Signal&& offer, std::uint64_t trail);
  void receive_answer(const PeerId& from, const Signal& answer);
  bool apply_answer(LinkId link, Attempt& attempt, std::string_view sdp);
  void receive_candidates(const PeerId& from, const Signal& signal);
  void add_candidate(LinkId link, Attempt& attempt, std::string_view candidate);
  void refuse(const PeerId& from, const Signal& offer, std::uint64_t trail, Error reason);
  void send_description(LinkId link, Attempt& attempt);
  void send_candidates(LinkId link, Attempt& attempt);
  void send_contact_candidates(Attempt& attempt);
  void send_signal(LinkId link, Attempt& attempt, Signal&& signal);
  void abandon(LinkId link, Error reason);
  TimeMs due(const Attempt& attempt) const;

  Context& context_;
  Links& links_;
  Map& map_;
  Envelopes& envelopes_;
  Table<LinkId, Attempt> attempts_;
  Table<RequestId, Waiting> waiting_;
  std::vector<Early> early_;
  std::vector<Doubt> doubts_;
  Newest offers_;
  Rate incoming_rate_ = Rate::every_ms(limits::incoming_interval_ms, limits::incoming_burst);
};

}  // namespace membrane
