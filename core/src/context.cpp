#include "context.h"

#include <algorithm>

namespace membrane {

Context::Context(const Config& node_config, TimeMs start)
    : config(node_config), now(start), random(node_config.seed), self(node_config.id.position()) {}

void Context::reject(Error reason) { ++rejected[static_cast<std::size_t>(reason)]; }

std::uint64_t Context::next_sequence() {
  sequence = sequence + 1 > now ? sequence + 1 : now;
  return sequence;
}

std::optional<JobId> Context::add_job(Jobs::Kind kind, Jobs::Done&& done) {
  const auto job = jobs.add(kind, std::move(done));
  if (!job) reject(Error::full);
  return job;
}

bool Context::sign(Bytes data, Jobs::Done done) {
  const auto job = add_job(Jobs::Kind::sign, std::move(done));
  if (job) emit(Sign{*job, std::move(data)});
  return job.has_value();
}

std::uint64_t Context::sign(StatementKind kind, Bytes body,
                            Callback<void(Statement&&, ByteView encoded)> done) {
  Statement statement{kind, config.id, next_sequence(), std::move(body), {}};
  Bytes to_sign = statement_to_sign(config.network, statement);
  const std::uint64_t number = statement.sequence;
  const bool started =
      sign(std::move(to_sign), [this, statement = std::move(statement), done = std::move(done)](
                                   bool ok, ByteView signature) mutable {
        if (!ok) return reject(Error::bad_signature);
        std::copy(signature.begin(), signature.end(), statement.signature.begin());
        const Bytes encoded = encode_statement(statement);
        done(std::move(statement), encoded);
      });
  return started ? number : 0;
}

bool Context::verify(const PeerId& key, const Signature& signature, Bytes data, Jobs::Done done) {
  const auto job = add_job(Jobs::Kind::verify, std::move(done));
  if (job) emit(Verify{*job, key.bytes, signature, std::move(data)});
  return job.has_value();
}

void Context::seal(const Key& key, Bytes info, Bytes aad, Bytes data, Jobs::Done done) {
  const auto job = add_job(Jobs::Kind::seal, std::move(done));
  if (job) emit(Seal{*job, key, std::move(info), std::move(aad), std::move(data)});
}

void Context::open(Bytes info, Bytes aad, Bytes data, Jobs::Done done) {
  const auto job = add_job(Jobs::Kind::open, std::move(done));
  if (job) emit(Open{*job, std::move(info), std::move(aad), std::move(data)});
}

}  // namespace membrane
