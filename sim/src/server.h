#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "stage.h"

namespace membrane::sim {

/// The simulated first-contact server: what docs/first-contact.md says of nominations, requests and
/// tickets, with a member chosen by chance instead of by turns, and without its rate limits.
///
/// A host's connection to it takes three round trips to make. A host that is silent (it sleeps,
/// crashed, or is behind a wall) is nominated for 12 s more and dropped after 20 s.
class Server {
 public:
  explicit Server(Stage& stage) : stage_(stage), up_(stage.options.server) {}

  bool is_up() const { return up_; }
  void start();
  void stop();

  // ---- Hosts ------------------------------------------------------------------------------------
  /// A host connects, after this time and three round trips.
  void connect(PeerIndex peer, TimeUs after_us);
  void say(PeerIndex peer, const ContactSend& said);
  /// It left, or its machine closed the connection for it.
  void disconnect(PeerIndex peer);
  /// Nothing is heard of it from now on.
  void silent(PeerIndex peer);
  /// It can be heard again; connects anew when it was dropped. Whether it has to.
  bool audible(PeerIndex peer);
  void wall_changed();
  /// Members that may be nominated now.
  std::size_t routable() const { return ready_.size(); }

  // ---- What comes due ---------------------------------------------------------------------------
  /// Whether an event from the server belongs to the connection that the host has now.
  bool concerns(PeerIndex peer, Kind kind, const Payload& payload);
  void hears(PeerIndex peer, Payload&& payload);
  void misses(PeerIndex peer, const Payload& payload);
  void drops(PeerIndex peer, const Payload& payload);
  void gives_up(const Payload& payload);

 private:
  struct Client {
    std::uint32_t epoch = 0;    ///< counts its connections
    std::uint32_t silence = 0;  ///< counts its silences
    bool connecting = false;
    bool connected = false;
    bool is_silent = false;
    bool is_member = false;     ///< said that it is ready
    std::uint32_t place = ~0u;  ///< among those that may be nominated
    TimeUs last_said_us = 0;
    TimeUs last_heard_us = 0;
  };
  using Name = std::pair<PeerIndex, RequestId>;
  struct Request {
    std::string offer;
    std::vector<std::string> candidates;
    std::vector<PeerIndex> asked;
    RequestId ticket = 0;
    PeerIndex nominee = nobody;
    bool answered = false;
    std::uint32_t failures = 0;
    std::uint32_t refusals = 0;
  };

  Client& client(PeerIndex peer);
  void set_routable(PeerIndex peer, bool routable);
  void reply(PeerIndex peer, Kind kind, RequestId number, std::string_view text);
  void nominate(const Name& name, Request& request);
  PeerIndex choose(PeerIndex asker, const Request& request);
  void end(const Name& name, Kind outcome);
  void next(const Name& name, Request& request);
  Request* under(RequestId ticket, PeerIndex nominee, Name& name);
  void forget(PeerIndex peer);

  void hear_offer(PeerIndex peer, RequestId number, std::string&& text);
  void hear_candidate(PeerIndex peer, RequestId number, std::string&& text);
  void hear_nominee(PeerIndex peer, ContactSend::Kind kind, RequestId ticket,
                    const std::string& text);
  void hear_report(PeerIndex peer, RequestId number);

  Stage& stage_;
  bool up_;
  std::vector<Client> clients_;
  std::vector<PeerIndex> ready_;
  RequestId last_ticket_ = 0;
  std::map<Name, Request> requests_;
  std::unordered_map<RequestId, Name> tickets_;  ///< never iterated
};

}  // namespace membrane::sim
