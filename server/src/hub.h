// The meeting point of connections and the matchmaker: delivers notices, keeps every time limit of
// a connection, sends the heartbeats. No sockets and no clock, so it is tested with virtual time.
//
// A member is arriving (accepted, not yet joined), joined, or closing; each state is a list ordered
// by time, so one shared tick finds who is due at the front and no member has a timer of its own.
//
// Always holds: a member is in exactly one of those lists until it is detached; the clients of the
// matchmaker are exactly the rooms of the joined members, each of which has at least one.

#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "conversation.h"
#include "matchmaker.h"
#include "server_limits.h"
#include "upgrade.h"

namespace membrane::server {

struct StateTag;
struct ToldTag;
using StateHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<StateTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using ToldHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<ToldTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One connection as the hub sees it. None of the calls may call back into the hub.
class Member : public StateHook, public ToldHook {
 public:
  Member() = default;
  virtual ~Member() = default;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  /// Queues a text message; false if the member reads too slowly for it.
  virtual bool send(std::string text) = 0;
  /// Closes politely after what is queued; nothing more is received from it.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  /// Ends the connection at once.
  virtual void drop() = 0;

 private:
  friend class Hub;
  enum class State : std::uint8_t { arriving, joined, doubtful, closing, dropped };
  State state_ = State::arriving;
  std::unique_ptr<Conversation> conversation_;
  Time since_{0};  // arriving: accept; joined, doubtful: last heard; closing: its start
  Time told_{0};   // last sent anything
};

class Hub {
 public:
  Hub(const Limits& limits, const std::vector<std::string>& ice_servers)
      : limits_(limits), welcome_(make_welcome_for(ice_servers)), matchmaker_(limits.match) {}
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// A connection was accepted. It must be detached before it is destroyed.
  void attach(Member& member, Time now);
  /// Its upgrade was granted and answered.
  void upgraded(Member& member, Entry entry, Time now);
  /// It sent a text message.
  void received(Member& member, std::string_view text, Time now);
  /// It sent a ping or pong.
  void pinged(Member& member, Time now);
  /// It is being closed by either side: no longer a client, and dropped if it takes too long.
  void closing(Member& member, Time now);
  /// It is gone.
  void detach(Member& member, Time now);

  /// Lets time pass.
  void advance(Time now);
  /// Closes every member politely: the server is going away.
  void close_all(Time now);

  std::size_t members() const { return member_count_; }
  std::size_t clients() const { return matchmaker_.clients(); }

 private:
  using StateList = boost::intrusive::list<Member, boost::intrusive::base_hook<StateHook>,
                                           boost::intrusive::constant_time_size<false>>;
  using ToldList = boost::intrusive::list<Member, boost::intrusive::base_hook<ToldHook>,
                                          boost::intrusive::constant_time_size<false>>;

  std::string make_welcome_for(const std::vector<std::string>& ice_servers) const;
  void move(Member& member, Member::State state, Time since);
  void enter(Member& member, ClientId client, Time now);
  void leave(ClientId client, Time now);
  void retire(Member& member, Time now);
  void heard(Member& member, Time now);
  void react(Member& member, Reaction reaction, Time now);
  void tell(Member& member, std::string text, Time now);
  void shut(Member& member, std::uint16_t code, std::string_view reason, Time now);
  void drop(Member& member, Time now);
  void deliver(Time now);
  void beat(Time now);

  StateList& list_of(Member::State state);

  const Limits& limits_;
  const std::string welcome_;
  Matchmaker matchmaker_;
  std::unordered_map<ClientId, Member*> by_client_;
  StateList arriving_;
  StateList joined_;
  StateList doubtful_;
  StateList closing_;
  ToldList told_;
  std::size_t member_count_ = 0;
};

}  // namespace membrane::server
