#pragma once

#include <functional>
#include <map>
#include <utility>

#include "membrane/error.h"
#include "membrane/limits.h"
#include "membrane/output.h"

namespace membrane {

/// The crypto jobs that the host owes an answer to, each with what to do when it comes.
/// Asynchronous because WebCrypto is. At most limits::jobs_max; one more is not made, and the asker
/// drops what it was about.
class Jobs {
 public:
  enum class Kind : std::uint8_t { sign, verify, seal, open };
  /// `data` is the signature, the sealed or the opened bytes; empty for verify. It lasts for the
  /// call.
  using Done = std::function<void(bool ok, ByteView data)>;

  /// The new job's number; nothing when there are too many.
  std::optional<JobId> add(Kind kind, Done done) {
    if (pending_.size() >= limits::jobs_max) return std::nullopt;
    pending_.emplace(++last_, std::pair(kind, std::move(done)));
    return last_;
  }

  Error finish(Kind kind, JobId job, bool ok, ByteView data) {
    const auto found = pending_.find(job);
    if (found == pending_.end() || found->second.first != kind) return Error::unknown_job;
    const Done done = std::move(found->second.second);
    pending_.erase(found);
    done(ok, data);
    return Error::none;
  }

  std::size_t size() const { return pending_.size(); }
  void clear() { pending_.clear(); }

 private:
  JobId last_ = 0;
  std::map<JobId, std::pair<Kind, Done>> pending_;
};

}  // namespace membrane
