#include "conversation.h"

#include <algorithm>
#include <sstream>

#include "membrane/limits.h"

namespace membrane::test {
namespace {

std::vector<std::string> split_words(const std::string& line) {
  std::istringstream in(line.substr(0, line.find('#')));
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

/// Everything from this word on, as it was written but for the spaces.
std::string rest_of(const std::vector<std::string>& words, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < words.size(); ++i) out += (i > from ? " " : "") + words[i];
  return out;
}

}  // namespace

std::vector<std::string> Conversation::run(const std::vector<std::string>& script) {
  for (const std::string& line : script) {
    const Words words = split_words(line);
    if (!words.empty()) command(line, words);
  }
  return network().trace;
}

Network& Conversation::network() {
  if (!network_) {
    network_ = std::make_unique<Network>(Network::Options{.seed = seed_});
    network_->on_asked = [this](Index index, const Asked&) { return !refusing_.contains(index); };
    network_->may_connect = [this](Index a, Index b) {
      return !apart_.contains(std::minmax(a, b));
    };
  }
  return *network_;
}

Conversation::Index Conversation::peer(const std::string& name) {
  const auto found = peers_.find(name);
  if (found != peers_.end()) return found->second;
  problems_.push_back("nobody is called " + name);
  return 0;
}

void Conversation::command(const std::string& line, const Words& words) {
  const bool is_seed = words[0] == "seed" && words.size() == 2 && !network_;
  if (is_seed) {
    seed_ = std::stoull(words[1]);
    return;
  }
  if (words[0] == "expect") return expect(line, words);
  if (network().tracing && words[0] != "run" && words[0] != "trace")
    network().trace.push_back("> " + rest_of(words, 0));
  if (!act_on_network(words) && !act(words)) problems_.push_back("not understood: " + line);
}

bool Conversation::act_on_network(const Words& words) {
  const std::string& verb = words[0];
  if (verb == "add") {
    for (std::size_t i = 1; i < words.size(); ++i) peers_[words[i]] = network().add(words[i]);
    if (network().tracing) introduce();
  } else if (verb == "run" && words.size() == 2) {
    network().run_for(std::stoull(words[1]));
  } else if (verb == "trace" && words.size() == 2) {
    network().tracing = words[1] == "on";
    if (network().tracing) introduce();
  } else if (verb == "server" && words.size() == 2) {
    words[1] == "on" ? network().start_server() : network().stop_server();
  } else if (verb == "apart" && words.size() == 3) {
    apart_.insert(std::minmax(peer(words[1]), peer(words[2])));
  } else if (verb == "together" && words.size() == 3) {
    apart_.erase(std::minmax(peer(words[1]), peer(words[2])));
  } else {
    return false;
  }
  return true;
}

bool Conversation::act(const Words& words) {
  const std::string& verb = words[0];
  if (words.size() < 2) return false;
  const Index who = peer(words[1]);
  if (verb == "leave") {
    network().leave(who);
  } else if (verb == "crash") {
    network().crash(who);
  } else if (verb == "refuse") {
    refusing_.insert(who);
  } else if (verb == "connect" && words.size() >= 3) {
    const PeerId to = network().id(peer(words[2]));
    const bool session = words.size() > 3 && words[3] == "session";
    network().feed(who, [&](Node& node, TimeMs now) { node.connect(now, to, session); });
  } else if (verb == "publish" && words.size() >= 4) {
    const std::string text = rest_of(words, 3);
    network().feed(who,
                   [&](Node& node, TimeMs now) { node.publish(now, words[2], bytes_of(text)); });
  } else if (verb == "rename" && words.size() == 3) {
    network().feed(who, [&](Node& node, TimeMs now) { node.rename(now, words[2]); });
  } else if (verb == "send" && words.size() == 4) {
    send(who, peer(words[2]), std::stoull(words[3]));
  } else {
    return false;
  }
  return true;
}

void Conversation::send(Index from, Index to, std::size_t size) {
  const std::uint64_t message = messages_[{from, to}]++;
  for (std::size_t at = 0; at < size;) {
    const std::size_t piece = std::min(limits::session_piece_size_max, size - at);
    std::uint8_t flags = at == 0 ? SessionPiece::first : 0;
    at += piece;
    if (at == size) flags |= SessionPiece::last;
    network().feed(from, [&](Node& node, TimeMs now) {
      const Error error =
          node.session_write(now, network().id(to), message, flags, size, Bytes(piece, 'x'));
      if (error != Error::none) problems_.emplace_back(error_text(error));
    });
  }
}

/// Who lives where, for a reader of the arcs.
void Conversation::introduce() {
  std::map<Position, std::string> ring;
  for (const auto& [name, index] : peers_) ring[network().id(index).position()] = name;
  static constexpr char digits[] = "0123456789abcdef";
  std::string line = "ring:";
  for (const auto& [position, name] : ring) {
    line += " " + name + " ";
    for (int shift = 60; shift >= 48; shift -= 4) line += digits[position >> shift & 15];
  }
  if (!ring.empty()) network().trace.push_back(line);
}

// ---- Expectations -------------------------------------------------------------------------------

void Conversation::expect(const std::string& line, const Words& words) {
  if (words.size() < 2 || !holds(words)) problems_.push_back("does not hold: " + line);
}

bool Conversation::holds(const Words& words) {
  const std::string& what = words[1];
  if (what == "agree") return network().maps_agree();
  if (what == "alone" && words.size() == 3)
    return network().node(peer(words[2])).state() == State::alone;
  if (words.size() < 4) return false;
  const Index a = peer(words[2]);
  if (what == "heard") return heard(a, rest_of(words, 3));
  const Index b = peer(words[3]);
  if (what == "linked") return linked(a, b) && linked(b, a);
  if (what == "apart") return !linked(a, b) && !linked(b, a);
  if (what == "session") return in_session(a, b) && in_session(b, a);
  return false;
}

bool Conversation::linked(Index a, Index b) {
  const auto links = network().node(a).links();
  return std::count(links.begin(), links.end(), network().id(b)) == 1;
}

bool Conversation::in_session(Index a, Index b) {
  const auto with_b = [&](const auto& events) {
    return std::count_if(events.begin(), events.end(),
                         [&](const auto& event) { return event.peer == network().id(b); });
  };
  return with_b(network().seen<SessionOpened>(a)) == with_b(network().seen<SessionClosed>(a)) + 1;
}

bool Conversation::heard(Index peer, const std::string& text) {
  const auto messages = network().seen<TopicMessage>(peer);
  return std::count_if(messages.begin(), messages.end(), [&](const TopicMessage& message) {
           return text_of(message.payload) == text;
         }) == 1;
}

}  // namespace membrane::test
