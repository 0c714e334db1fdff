#include "membrane/error.h"

#include <array>

namespace membrane {

const char* error_text(Error error) {
  static constexpr std::array phrases = {
      "no error",     "malformed",       "oversized",     "bad signature",    "stale",
      "duplicate",    "wrong network",   "wrong version", "wrong peer",       "proof failed",
      "own identity", "not ready",       "no session",    "unknown peer",     "unknown link",
      "unknown job",  "unknown request", "unreachable",   "refused",          "full",
      "busy",         "timed out",       "silent",        "closed",           "goodbye",
      "replaced",     "trimmed",         "too far",       "left the network", "invalid argument",
  };
  static_assert(phrases.size() == static_cast<std::size_t>(Error::count_));
  const auto index = static_cast<std::size_t>(error);
  return index < phrases.size() ? phrases[index] : "unknown error";
}

}  // namespace membrane
