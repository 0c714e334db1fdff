#include "relay_stream.h"

#include <algorithm>

namespace membrane {

// ---- Sending ------------------------------------------------------------------------------------

const Bytes* RelayStream::send(TimeMs now) {
  if (in_flight_ >= std::min(waiting_.size(), allowed_)) return nullptr;
  if (!rate_.take(now)) {
    ready_at_ = rate_.ready_at(now);
    return nullptr;
  }
  if (in_flight_++ == 0) resend_at_ = now + patience_ms_;
  // The round trip of one that was sent twice tells nothing (Karn).
  if (timed_ == 0 && sequence() > sent_) {
    timed_ = sequence();
    timed_since_ = now;
  }
  sent_ = std::max(sent_, sequence());
  return &waiting_[in_flight_ - 1];
}

Error RelayStream::acknowledge(TimeMs now, std::uint64_t sequence) {
  if (sequence <= acknowledged_) return Error::none;
  if (sequence > sent_) return Error::malformed;
  const auto count = static_cast<std::size_t>(sequence - acknowledged_);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  acknowledged_ = sequence;
  in_flight_ -= std::min(in_flight_, count);
  allowed_ = std::min(allowed_ + count, limits::relay_window);
  if (timed_ != 0 && timed_ <= sequence) {
    patience_ms_ = std::clamp<TimeMs>(3 * (now - timed_since_), limits::relay_resend_min_ms,
                                      limits::relay_resend_max_ms);
    timed_ = 0;
  }
  resend_at_ = in_flight_ == 0 ? never : now + patience_ms_;
  return Error::none;
}

bool RelayStream::expire(TimeMs now) {
  if (now < resend_at_) return false;
  in_flight_ = 0;
  allowed_ = 1;
  timed_ = 0;
  resend_at_ = never;
  patience_ms_ = std::min(2 * patience_ms_, limits::relay_resend_max_ms);
  return true;
}

void RelayStream::hurry(TimeMs now) {
  if (in_flight_ != 0) resend_at_ = std::min(resend_at_, now + limits::relay_hurry_ms);
}

TimeMs RelayStream::due() const {
  const bool may_send = in_flight_ < std::min(waiting_.size(), allowed_);
  return may_send ? std::min(resend_at_, ready_at_) : resend_at_;
}

// ---- Receiving ----------------------------------------------------------------------------------

Error RelayStream::receive(std::uint64_t sequence, ByteView frame) {
  if (sequence <= received_) return Error::duplicate;
  const std::uint64_t ahead = sequence - received_ - 1;
  if (ahead >= limits::relay_window) return Error::full;
  if (early_.size() <= ahead) early_.resize(static_cast<std::size_t>(ahead) + 1);
  Bytes& place = early_[static_cast<std::size_t>(ahead)];
  if (!place.empty()) return Error::duplicate;
  place.assign(frame.begin(), frame.end());
  return Error::none;
}

Bytes RelayStream::take() {
  if (early_.empty() || early_.front().empty()) return {};
  Bytes frame = std::move(early_.front());
  early_.erase(early_.begin());
  ++received_;
  return frame;
}

}  // namespace membrane
