#include "check_loops.h"

#include <string>

#include "digest.h"
#include "message.h"
#include "random.h"
#include "wire.h"

namespace membrane::sim {
namespace {

std::optional<Routed> routed(const Course& course, std::uint64_t name) {
  if (course.back) return std::nullopt;
  return Routed{mix(name, course.trail), course.returned};
}

}  // namespace

std::optional<Routed> routed_in(ByteView frame) {
  static const std::uint64_t envelope = Message(Envelope{}).index() + 1;
  static const std::uint64_t seek = Message(Seek{}).index() + 1;
  Reader in(frame);
  if (const auto type = in.integer(); type != envelope && type != seek) return std::nullopt;
  const auto message = decode_message(frame);
  if (!message || !*message) return std::nullopt;
  if (const auto* found = std::get_if<Envelope>(&**message))
    return routed(found->course, digest(found->sealed, 0));
  if (const auto* found = std::get_if<Seek>(&**message)) return routed(found->course, found->from);
  return std::nullopt;
}

CheckLoops::Visit& CheckLoops::visit(PeerIndex peer, const Routed& message, TimeUs now) {
  if (now >= turned_ + kept_us) {
    old_ = std::move(young_);
    young_.clear();
    turned_ = now;
  }
  const std::uint64_t key = mix(message.name, peer);
  const auto found = old_.find(key);
  Visit& at = found != old_.end() ? found->second : young_[key];
  if (at.passed + at.returned == 0 || at.since + kept_us < now) at = {.since = now};
  return at;
}

void CheckLoops::came(PeerIndex to, const Routed& message, TimeUs now) {
  if (message.returned) ++visit(to, message, now).returned;
}

void CheckLoops::passed_on(PeerIndex from, const Routed& message, TimeUs now) {
  if (message.returned) return;
  Visit& at = visit(from, message, now);
  if (++at.passed <= at.returned + 1) return;
  verdict_.violated("loops", now,
                    "a routed message passes peer " + std::to_string(from) + " for the " +
                        std::to_string(at.passed) + "th time");
}

}  // namespace membrane::sim
