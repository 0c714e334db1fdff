#include "v3_conversation.h"

#include <algorithm>

#include "encoding.h"

namespace membrane::server {
namespace {

// `reason` is a literal without characters that JSON would escape.
Reaction error(std::string_view reason) {
  return {"[\"error\",\"" + std::string(reason) + "\"]", close_policy, reason};
}

bool fits(const std::optional<std::string_view>& text, std::size_t bytes_max) {
  return text && !text->empty() && text->size() <= bytes_max;
}

// The room of whatever is not said in another one.
constexpr std::uint64_t plain_room = 0;

// What the client is told, as it is told in a room; nothing stays nothing.
std::string in_room(std::uint64_t number, std::string message) {
  if (number == plain_room || message.empty()) return message;
  return "[\"room\"," + std::to_string(number) + ',' + message + ']';
}

std::string_view name_of(Notice::Kind kind) {
  switch (kind) {
    case Notice::Kind::request:
      return "request";
    case Notice::Kind::offer_candidate:
      return "offerCandidate";
    case Notice::Kind::answer:
      return "answer";
    case Notice::Kind::answer_candidate:
      return "answerCandidate";
    case Notice::Kind::unresolved:
      return "unresolved";
    case Notice::Kind::failed:
      return "failed";
  }
  return {};
}

}  // namespace

Reaction V3Conversation::received(std::string_view text, Time now) {
  if (!messages_.take(now)) return error("too many messages");
  const Frame frame(text);
  if (!frame.valid()) return error("not a message");
  if (rooms_.empty() && frame.name() != "hello") return error("hello comes first");
  if (frame.name() == "heartbeat") return {};
  if (frame.name() != "room") return said_in(plain_room, frame, now);
  const auto number = frame.number(1);
  const Message message = frame.message(2);
  if (!number || *number == plain_room || !message.valid()) return error("bad room");
  return said_in(*number, message, now);
}

Reaction V3Conversation::said_in(std::uint64_t number, const Message& message, Time now) {
  const auto room = std::find_if(rooms_.cbegin(), rooms_.cend(),
                                 [&](const Room& each) { return each.number == number; });
  if (room == rooms_.cend()) return hello(number, message, now);
  if (message.name() == "leave") return leave(room);
  Reaction reaction = said(room->client, message, now);
  if (reaction.close_code == 0) reaction.reply = in_room(number, std::move(reaction.reply));
  return reaction;
}

Reaction V3Conversation::hello(std::uint64_t number, const Message& message, Time now) {
  if (message.name() != "hello") return error("hello comes first");
  if (rooms_.size() >= limits_.rooms_per_line_max) return error("too many rooms");
  const auto network = message.text_member(1, "network");
  if (!network) return error("hello names no network");
  if (network->size() > limits_.network_name_bytes_max) return error("network name too long");
  const ClientId client = matchmaker_.join(Vocabulary::v3, *network, now);
  rooms_.push_back({number, client});
  return {.reply = in_room(number, welcome_), .entered = client};
}

// The last room stays until the host has ended the connection, as it ends any other.
Reaction V3Conversation::leave(std::vector<Room>::const_iterator room) {
  if (rooms_.size() == 1) return {{}, close_normal, "goodbye"};
  const ClientId client = room->client;
  rooms_.erase(room);
  return {.left = client};
}

Reaction V3Conversation::said(ClientId client, const Message& message, Time now) {
  const std::string_view name = message.name();
  if (name == "ready") {
    matchmaker_.ready(client, now);
    return {};
  }
  if (name == "answer" || name == "answerCandidate" || name == "refuse") {
    return as_nominee(client, message, now);
  }
  return as_asker(client, message, now);
}

Reaction V3Conversation::as_asker(ClientId client, const Message& message, Time now) {
  const std::string_view name = message.name();
  const auto request = message.number(1);
  if (name == "hello") return error("hello comes once");
  const bool known =
      name == "offer" || name == "offerCandidate" || name == "report" || name == "done";
  if (!known) return error("unknown message");
  if (!request) return error("no request number");
  if (name == "offer") return offer(client, *request, message, now);
  if (name == "report") return report(client, *request, now);
  if (name == "offerCandidate") {
    const auto candidate = message.text(2);
    if (!fits(candidate, limits_.candidate_bytes_max)) return error("bad candidate");
    matchmaker_.offer_candidate(client, *request, std::string(*candidate), now);
  } else {
    matchmaker_.done(client, *request);
  }
  return {};
}

Reaction V3Conversation::offer(ClientId asker, std::uint64_t request, const Message& message,
                               Time now) {
  const auto description = message.text(2);
  if (!fits(description, limits_.description_bytes_max)) return error("bad offer");
  if (!offers_.take(now)) return too_often(asker, request);
  const Verdict verdict = matchmaker_.offer(asker, request, std::string(*description), now);
  return verdict == Verdict::duplicate ? error("request number in use") : Reaction{};
}

Reaction V3Conversation::report(ClientId asker, std::uint64_t request, Time now) {
  if (!offers_.take(now)) return too_often(asker, request);
  matchmaker_.report(asker, request, now);
  return {};
}

Reaction V3Conversation::too_often(ClientId asker, std::uint64_t request) {
  matchmaker_.done(asker, request);
  return {"[\"failed\"," + std::to_string(request) + ']'};
}

Reaction V3Conversation::as_nominee(ClientId client, const Message& message, Time now) {
  const auto ticket = message.number(1);
  if (!ticket) return error("no ticket");
  if (message.name() == "answer") return answer(client, *ticket, message, now);
  if (message.name() == "refuse") return after_ticket(matchmaker_.refuse(client, *ticket, now));
  const auto candidate = message.text(2);
  if (!fits(candidate, limits_.candidate_bytes_max)) return error("bad candidate");
  return after_ticket(matchmaker_.answer_candidate(client, *ticket, std::string(*candidate)));
}

Reaction V3Conversation::answer(ClientId nominee, std::uint64_t ticket, const Message& message,
                                Time now) {
  const auto description = message.text(2);
  if (!fits(description, limits_.description_bytes_max)) {
    matchmaker_.bad_answer(nominee, ticket, now);
    return error("bad answer");
  }
  return after_ticket(matchmaker_.answer(nominee, ticket, std::string(*description), now));
}

Reaction V3Conversation::after_ticket(Verdict verdict) {
  if (verdict == Verdict::invented) return error("no such ticket");
  if (verdict == Verdict::accepted) messages_.give_back();
  return {};
}

std::string V3Conversation::encode(const Notice& notice) const {
  const auto room = std::find_if(rooms_.begin(), rooms_.end(),
                                 [&](const Room& each) { return each.client == notice.to; });
  std::string out = "[\"";
  out += name_of(notice.kind);
  out += "\",";
  out += std::to_string(notice.number);
  if (notice.text) {
    out += ',';
    append_json_string(out, *notice.text);
  }
  return in_room(room->number, out + ']');
}

std::string make_welcome(const std::vector<std::string>& ice_servers, Time heartbeat_interval,
                         std::size_t rooms_max) {
  std::string out = "[\"welcome\",{\"iceServers\":[";
  std::string_view separator;
  for (const std::string& url : ice_servers) {
    out += separator;
    out += "{\"urls\":";
    append_json_string(out, url);
    out += '}';
    separator = ",";
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(heartbeat_interval).count();
  return out + "],\"heartbeat_s\":" + std::to_string(seconds) +
         ",\"rooms\":" + std::to_string(rooms_max) + "}]";
}

}  // namespace membrane::server
