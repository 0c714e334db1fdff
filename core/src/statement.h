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
};

struct Statement {
  StatementKind kind = StatementKind::record;
  PeerId origin;
  std::uint64_t sequence = 0;
  Bytes body;
  Signature signature{};
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
};

Bytes encode_record(const Record& record);
Result<Record> decode_record(ByteView body);

/// The body of a topic message.
struct TopicBody {
  std::string topic;
  Bytes payload;
};

Bytes encode_topic_body(std::string_view topic, ByteView payload);
Result<TopicBody> decode_topic_body(ByteView body);

}  // namespace membrane
