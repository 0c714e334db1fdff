// A whole hub in virtual time: up to four clients who come, ask for an upgrade with any target, say
// anything, read slowly, vanish; and time that passes. What their sockets would do is done here.
//
// An input is a row of steps, each a byte for what happens and a byte for to whom (and how). Where
// a text follows, its length comes first, in a byte. To get far quickly there are whole messages to
// choose from, in which `#` stands for the ticket or request that the client was told of last.

#include "hub.h"

#include <array>
#include <optional>
#include <string>

#include "frame.h"
#include "fuzz.h"

using namespace membrane::server;
using membrane::fuzz::require;

namespace {

constexpr std::size_t clients_max = 4;
constexpr std::string_view messages[] = {
    R"(["hello",{"network":"n"}])",
    R"(["ready"])",
    R"(["offer",1,"v=0"])",
    R"(["offer",2,"v=0"])",
    R"(["offerCandidate",1,"{}"])",
    R"(["report",#])",
    R"(["done",#])",
    R"(["answer",#,"v=0"])",
    R"(["answerCandidate",#,"{}"])",
    R"(["refuse",#])",
    R"(["room",1,["hello",{"network":"m"}]])",
    R"(["room",1,["offer",1,"v=0"]])",
    R"(["room",1,["answer",#,"v=0"]])",
    R"(["room",1,["refuse",#]])",
    R"(["room",1,["leave"]])",
    R"(["heartbeat"])",
    R"(["returnSDP","{\"type\":\"answer\",\"sdp\":\"v=0\"}",#])",
    R"(["returnSDP","",#])",
    R"(["ignoreSDPRequest",#])",
    R"(["reportNode","x"])",
    R"(["forceClosing"])",
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  bool at_end() const { return left_ == 0; }
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  std::string_view text() {
    const std::size_t size = std::min<std::size_t>(byte(), left_);
    const std::string_view out(reinterpret_cast<const char*>(data_), size);
    data_ += size;
    left_ -= size;
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

struct Client final : Member {
  bool send(std::string text) override {
    require(!is_closed && !is_dropped, "nothing is sent to whom it closed");
    require(has_entered, "nothing is sent before the upgrade");
    const Frame frame(text);
    require(frame.valid(), "what is sent is a message");
    const Message inner = frame.name() == "room" ? frame.message(2) : Message(frame);
    require(inner.valid(), "so is what is sent in a room");
    // v3 numbers first, v2 after the description.
    for (const std::size_t at : {1u, 2u}) {
      if (const auto number = inner.number(at)) last_number = *number;
    }
    return !is_slow;
  }
  void close(std::uint16_t code, std::string_view reason) override {
    require(!is_closed && !is_dropped, "it is closed once");
    require(code >= 1000 && code < 5000, "with a code that RFC 6455 allows");
    require(!reason.empty() && reason.size() <= 123, "and a reason that fits into the frame");
    is_closed = true;
  }
  void drop() override {
    require(!is_dropped, "it is dropped once");
    is_dropped = true;
  }

  bool hears() const { return has_entered && !is_closed && !is_dropped; }

  std::uint64_t last_number = 0;
  bool has_entered = false;
  bool is_slow = false;
  bool is_closed = false;
  bool is_dropped = false;
};

class Scene {
 public:
  void step(Input& in) {
    const std::uint8_t what = in.byte();
    const std::uint8_t how = in.byte();
    std::optional<Client>& client = clients_[how % clients_max];
    if (!client) {
      hub_.attach(client.emplace(), now_);
      return;
    }
    switch (what % 8) {
      case 0:
        return enter(*client, in.text(), (how & 4) != 0 ? v3_subprotocol : in.text());
      case 1:
        return say(*client, std::string(in.text()));
      case 2:
        return say(*client, filled_in(messages[in.byte() % std::size(messages)], *client));
      case 3:
        if (client->hears()) hub_.pinged(*client, now_);
        return;
      case 4:
        client->is_slow = !client->is_slow;
        return;
      case 5:
        hub_.closing(*client, now_);
        client->is_closed = true;
        return;
      case 6:
        return leave(client);
      case 7:
        for (int i = 0; i < how; ++i) hub_.advance(now_ += Time{100});
        return;
    }
  }

  /// A socket that was dropped is gone soon.
  void settle() {
    for (std::optional<Client>& client : clients_) {
      if (client && client->is_dropped) leave(client);
    }
    std::size_t present = 0;
    for (const std::optional<Client>& client : clients_) present += client ? 1 : 0;
    require(hub_.members() == present, "it knows who is there");
    require(hub_.clients() <= present * limits_.talk.rooms_per_line_max, "and their rooms");
  }

  void end() {
    hub_.close_all(now_);
    require(hub_.clients() == 0, "nobody is in a network after the end");
    for (std::optional<Client>& client : clients_) {
      if (client) leave(client);
    }
    require(hub_.members() == 0, "nobody is left");
  }

 private:
  void enter(Client& client, std::string_view target, std::string_view subprotocols) {
    if (client.has_entered || client.is_closed || client.is_dropped) return;
    auto judged = judge_upgrade(target, subprotocols, limits_.talk);
    if (const auto* refusal = std::get_if<Refusal>(&judged)) {
      require(refusal->status >= 400 && refusal->status < 600, "a refusal is an error");
      require(refusal_response(*refusal).starts_with("HTTP/1.1 "), "and a response");
      return;
    }
    client.has_entered = true;
    hub_.upgraded(client, std::move(std::get<Entry>(judged)), now_);
  }
  void say(Client& client, const std::string& text) {
    if (client.hears()) hub_.received(client, text, now_);
  }
  void leave(std::optional<Client>& client) {
    hub_.detach(*client, now_);
    client.reset();
  }
  static std::string filled_in(std::string_view message, const Client& client) {
    std::string out(message);
    const std::size_t at = out.find('#');
    if (at != std::string::npos) out.replace(at, 1, std::to_string(client.last_number));
    return out;
  }

  Limits limits_;
  Hub hub_{limits_, {"stun:a"}};
  Time now_{1'000'000};
  std::array<std::optional<Client>, clients_max> clients_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  Scene scene;
  while (!in.at_end()) {
    scene.step(in);
    scene.settle();
  }
  scene.end();
  return 0;
}
