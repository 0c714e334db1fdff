#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "membrane/error.h"
#include "membrane/id.h"
#include "membrane/output.h"
#include "wire.h"

/// A statement is what one peer tells everybody: signed by its origin, numbered by its origin,
/// passed on unchanged. All kinds share one counter, so a higher sequence was always said later.
/// docs/protocol.md "Statements".
namespace membrane {

enum class StatementKind : std::uint8_t {
  record = 1,   ///< who the origin is and which links it has; the newest replaces the others
  message = 2,  ///< a topic message; delivered once
  state = 3,    ///< a value of a topic; the newest of each origin and key replaces the others
};

struct Statement {
  StatementKind kind = StatementKind::record;
  PeerId origin;
  std::uint64_t sequence = 0;
  Bytes body;
  Signature signature{};
  /// How long ago it was said, as whoever handed it over says. Not a part of it.
  std::uint64_t age_ms = 0;
};

/// The bytes that the origin signs. The network's name is in them: nothing said in one network
/// counts in another.
Bytes statement_to_sign(std::string_view network, const Statement& statement);

Bytes encode_statement(const Statement& statement);
/// Error: malformed. A kind this version does not know is malformed to it, and so is anything
/// behind the signature: it would be kept and passed on, and nobody has signed it. Bodies may grow.
Result<Statement> decode_statement(ByteView bytes);

/// The body of a record.
struct Record {
  std::string name;
  Key sealing_key{};
  std::uint64_t lifetime_s = 0;
  /// The peers it has links to, in ascending order, each once.
  std::vector<Position> links;
  std::uint64_t capabilities = 0;  ///< of `Capability`, as in Hello, but of now
};

Bytes encode_record(const Record& record);
Result<Record> decode_record(ByteView body);

/// The body of a topic message.
struct TopicBody {
  std::string topic;
  Bytes payload;
};

/// Whether this can be the name of a topic.
bool is_topic(std::string_view name);

Bytes encode_topic_body(std::string_view topic, ByteView payload);
Result<TopicBody> decode_topic_body(ByteView body);

/// The body of a state.
struct StateBody {
  std::string topic;
  std::string key;
  std::uint64_t lifetime_s = 0;
  /// Empty where the key was taken back.
  Bytes value;
};

Bytes encode_state_body(const StateBody& body);
Result<StateBody> decode_state_body(ByteView body);

}  // namespace membrane
