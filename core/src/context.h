#pragma once

#include <array>
#include <string>
#include <vector>

#include "callback.h"
#include "jobs.h"
#include "membrane/node.h"
#include "random.h"
#include "statement.h"

namespace membrane {

/// What every part of a node shares: the time, chance, the outputs, the crypto jobs, the counters.
/// A part keeps a reference to it and nothing else of the node; parts are joined by the hooks that
/// Node sets.
struct Context {
  Context(const Config& node_config, TimeMs start);

  Config config;
  TimeMs now;
  Random random;
  Position self;
  std::vector<Output> outputs;
  Jobs jobs;
  std::array<std::uint64_t, static_cast<std::size_t>(Error::count_)> rejected{};
  std::uint64_t sent_messages = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t sequence = 0;

  RequestId last_request = 0;

  template <typename T>
  void emit(T output) {
    outputs.emplace_back(std::in_place_type<T>, std::move(output));
  }
  /// Counts something that was dropped.
  void reject(Error reason);

  /// The next number for a statement or a signal of ours. It starts at the clock, so that an
  /// identity that comes back goes on above what it said in its last life.
  std::uint64_t next_sequence();

  /// The next question to the application.
  RequestId next_request() { return ++last_request; }

  // The crypto jobs. One for which there is no room is not made: its `done` is never called, and
  // that is counted.
  // Sign and verify say false then.
  bool sign(Bytes data, Jobs::Done done);
  /// Signs a statement of ours under the next sequence, which is returned; 0 when there is no room.
  std::uint64_t sign(StatementKind kind, Bytes body,
                     Callback<void(Statement&&, ByteView encoded)> done);
  bool verify(const PeerId& key, const Signature& signature, Bytes data, Jobs::Done done);
  void seal(const Key& key, Bytes info, Bytes aad, Bytes data, Jobs::Done done);
  void open(Bytes info, Bytes aad, Bytes data, Jobs::Done done);

 private:
  std::optional<JobId> add_job(Jobs::Kind kind, Jobs::Done&& done);
};

}  // namespace membrane
