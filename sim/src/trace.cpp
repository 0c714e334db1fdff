#include "trace.h"

#include <cstdio>
#include <ostream>

#include "world.h"

namespace membrane::sim {

void Trace::introduce(PeerIndex peer, const PeerId& id) {
  glossary_.start = World::start_ms;
  glossary_.names[id.position()] = std::to_string(peer);
}

void Trace::line(TimeUs now, const std::string& who, const std::string& what) {
  char time[32];
  std::snprintf(time, sizeof time, "%12.6f", static_cast<double>(now) / 1e6);
  out_ << time << "  " << who << std::string(who.size() < 16 ? 16 - who.size() : 1, ' ') << what
       << '\n';
}

void Trace::event(TimeUs now, PeerIndex peer, const Output& event) {
  line(now, std::to_string(peer), "* " + describe(event, glossary_));
}

void Trace::frame(TimeUs now, PeerIndex from, PeerIndex to, Channel channel, ByteView frame) {
  line(now, std::to_string(from) + " > " + std::to_string(to), describe(channel, frame, glossary_));
}

void Trace::contact(TimeUs now, PeerIndex peer, const ContactSend& said) {
  line(now, std::to_string(peer) + " > server", test::describe(said.kind));
}

void Trace::fate(TimeUs now, PeerIndex peer, const char* what) {
  line(now, std::to_string(peer), what);
}

void Trace::note(TimeUs now, const std::string& what) { line(now, "", "== " + what); }

}  // namespace membrane::sim
