#pragma once

#include <array>
#include <deque>
#include <string>

#include "jobs.h"
#include "membrane/node.h"
#include "random.h"

namespace membrane {

/// What every part of a node shares: the time, chance, the outputs, the crypto jobs, the counters.
/// A part keeps a reference to it and nothing else of the node; parts are joined by the hooks that
/// Node sets.
struct Context {
  Context(const Config& node_config, TimeMs start)
      : config(node_config),
        now(start),
        random(node_config.seed),
        self(node_config.id.position()) {}

  Config config;
  TimeMs now;
  Random random;
  Position self;
  std::deque<Output> outputs;
  Jobs jobs;
  std::array<std::uint64_t, static_cast<std::size_t>(Error::count_)> rejected{};
  std::uint64_t sent_messages = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t sequence = 0;

  RequestId last_request = 0;

  void emit(Output output) { outputs.push_back(std::move(output)); }
  /// Counts something that was dropped.
  void reject(Error reason) { ++rejected[static_cast<std::size_t>(reason)]; }

  /// The next number for a statement or a signal of ours. It starts at the clock, so that an
  /// identity that comes back goes on above what it said in its last life.
  std::uint64_t next_sequence() {
    sequence = sequence + 1 > now ? sequence + 1 : now;
    return sequence;
  }

  /// The next question to the application.
  RequestId next_request() { return ++last_request; }

  void sign(Bytes data, Jobs::Done done) {
    if (const auto job = jobs.add(Jobs::Kind::sign, std::move(done)))
      emit(Sign{*job, std::move(data)});
    else
      reject(Error::full);
  }
  /// False when there are too many jobs already: `done` is not called then.
  bool verify(const PeerId& key, const Signature& signature, Bytes data, Jobs::Done done) {
    const auto job = jobs.add(Jobs::Kind::verify, std::move(done));
    if (job)
      emit(Verify{*job, key.bytes, signature, std::move(data)});
    else
      reject(Error::full);
    return job.has_value();
  }
  void seal(const Key& key, Bytes info, Bytes aad, Bytes data, Jobs::Done done) {
    const auto job = jobs.add(Jobs::Kind::seal, std::move(done));
    if (job)
      emit(Seal{*job, key, std::move(info), std::move(aad), std::move(data)});
    else
      reject(Error::full);
  }
  void open(Bytes info, Bytes aad, Bytes data, Jobs::Done done) {
    const auto job = jobs.add(Jobs::Kind::open, std::move(done));
    if (job)
      emit(Open{*job, std::move(info), std::move(aad), std::move(data)});
    else
      reject(Error::full);
  }
};

}  // namespace membrane
