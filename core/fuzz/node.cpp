#include "membrane/node.h"

#include "node_host.h"
#include "wire.h"

using namespace membrane;
using fuzz::NodeHost;

/// The input is a sequence of steps, each a byte that says what happens and what that needs. A text
/// or a frame has two bytes of length in front. What does not fit any more is left out.
namespace {

enum class Step : std::uint8_t {
  pass,
  sleep,
  link_up,
  control,
  application,
  description,
  candidate,
  opened,
  closed,
  contact,
  contact_text,
  hold_jobs,
  answer_job,
  connect,
  answer,
  peer_command,
  publish,
  write,
  rename,
  set_state,
  resume,
  leave,
  count,
};

constexpr int steps_max = 256;

ByteView read_bytes(Reader& in) {
  const std::size_t high = in.u8();
  return in.raw(high << 8 | in.u8());
}

std::string read_sdp(Reader& in) {
  const bool good = in.u8() != 0;
  return good ? fuzz::description() : std::string(text_of(read_bytes(in)));
}

PeerId read_peer(Reader& in) {
  PeerId id;
  id.bytes.fill(in.u8());
  return id;
}

void take_link_step(NodeHost& host, Step step, Reader& in) {
  const LinkId link = host.link(in.u8());
  if (step == Step::description) {
    const std::string sdp = read_sdp(in);
    return host.feed([&](Node& n, TimeMs now) { n.local_description(now, link, sdp); });
  }
  if (step == Step::opened)
    return host.feed([&](Node& n, TimeMs now) { n.link_opened(now, link); });
  if (step == Step::closed)
    return host.feed([&](Node& n, TimeMs now) { n.link_closed(now, link); });
  const ByteView data = read_bytes(in);
  if (step == Step::candidate)
    return host.feed([&](Node& n, TimeMs now) { n.local_candidate(now, link, text_of(data)); });
  const Channel channel = step == Step::control ? Channel::control : Channel::application;
  host.feed([&](Node& n, TimeMs now) { n.link_received(now, link, channel, data); });
}

void take_contact_step(NodeHost& host, Step step, Reader& in) {
  const std::uint8_t kind = in.u8();
  const RequestId number = in.integer();
  if (step == Step::contact) {
    return host.feed([&](Node& n, TimeMs now) {
      if (kind % 4 == 0) n.contact_opened(now);
      if (kind % 4 == 1) n.contact_closed(now);
      if (kind % 4 == 2) n.contact_unresolved(now, number);
      if (kind % 4 == 3) n.contact_failed(now, number);
    });
  }
  const std::string text = read_sdp(in);
  host.feed([&](Node& n, TimeMs now) {
    if (kind % 4 == 0) n.contact_request(now, number, text);
    if (kind % 4 == 1) n.contact_answer(now, number, text);
    if (kind % 4 == 2) n.contact_request_candidate(now, number, text);
    if (kind % 4 == 3) n.contact_answer_candidate(now, number, text);
  });
}

void take_peer_step(NodeHost& host, Step step, Reader& in) {
  const PeerId peer = read_peer(in);
  const std::uint8_t choice = in.u8();
  if (step == Step::connect)
    return host.feed([&](Node& n, TimeMs now) { n.connect(now, peer, choice % 2 == 1); });
  if (step == Step::peer_command) {
    return host.feed([&](Node& n, TimeMs now) {
      choice % 2 == 1 ? n.close_session(now, peer) : n.disconnect(now, peer);
    });
  }
  const std::uint64_t message = in.integer();
  const std::uint64_t total = in.integer();
  const ByteView data = read_bytes(in);
  host.feed([&](Node& n, TimeMs now) { n.session_write(now, peer, message, choice, total, data); });
}

void take_command(NodeHost& host, Step step, Reader& in) {
  if (step == Step::answer) {
    const RequestId request = in.u8();
    const bool accept = in.u8() % 2 == 1;
    return host.feed([&](Node& n, TimeMs now) { n.answer(now, request, accept); });
  }
  const ByteView text = read_bytes(in);
  if (step == Step::rename)
    return host.feed([&](Node& n, TimeMs now) { n.rename(now, text_of(text)); });
  if (step == Step::set_state) {
    const ByteView value = read_bytes(in);
    const std::uint64_t lifetime_s = in.integer();
    return host.feed(
        [&](Node& n, TimeMs now) { n.set_state(now, "topic", text_of(text), value, lifetime_s); });
  }
  const Bytes payload(in.u8() * std::size_t{256}, 0);
  host.feed([&](Node& n, TimeMs now) { n.publish(now, text_of(text), payload); });
}

void take_step(NodeHost& host, Step step, Reader& in) {
  switch (step) {
    case Step::pass:
      return host.pass(TimeMs{in.u8()} * in.u8(), false);
    case Step::sleep:
      return host.pass(TimeMs{in.u8()} * 1'000, true);
    case Step::link_up:
      return host.link_up(in.u8());
    case Step::control:
    case Step::application:
    case Step::description:
    case Step::candidate:
    case Step::opened:
    case Step::closed:
      return take_link_step(host, step, in);
    case Step::contact:
    case Step::contact_text:
      return take_contact_step(host, step, in);
    case Step::hold_jobs:
      return host.hold_jobs(in.u8() % 2 == 1);
    case Step::answer_job: {
      const bool ok = in.u8() % 2 == 1;
      return host.feed([&](Node&, TimeMs) { host.answer_job(ok); });
    }
    case Step::connect:
    case Step::peer_command:
    case Step::write:
      return take_peer_step(host, step, in);
    case Step::answer:
    case Step::publish:
    case Step::rename:
    case Step::set_state:
      return take_command(host, step, in);
    case Step::resume:
      return host.feed([](Node& n, TimeMs now) { n.resume(now); });
    case Step::leave:
      return host.leave();
    case Step::count:
      return;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  NodeHost host;
  Reader in({data, size});
  for (int step = 0; step < steps_max && !in.at_end(); ++step)
    take_step(host, static_cast<Step>(in.u8() % static_cast<std::uint8_t>(Step::count)), in);
  host.check_tables();
  // Whatever happened, time goes on.
  host.hold_jobs(false);
  host.pass(120'000, false);
  host.check_tables();
  return 0;
}
