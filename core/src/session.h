#pragma once

#include "callback.h"
#include "links.h"
#include "relay.h"
#include "table.h"

namespace membrane {

/// Sessions: two peers that both agreed to talk. One asks, the other's application answers; both
/// asking at once is agreement. Only in a session do application messages pass, in pieces, several
/// at a time, each with its number.
///
/// All of it goes one way: over the stream of relayed frames if there is one to the peer, else over
/// the link. Consent that came over the link ends the stream, so both sides take the same way. A
/// session ends with its way.
///
/// The two channels of a link do not wait for each other: what ends a session may overtake what was
/// written before. So it says how much that was, and whoever hears it takes that first.
class Sessions {
 public:
  Sessions(Context& context, Links& links, Relay& relay)
      : context_(context), links_(links), relay_(relay) {}

  struct Hooks {
    Callback<void(const PeerId& peer, Error reason)>
        refused;  ///< the peer did not agree, or did not answer
  };
  Hooks hooks;

  bool is_open(const PeerId& peer) const;
  /// Asks a peer to which there is a way.
  void ask(const PeerId& peer);
  /// Asks over relays.
  void ask(const PeerId& peer, const Key& sealing_key);
  /// Our application has agreed before this peer asks.
  void expect(const PeerId& peer);
  /// `consented`: both agreed already, while negotiating.
  void link_up(const Link& link);
  /// The application's answer. Error: unknown_request.
  Error answer(RequestId request, bool accept);
  /// Also takes back what was asked for. Error: no_session, when there was neither.
  Error close(const PeerId& peer, Error reason);
  /// Errors: no_session, oversized, busy, invalid_argument (a piece that does not follow from those
  /// before; the first is of message 0).
  Error write(const PeerId& peer, std::uint64_t message, std::uint8_t flags, std::uint64_t total,
              ByteView data);

  /// What has come over the link or, `relayed`, over the stream.
  void receive(const PeerId& from, const Message& message, bool relayed);
  void receive_application(const PeerId& from, ByteView data, bool relayed);
  void link_down(const PeerId& peer, Error reason);
  void way_down(const PeerId& peer, Error reason);

  std::size_t size() const { return open_.size(); }
  void tick();
  TimeMs next_timeout() const;

 private:
  /// One direction of a session: the messages under way, each with the bytes still to come.
  struct Stream {
    struct Progress {
      std::uint64_t total = 0;
      std::uint64_t done = 0;
    };
    Table<std::uint64_t, Progress> messages;
    /// Checks that a piece follows from those before and takes it in. Errors: malformed, full.
    Error take(std::uint64_t message, std::uint8_t flags, std::uint64_t total, std::size_t size);
  };
  struct Session {
    PeerId peer;
    Stream in;
    Stream out;
    std::uint64_t taken = 0;    ///< pieces of theirs
    std::uint64_t written = 0;  ///< pieces of ours
    /// They have ended it, and some of what they wrote before is on its way; until when.
    std::optional<SessionEnd> end{};
    TimeMs end_due = never;
    bool asked_again = false;  ///< meanwhile, for the next one
  };
  /// Something asked, and until when the answer is waited for.
  struct Question {
    PeerId peer;
    TimeMs until;
  };

  template <typename T>
  void send(const PeerId& peer, const T& message);
  void receive_ask(const PeerId& peer, bool relayed);
  void receive_accept(const PeerId& peer, bool relayed);
  void receive_refuse(const PeerId& peer);
  void receive_end(const PeerId& peer, const SessionEnd& end);
  /// They have ended it.
  void over(const PeerId& peer, Error reason);
  void open(const PeerId& peer, bool relayed);
  void refuse(const PeerId& peer);
  void drop_questions(const PeerId& peer);

  Context& context_;
  Links& links_;
  Relay& relay_;
  // By place on the ring: two peers with one place are never both in the network.
  Table<Position, Session> open_;
  Table<Position, Question> asked_;       ///< we asked
  Table<Position, Question> expected_;    ///< our application agreed before they asked
  Table<RequestId, Question> questions_;  ///< they asked; our application thinks
  Rate question_rate_ = Rate::per_second(limits::questions_per_s, limits::questions_burst);
};

}  // namespace membrane
