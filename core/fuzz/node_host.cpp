#include "node_host.h"

#include <algorithm>

#include "membrane/limits.h"
#include "message.h"
#include "wire.h"

namespace membrane::fuzz {
namespace {

/// One input may set off a whole map's worth of statements, twice over.
constexpr std::size_t outputs_max = 40'000;
constexpr std::size_t output_bytes_max = std::size_t{64} << 20;
constexpr int ticks_at_once_max = 8;

Config config() {
  Config out;
  out.id.bytes.fill(0x80);
  out.name = "name";
  out.network = "net";
  return out;
}

bool is_job(const Output& output) {
  return std::holds_alternative<Sign>(output) || std::holds_alternative<Verify>(output) ||
         std::holds_alternative<Seal>(output) || std::holds_alternative<Open>(output);
}

}  // namespace

std::string description() {
  std::string out = "v=0\r\na=fingerprint:sha-256 00";
  for (int i = 1; i < 32; ++i) out += ":00";
  return out + "\r\n";
}

NodeHost::NodeHost() : node_(Node::create(config(), now_)) { settle(); }

LinkId NodeHost::link(std::uint8_t choice) const {
  if (links_.empty()) return choice;
  auto at = links_.begin();
  std::advance(at, choice % links_.size());
  return at->first;
}

// ---- What comes out -----------------------------------------------------------------------------

void NodeHost::settle() {
  std::size_t outputs = 0;
  std::size_t sent_bytes = 0;
  while (true) {
    while (auto output = node_->poll()) {
      if (const auto* send = std::get_if<Send>(&*output)) sent_bytes += send->data.size();
      require(sent_bytes < output_bytes_max, "an input has bounded consequences");
      require(++outputs < outputs_max, "an input has a bounded number of outputs");
      take(std::move(*output));
    }
    if (hold_jobs_ || jobs_.empty()) break;
    answer_job(true);
  }
  require(jobs_.size() <= limits::jobs_max, "crypto jobs are bounded");
  if (has_left_) require(node_->next_timeout() == never, "who has left waits for nothing");
}

void NodeHost::take(Output&& output) {
  if (is_job(output)) {
    jobs_.push_back(std::move(output));
  } else if (const auto* opened = std::get_if<OpenConnection>(&output)) {
    require(links_.emplace(opened->link, true).second, "no link number is given twice");
    require(!has_left_, "who has left opens no connection");
  } else if (const auto* accepted = std::get_if<AcceptOffer>(&output)) {
    require(links_.emplace(accepted->link, true).second, "no link number is given twice");
    require(!has_left_, "who has left accepts no connection");
  } else if (const auto* closed = std::get_if<CloseConnection>(&output)) {
    require(links_.at(closed->link), "a connection is closed once");
    links_[closed->link] = false;
  } else if (const auto* candidate = std::get_if<AddCandidate>(&output)) {
    require(links_.at(candidate->link), "candidates are for connections that are open");
  } else if (const auto* answer = std::get_if<ApplyAnswer>(&output)) {
    require(links_.at(answer->link), "answers are for connections that are open");
  } else if (const auto* send = std::get_if<Send>(&output)) {
    check_send(*send);
  }
}

void NodeHost::check_send(const Send& send) {
  require(links_.at(send.link), "only open connections are sent on");
  require(!send.data.empty() && send.data.size() <= limits::frame_size_max, "a frame fits");
  if (send.channel != Channel::control || send.data[0] == fragment_type) return;
  const auto message = decode_message(send.data);
  require(message && *message, "what we send decodes");
  require(encode_message(**message) == send.data, "what we send is in its shortest form");
}

void NodeHost::check_tables() {
  require(node_->peers().size() <= limits::peers_max, "the map is bounded");
  require(node_->links().size() <= limits::links_max + limits::application_links_max + 8,
          "links are bounded");
  node_->edges();
  for (const auto& [name, value] : node_->counters()) {
    if (name == "attempts") require(value <= 256, "attempts are bounded");
    if (name == "states kept")
      require(value <= limits::state_bytes_max / limits::state_entry_size, "states are bounded");
    if (name == "messages kept") require(value <= limits::seen_messages_max, "so are messages");
  }
}

// ---- Crypto jobs --------------------------------------------------------------------------------

void NodeHost::hold_jobs(bool hold) {
  hold_jobs_ = hold;
  settle();
}

void NodeHost::answer_job(bool ok) {
  if (jobs_.empty()) return;
  const Output job = std::move(jobs_.front());
  jobs_.pop_front();
  finish(job, ok);
}

void NodeHost::finish(const Output& output, bool ok) {
  Error error = Error::none;
  if (const auto* sign = std::get_if<Sign>(&output))
    error = node_->signed_(now_, sign->job, Signature{});
  else if (const auto* verify = std::get_if<Verify>(&output))
    error = node_->verified(now_, verify->job, ok);
  else if (const auto* seal = std::get_if<Seal>(&output))
    error = node_->sealed(now_, seal->job, ok, seal->data);
  else if (const auto* open = std::get_if<Open>(&output))
    error = node_->opened(now_, open->job, ok, open->data);
  require(error == Error::none || has_left_, "each job is awaited");
}

// ---- Time ---------------------------------------------------------------------------------------

/// A tick that is due must have been worth it: soon nothing is due at this moment any more.
void NodeHost::tick() {
  for (int i = 0; i < ticks_at_once_max; ++i) {
    feed([](Node& node, TimeMs now) { node.tick(now); });
    if (node_->next_timeout() > now_) return;
  }
  require(hold_jobs_, "a tick that is due leaves nothing due at the same moment");
}

void NodeHost::pass(TimeMs duration_ms, bool asleep) {
  const TimeMs end = now_ + duration_ms;
  for (int ticks = 0; !asleep && ticks < 2'000 && node_->next_timeout() <= end; ++ticks) {
    now_ = std::max(now_, node_->next_timeout());
    tick();
  }
  now_ = end;
  if (node_->next_timeout() <= now_) tick();
}

// ---- A peer at the other end --------------------------------------------------------------------

void NodeHost::link_up(std::uint8_t peer) {
  const std::string sdp = description();
  const RequestId ticket = ++last_ticket_;
  const auto before = links_.size();
  feed([&](Node& node, TimeMs now) { node.contact_request(now, ticket, sdp); });
  if (links_.size() == before) return;
  const LinkId link = links_.rbegin()->first;
  Hello hello{1, 0, "net", {}, {}, false};
  hello.id.bytes.fill(peer);
  const auto receive = [&](const Bytes& frame) {
    feed([&](Node& node, TimeMs now) { node.link_received(now, link, Channel::control, frame); });
  };
  feed([&](Node& node, TimeMs now) { node.local_description(now, link, sdp); });
  feed([&](Node& node, TimeMs now) { node.link_opened(now, link); });
  receive(encode_message(Message(hello)));
  receive(encode_message(Message(Proof{})));
}

void NodeHost::leave() {
  feed([this](Node& node, TimeMs now) {
    has_left_ = true;
    node.leave(now);
    jobs_.clear();
  });
  for (const auto& [link, open] : links_) require(!open, "who leaves closes every connection");
}

}  // namespace membrane::fuzz
