#include "v3_conversation.h"

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
  return client_ == 0 ? hello(frame, now) : said(frame, now);
}

Reaction V3Conversation::hello(const Frame& frame, Time now) {
  if (frame.name() != "hello") return error("hello comes first");
  const auto network = frame.text_member(1, "network");
  if (!network) return error("hello names no network");
  if (network->size() > limits_.network_name_bytes_max) return error("network name too long");
  client_ = matchmaker_.join(Vocabulary::v3, *network, now);
  return {welcome_};
}

Reaction V3Conversation::said(const Frame& frame, Time now) {
  const std::string_view name = frame.name();
  if (name == "heartbeat") return {};
  if (name == "ready") {
    matchmaker_.ready(client_, now);
    return {};
  }
  if (name == "answer" || name == "answerCandidate" || name == "refuse") {
    return as_nominee(frame, now);
  }
  return as_asker(frame, now);
}

Reaction V3Conversation::as_asker(const Frame& frame, Time now) {
  const std::string_view name = frame.name();
  const auto request = frame.number(1);
  const bool known =
      name == "offer" || name == "offerCandidate" || name == "report" || name == "done";
  if (!known) return error("unknown message");
  if (!request) return error("no request number");
  if (name == "offer") return offer(frame, *request, now);
  if (name == "offerCandidate") {
    const auto candidate = frame.text(2);
    if (!fits(candidate, limits_.candidate_bytes_max)) return error("bad candidate");
    matchmaker_.offer_candidate(client_, *request, std::string(*candidate), now);
  } else if (name == "report") {
    if (!offers_.take(now)) return error("too many reports");
    matchmaker_.report(client_, *request, now);
  } else {
    matchmaker_.done(client_, *request);
  }
  return {};
}

Reaction V3Conversation::offer(const Frame& frame, std::uint64_t request, Time now) {
  const auto description = frame.text(2);
  if (!fits(description, limits_.description_bytes_max)) return error("bad offer");
  if (!offers_.take(now)) return error("too many offers");
  const Verdict verdict = matchmaker_.offer(client_, request, std::string(*description), now);
  return verdict == Verdict::duplicate ? error("request number in use") : Reaction{};
}

Reaction V3Conversation::as_nominee(const Frame& frame, Time now) {
  const auto ticket = frame.number(1);
  if (!ticket) return error("no ticket");
  if (frame.name() == "answer") return answer(frame, *ticket, now);
  if (frame.name() == "refuse") return after_ticket(matchmaker_.refuse(client_, *ticket, now));
  const auto candidate = frame.text(2);
  if (!fits(candidate, limits_.candidate_bytes_max)) return error("bad candidate");
  return after_ticket(matchmaker_.answer_candidate(client_, *ticket, std::string(*candidate)));
}

Reaction V3Conversation::answer(const Frame& frame, std::uint64_t ticket, Time now) {
  const auto description = frame.text(2);
  if (!fits(description, limits_.description_bytes_max)) {
    matchmaker_.bad_answer(client_, ticket, now);
    return error("bad answer");
  }
  return after_ticket(matchmaker_.answer(client_, ticket, std::string(*description), now));
}

Reaction V3Conversation::after_ticket(Verdict verdict) {
  if (verdict == Verdict::invented) return error("no such ticket");
  if (verdict == Verdict::accepted) messages_.give_back();
  return {};
}

std::string V3Conversation::encode(const Notice& notice) const {
  std::string out = "[\"";
  out += name_of(notice.kind);
  out += "\",";
  out += std::to_string(notice.number);
  if (notice.text) {
    out += ',';
    append_json_string(out, *notice.text);
  }
  return out + ']';
}

std::string make_welcome(const std::vector<std::string>& ice_servers, Time heartbeat_interval) {
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
  return out + "],\"heartbeat_s\":" + std::to_string(seconds) + "}]";
}

}  // namespace membrane::server
