#pragma once

#include <optional>

#include "callback.h"
#include "membrane/error.h"
#include "membrane/limits.h"
#include "membrane/output.h"
#include "table.h"

namespace membrane {

/// The crypto jobs that the host owes an answer to, each with what to do when it comes.
/// Asynchronous because WebCrypto is. At most limits::jobs_max; one more is not made, and the asker
/// drops what it was about.
class Jobs {
 public:
  enum class Kind : std::uint8_t { sign, verify, seal, open };
  /// `data` is the signature, the sealed or the opened bytes; empty for verify. It lasts for the
  /// call.
  using Done = Callback<void(bool ok, ByteView data)>;

  /// The new job's number; nothing when there are too many.
  std::optional<JobId> add(Kind kind, Done done);
  /// Error: unknown_job, also when it is of another kind.
  Error finish(Kind kind, JobId job, bool ok, ByteView data);

  std::size_t size() const { return pending_.size(); }
  void clear() { pending_.clear(); }

 private:
  struct Job {
    Kind kind;
    Done done;
  };

  JobId last_ = 0;
  Table<JobId, Job> pending_;
};

}  // namespace membrane
