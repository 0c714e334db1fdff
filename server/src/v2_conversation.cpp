#include "v2_conversation.h"

#include "encoding.h"
#include "frame.h"

namespace membrane::server {
namespace {

constexpr std::uint64_t bind_request = 0;
constexpr std::uint64_t only_room = 0;

Reaction too_often() { return {{}, close_policy, "too many messages"}; }

}  // namespace

Reaction V2Conversation::opened(Time now) {
  client_ = matchmaker_.join(Vocabulary::v2, {}, now);
  rooms_.push_back({only_room, client_});
  if (offer_) {
    matchmaker_.offer(client_, bind_request, std::move(*offer_), now);
    offer_.reset();
  } else {
    matchmaker_.ready(client_, now);
  }
  return {.entered = client_};
}

Reaction V2Conversation::received(std::string_view text, Time now) {
  if (!messages_.take(now)) return too_often();
  const Frame frame(text);
  if (!frame.valid()) return malformed(now);
  const std::string_view name = frame.name();
  if (name == "heartbeat") return {};
  if (name == "forceClosing") return {{}, close_normal, "goodbye"};
  if (name == "reportNode") {
    // Whatever id is named: a client can only speak of the nominee that answered it.
    if (!offers_.take(now)) return too_often();
    matchmaker_.report(client_, bind_request, now);
    return {};
  }
  if (name == "returnSDP") {
    const auto answer = frame.text(1);
    const auto ticket = frame.number(2);
    return answer && ticket ? answered(*answer, *ticket, now) : malformed(now);
  }
  if (name == "ignoreSDPRequest") {
    const auto ticket = frame.number(1);
    if (!ticket || matchmaker_.refuse(client_, *ticket, now) == Verdict::invented) {
      return malformed(now);
    }
    return {};
  }
  return malformed(now);
}

Reaction V2Conversation::answered(std::string_view answer, std::uint64_t ticket, Time now) {
  const Verdict verdict = is_description(answer, "answer")
                              ? matchmaker_.answer(client_, ticket, std::string(answer), now)
                              : matchmaker_.bad_answer(client_, ticket, now);
  if (verdict == Verdict::invented) return malformed(now);
  if (verdict == Verdict::accepted) messages_.give_back();
  return {};
}

Reaction V2Conversation::malformed(Time now) {
  matchmaker_.bad_data(client_, now);
  if (++bad_messages_ < limits_.bad_messages_max) return {};
  return {{}, close_policy, "malformed messages"};
}

std::string V2Conversation::encode(const Notice& notice) const {
  std::string out;
  switch (notice.kind) {
    case Notice::Kind::request:
      // The offer is base64, which JSON need not escape.
      out.reserve(notice.text->size() + 48);
      out = "[\"requestSDP\",\"";
      out += *notice.text;
      return out + "\"," + std::to_string(notice.number) + ']';
    case Notice::Kind::answer:
      out = "[\"provideSDP\",";
      append_json_string(out, *notice.text);
      return out + ']';
    case Notice::Kind::unresolved:
      return "[\"provideSDP\",\"unresolved\"]";
    case Notice::Kind::failed:
      return "[\"ERROR\"]";
    case Notice::Kind::offer_candidate:
    case Notice::Kind::answer_candidate:
      break;  // v2 has no candidates, so the matchmaker was never given any.
  }
  return out;
}

}  // namespace membrane::server
