#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace membrane {

/// Why an input was not taken, a message was dropped or an undertaking ended. The core has no
/// exceptions; whatever can fail says so with one of these. Each has a phrase (error_text) and a
/// counter (Node::counters).
enum class Error : std::uint8_t {
  none = 0,
  malformed,         ///< bytes that do not parse
  oversized,         ///< longer than the limit for its kind
  bad_signature,     ///< the signature does not fit the key, or the seal does not open
  stale,             ///< a statement older than the one that is known
  duplicate,         ///< known already
  wrong_network,     ///< the other side is in a network of another name
  wrong_version,     ///< no protocol version in common
  wrong_peer,        ///< proved to be somebody, but not the one expected
  proof_failed,      ///< the handshake's signature does not fit the link
  own_identity,      ///< the other side carries our own id
  not_ready,         ///< not allowed before the handshake is complete
  no_session,        ///< application data without a session
  unknown_peer,      ///< not in the map
  unknown_link,      ///< no such link
  unknown_job,       ///< no such crypto job, or of another kind
  unknown_request,   ///< no such request
  unreachable,       ///< no route, or nobody along it could pass the message on
  refused,           ///< the other side said no
  full,              ///< a table is at its limit
  busy,              ///< over a rate; try again later
  timed_out,         ///< no answer within the limit
  silent,            ///< nothing was heard on the link for too long
  closed,            ///< the link or session is gone
  goodbye,           ///< the other side took its leave
  replaced,          ///< another link to the same peer took this one's place
  trimmed,           ///< closed because there were more links than the limit
  too_far,           ///< used up its hops
  left,              ///< this node has left the network
  invalid_argument,  ///< the application asked for something that makes no sense
  count_,            ///< how many there are; not an error
};

/// A phrase in lower case, such as "timed out". Static storage.
const char* error_text(Error error);

/// A value or the reason why there is none.
template <typename T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : error_(error) {}

  explicit operator bool() const { return value_.has_value(); }
  Error error() const { return error_; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Error error_ = Error::none;
};

}  // namespace membrane
