#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "membrane/node.h"
#include "message.h"

/// What passes between nodes, in words: for traces that a person reads and a test compares.
namespace membrane::test {

/// What a reader of a trace knows and the wire does not say.
struct Glossary {
  std::map<Position, std::string> names;
  /// Sequences are shown as what they are above this.
  TimeMs start = 0;
  /// The signal in an envelope, for a test network holds everybody's key.
  std::function<std::optional<Bytes>(const Envelope&)> unseal;

  std::string name(Position position) const;
  std::string name(const PeerId& id) const { return name(id.position()); }
  std::string number(std::uint64_t sequence) const;
};

std::string describe(const Message& message, const Glossary& glossary);
/// A frame of either channel.
std::string describe(Channel channel, ByteView frame, const Glossary& glossary);
/// An event for the application; empty for any other output.
std::string describe(const Output& output, const Glossary& glossary);
std::string describe(ContactSend::Kind kind);

}  // namespace membrane::test
