#pragma once

#include <functional>
#include <map>
#include <set>

#include "links.h"

namespace membrane {

/// Sessions: two linked peers that both agreed to talk. One asks, the other's application answers;
/// both asking at once is agreement. Only in a session do application messages pass, in pieces,
/// several at a time, each with its number. A session ends with its link.
class Sessions {
 public:
  Sessions(Context& context, Links& links) : context_(context), links_(links) {}

  struct Hooks {
    std::function<void(const PeerId& peer, Error reason)>
        refused;  ///< the peer did not agree, or did not answer
  };
  Hooks hooks;

  bool is_open(const PeerId& peer) const;
  /// Asks the peer at the other end of a link that is up.
  void ask(const Link& link);
  /// Both agreed already, while negotiating.
  void agreed(const Link& link);
  /// The application's answer. Error: unknown_request.
  Error answer(RequestId request, bool accept);
  /// Also takes back what was asked for. Error: no_session, when there was neither.
  Error close(const PeerId& peer, Error reason);
  /// Errors: no_session, oversized, invalid_argument (a piece that does not follow the one before).
  Error write(const PeerId& peer, std::uint64_t message, std::uint8_t flags, std::uint64_t total,
              ByteView data);

  void receive(const Link& link, const SessionAsk&);
  void receive(const Link& link, const SessionAccept&);
  void receive(const Link& link, const SessionRefuse&);
  void receive(const Link& link, const SessionEnd& end);
  void receive_application(const Link& link, ByteView data);
  void link_down(const PeerId& peer, Error reason);

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
    std::map<std::uint64_t, Progress> messages;
    /// Checks that a piece follows from those before and takes it in. Errors: malformed, full.
    Error take(std::uint64_t message, std::uint8_t flags, std::uint64_t total, std::size_t size);
  };
  struct Session {
    PeerId peer;
    Stream in;
    Stream out;
  };
  struct Question {
    PeerId peer;
    TimeMs until;
  };

  void open(const PeerId& peer);
  void drop_questions(const PeerId& peer);

  Context& context_;
  Links& links_;
  // By place on the ring: two peers with one place are never both linked.
  std::map<Position, Session> open_;
  std::map<Position, TimeMs> asked_;         ///< we asked; until when we wait
  std::map<RequestId, Question> questions_;  ///< they asked; our application thinks
};

}  // namespace membrane
