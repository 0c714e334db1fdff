#include "signalling.h"

#include "membrane/limits.h"
#include "wire.h"

namespace membrane {
namespace {

constexpr std::string_view context = "membrane signal 1";
constexpr std::uint8_t session_flag = 1;
constexpr std::uint8_t application_flag = 2;

}  // namespace

Bytes encode_signal(const Signal& signal) {
  Writer out(signal.sdp.size() + signal.relay.size() + 128);
  out.u8(static_cast<std::uint8_t>(signal.kind)).integer(signal.attempt);
  out.u8(static_cast<std::uint8_t>((signal.session ? session_flag : 0) |
                                   (signal.application ? application_flag : 0)));
  out.raw(signal.sealing_key).text(signal.sdp).integer(signal.candidates.size());
  for (const std::string& candidate : signal.candidates) out.text(candidate);
  out.u8(static_cast<std::uint8_t>(signal.reason)).raw(signal.relay);
  return out.take();
}

Result<Signal> decode_signal(ByteView bytes) {
  Reader in(bytes);
  Signal out;
  const std::uint8_t kind = in.u8();
  if (kind < 1 || kind > 5) return Error::malformed;
  out.kind = static_cast<Signal::Kind>(kind);
  out.attempt = in.integer();
  const std::uint8_t flags = in.u8();
  out.session = (flags & session_flag) != 0;
  out.application = (flags & application_flag) != 0;
  out.sealing_key = in.array<32>();
  out.sdp = in.text(limits::sdp_size_max);
  const std::uint64_t count = in.integer_up_to(limits::candidates_max);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    out.candidates.push_back(in.text(limits::candidate_size_max));
  }
  const std::uint8_t reason = in.u8();
  if (!in.ok()) return Error::malformed;
  out.reason = reason < static_cast<std::uint8_t>(Error::count_) ? static_cast<Error>(reason)
                                                                 : Error::refused;
  if (out.kind == Signal::Kind::relay) out.relay.assign(in.rest().begin(), in.rest().end());
  return out;
}

Bytes signal_to_sign(std::string_view network, const PeerId& from, const PeerId& to,
                     ByteView signal) {
  Writer out(signal.size() + 128);
  out.text(context).text(network).id(from).id(to).bytes(signal);
  return out.take();
}

Bytes signal_info(std::string_view network) {
  Writer out;
  out.text(context).text(network);
  return out.take();
}

Bytes signal_aad(const PeerId& from, const PeerId& to) {
  Writer out;
  out.id(from).id(to);
  return out.take();
}

}  // namespace membrane
