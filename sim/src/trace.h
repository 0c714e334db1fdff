#pragma once

#include <iosfwd>
#include <string>

#include "describe.h"
#include "observer.h"

namespace membrane::sim {

/// Writes what happens, one readable line an event: seconds, who, what.
class Trace {
 public:
  explicit Trace(std::ostream& out) : out_(out) {}

  /// What peers are called in the lines.
  void introduce(PeerIndex peer, const PeerId& id);

  void event(TimeUs now, PeerIndex peer, const Output& event);
  void frame(TimeUs now, PeerIndex from, PeerIndex to, Channel channel, ByteView frame);
  void contact(TimeUs now, PeerIndex peer, const ContactSend& said);
  void fate(TimeUs now, PeerIndex peer, const char* what);
  void note(TimeUs now, const std::string& what);

 private:
  void line(TimeUs now, const std::string& who, const std::string& what);

  std::ostream& out_;
  test::Glossary glossary_;
};

}  // namespace membrane::sim
