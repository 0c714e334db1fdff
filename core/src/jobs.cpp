#include "jobs.h"

namespace membrane {

std::optional<JobId> Jobs::add(Kind kind, Done done) {
  if (pending_.size() >= limits::jobs_max) return std::nullopt;
  Job& job = pending_[++last_];
  job.kind = kind;
  job.done = std::move(done);
  return last_;
}

Error Jobs::finish(Kind kind, JobId job, bool ok, ByteView data) {
  const auto found = pending_.find(job);
  if (found == pending_.end() || found->second.kind != kind) return Error::unknown_job;
  const auto node = pending_.extract(found);
  node.mapped().done(ok, data);
  return Error::none;
}

}  // namespace membrane
