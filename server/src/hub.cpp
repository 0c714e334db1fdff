#include "hub.h"

#include <utility>

#include "v2_conversation.h"
#include "v3_conversation.h"

namespace membrane::server {
namespace {

constexpr std::uint16_t close_going_away = 1001;

// Visits the members at the front of a list while they are due. The visit must take the member out
// of the list or move it to the back with a later time.
template <class List, class Due, class Visit>
void for_each_due(List& list, Due due, Visit visit) {
  while (!list.empty() && due(list.front())) visit(list.front());
}

}  // namespace

std::string Hub::make_welcome_for(const std::vector<std::string>& ice_servers) const {
  return make_welcome(ice_servers, limits_.socket.heartbeat_interval,
                      limits_.talk.rooms_per_line_max);
}

void Hub::attach(Member& member, Time now) {
  ++member_count_;
  member.since_ = now;
  arriving_.push_back(member);
}

void Hub::upgraded(Member& member, Entry entry, Time now) {
  if (entry.vocabulary == Vocabulary::v2) {
    member.conversation_ =
        std::make_unique<V2Conversation>(matchmaker_, limits_.talk, std::move(entry.v2_offer), now);
  } else {
    member.conversation_ =
        std::make_unique<V3Conversation>(matchmaker_, limits_.talk, welcome_, now);
  }
  react(member, member.conversation_->opened(now), now);
}

void Hub::received(Member& member, std::string_view text, Time now) {
  if (member.state_ >= Member::State::closing) return;
  heard(member, now);
  react(member, member.conversation_->received(text, now), now);
}

void Hub::pinged(Member& member, Time now) {
  if (member.state_ >= Member::State::closing) return;
  heard(member, now);
  if (!member.conversation_->pinged(now)) shut(member, close_policy, "too many pings", now);
  deliver(now);
}

void Hub::closing(Member& member, Time now) {
  retire(member, now);
  deliver(now);
}

// Takes a member out of everything but the list of those that close. Notices are left to the
// caller.
void Hub::retire(Member& member, Time now) {
  if (member.state_ >= Member::State::closing) return;
  if (member.conversation_) {
    for (const Room& room : member.conversation_->rooms()) leave(room.client, now);
  }
  static_cast<ToldHook&>(member).unlink();
  move(member, Member::State::closing, now);
}

void Hub::detach(Member& member, Time now) {
  closing(member, now);
  static_cast<StateHook&>(member).unlink();
  --member_count_;
}

void Hub::move(Member& member, Member::State state, Time since) {
  static_cast<StateHook&>(member).unlink();
  member.state_ = state;
  member.since_ = since;
  list_of(state).push_back(member);
}

Hub::StateList& Hub::list_of(Member::State state) {
  switch (state) {
    case Member::State::arriving:
      return arriving_;
    case Member::State::joined:
      return joined_;
    case Member::State::doubtful:
      return doubtful_;
    case Member::State::closing:
    case Member::State::dropped:
      return closing_;
  }
  return closing_;
}

void Hub::enter(Member& member, ClientId client, Time now) {
  by_client_.emplace(client, &member);
  if (member.state_ != Member::State::arriving) return;
  move(member, Member::State::joined, now);
  member.told_ = now;
  told_.push_back(member);
}

void Hub::leave(ClientId client, Time now) {
  by_client_.erase(client);
  matchmaker_.leave(client, now);
}

void Hub::heard(Member& member, Time now) {
  if (member.state_ == Member::State::arriving) return;
  move(member, Member::State::joined, now);
  for (const Room& room : member.conversation_->rooms()) matchmaker_.heard(room.client, now);
}

void Hub::react(Member& member, Reaction reaction, Time now) {
  if (reaction.entered != 0) enter(member, reaction.entered, now);
  if (reaction.left != 0) leave(reaction.left, now);
  if (!reaction.reply.empty()) tell(member, std::move(reaction.reply), now);
  if (reaction.close_code != 0) shut(member, reaction.close_code, reaction.close_reason, now);
  deliver(now);
}

void Hub::tell(Member& member, std::string text, Time now) {
  if (!member.send(std::move(text))) return drop(member, now);
  if (!static_cast<ToldHook&>(member).is_linked()) return;
  member.told_ = now;
  told_.splice(told_.end(), told_, ToldList::s_iterator_to(member));
}

void Hub::shut(Member& member, std::uint16_t code, std::string_view reason, Time now) {
  if (member.state_ >= Member::State::closing) return;
  retire(member, now);
  member.close(code, reason);
}

void Hub::drop(Member& member, Time now) {
  retire(member, now);
  if (member.state_ == Member::State::dropped) return;
  static_cast<StateHook&>(member).unlink();
  member.state_ = Member::State::dropped;
  member.drop();
}

// A delivery may drop a slow reader, which makes new notices: taken in the next round.
void Hub::deliver(Time now) {
  for (auto notices = matchmaker_.take_notices(); !notices.empty();
       notices = matchmaker_.take_notices()) {
    for (const Notice& notice : notices) {
      const auto found = by_client_.find(notice.to);
      if (found == by_client_.end()) continue;
      tell(*found->second, found->second->conversation_->encode(notice), now);
    }
  }
}

void Hub::advance(Time now) {
  const SocketLimits& limits = limits_.socket;
  const auto after = [&](Time limit) {
    return [now, limit](const Member& member) { return now - member.since_ >= limit; };
  };
  for_each_due(arriving_, after(limits.handshake_timeout), [&](Member& m) { drop(m, now); });
  for_each_due(joined_, after(limits.doubtful_after), [&](Member& m) {
    for (const Room& room : m.conversation_->rooms()) matchmaker_.doubt(room.client, now);
    move(m, Member::State::doubtful, m.since_);
  });
  for_each_due(doubtful_, after(limits.silence_timeout), [&](Member& m) { drop(m, now); });
  for_each_due(closing_, after(limits.closing_timeout), [&](Member& m) { drop(m, now); });
  matchmaker_.advance(now);
  beat(now);
  deliver(now);
}

void Hub::beat(Time now) {
  std::size_t left = limits_.socket.heartbeats_per_tick_max;
  const auto due = [&](const Member& member) {
    return left > 0 && now - member.told_ >= limits_.socket.heartbeat_interval;
  };
  for_each_due(told_, due, [&](Member& member) {
    --left;
    tell(member, "[\"heartbeat\"]", now);
  });
}

void Hub::close_all(Time now) {
  for (StateList* list : {&arriving_, &joined_, &doubtful_}) {
    while (!list->empty()) shut(list->front(), close_going_away, "server stops", now);
  }
}

}  // namespace membrane::server
