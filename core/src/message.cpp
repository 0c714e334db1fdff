#include "message.h"

#include "membrane/limits.h"
#include "wire.h"

namespace membrane {
namespace {

/// A message's type is its place in the variant, counted from 1; 0 is the fragment.
template <typename T, std::size_t index = 0>
constexpr std::uint64_t type_of() {
  if constexpr (std::is_same_v<T, std::variant_alternative_t<index, Message>>) {
    return index + 1;
  } else {
    return type_of<T, index + 1>();
  }
}

// ---- Parts that several messages share ----------------------------------------------------------

void write(Writer& out, const Arc& arc) { out.u64(arc.first).u64(arc.last); }

Arc read_arc(Reader& in) {
  const Position first = in.u64();
  return {first, in.u64()};
}

void write(Writer& out, const std::vector<Item>& items) {
  out.integer(items.size());
  for (const Item& item : items) out.u64(item.origin).integer(item.sequence);
}

std::vector<Item> read_items(Reader& in, std::size_t count_max) {
  const std::uint64_t count = in.integer_up_to(count_max);
  std::vector<Item> items;
  items.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const Position origin = in.u64();
    const Item item{origin, in.integer()};
    if (!items.empty() && item <= items.back()) in.fail();
    items.push_back(item);
  }
  return items;
}

void write(Writer& out, Error error) { out.u8(static_cast<std::uint8_t>(error)); }

Error read_error(Reader& in) {
  const std::uint8_t value = in.u8();
  return value < static_cast<std::uint8_t>(Error::count_) ? static_cast<Error>(value)
                                                          : Error::closed;
}

Store read_store(Reader& in) {
  const std::uint8_t value = in.u8();
  if (value > static_cast<std::uint8_t>(Store::states)) in.fail();
  return static_cast<Store>(value);
}

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

// ---- One pair of functions a message ------------------------------------------------------------

void write(Writer& out, const Hello& m) {
  out.integer(m.version).integer(m.capabilities).text(m.network).id(m.id).raw(m.nonce);
  out.u8(m.fresh ? 1 : 0).integer(m.attempt);
}
void read(Reader& in, Hello& m) {
  m.version = in.integer();
  m.capabilities = in.integer();
  m.network = in.text(limits::network_size_max);
  m.id = in.id();
  m.nonce = in.array<32>();
  m.fresh = in.u8() == 1;
  m.attempt = in.integer();
}

void write(Writer& out, const Proof& m) { out.raw(m.signature); }
void read(Reader& in, Proof& m) { m.signature = in.array<64>(); }

void write(Writer& out, const Goodbye& m) { write(out, m.reason); }
void read(Reader& in, Goodbye& m) { m.reason = read_error(in); }

void write(Writer& out, const Ping& m) { out.integer(m.token); }
void read(Reader& in, Ping& m) { m.token = in.integer(); }

void write(Writer& out, const Pong& m) { out.integer(m.token); }
void read(Reader& in, Pong& m) { m.token = in.integer(); }

void write(Writer& out, const Spread& m) {
  write(out, m.arc);
  out.u8(m.hops_left).bytes(m.statement);
}
void read(Reader& in, Spread& m) {
  m.arc = read_arc(in);
  m.hops_left = in.u8();
  m.statement = copy(in.bytes(limits::control_message_size_max));
}

void write(Writer& out, const SpreadAck& m) {
  write(out, m.arc);
  out.u64(m.origin).integer(m.sequence);
}
void read(Reader& in, SpreadAck& m) {
  m.arc = read_arc(in);
  m.origin = in.u64();
  m.sequence = in.integer();
}

void write(Writer& out, const Push& m) { out.bytes(m.statement).integer(m.age_ms); }
void read(Reader& in, Push& m) {
  m.statement = copy(in.bytes(limits::control_message_size_max));
  m.age_ms = in.integer();
}

void write(Writer& out, const Summary& m) {
  out.u8(static_cast<std::uint8_t>(m.store)).integer(m.ranges.size());
  for (const SummaryRange& range : m.ranges) {
    write(out, range.arc);
    out.u8(range.items ? 1 : 0);
    if (range.items) {
      write(out, *range.items);
    } else {
      out.integer(range.count).u64(range.fingerprint);
    }
  }
}
void read(Reader& in, Summary& m) {
  m.store = read_store(in);
  const std::uint64_t count = in.integer_up_to(summary_ranges_max);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    SummaryRange range;
    range.arc = read_arc(in);
    const bool ascends = m.ranges.empty() || m.ranges.back().arc.last < range.arc.first;
    if (range.arc.last < range.arc.first || !ascends) in.fail();
    if (in.u8() == 1) {
      range.items = read_items(in, summary_items_max);
      range.count = range.items->size();
    } else {
      range.count = in.integer();
      range.fingerprint = in.u64();
    }
    m.ranges.push_back(std::move(range));
  }
}

void write(Writer& out, const Want& m) {
  out.u8(static_cast<std::uint8_t>(m.store));
  write(out, m.items);
}
void read(Reader& in, Want& m) {
  m.store = read_store(in);
  m.items = read_items(in, want_items_max);
}

void write(Writer& out, const Have& m) {
  out.u8(static_cast<std::uint8_t>(m.store));
  write(out, m.items);
}
void read(Reader& in, Have& m) {
  m.store = read_store(in);
  m.items = read_items(in, want_items_max);
}

void write(Writer& out, const Floors& m) { write(out, m.items); }
void read(Reader& in, Floors& m) { m.items = read_items(in, want_items_max); }

constexpr std::uint8_t returned_flag = 1;
constexpr std::uint8_t back_flag = 2;
constexpr std::uint8_t by_map_flag = 4;

void write(Writer& out, const Course& course) {
  out.u8(course.hops_left);
  out.u8(static_cast<std::uint8_t>((course.returned ? returned_flag : 0) |
                                   (course.back ? back_flag : 0) |
                                   (course.by_map ? by_map_flag : 0)));
  out.u64(course.closest).u64(course.trail);
}
Course read_course(Reader& in) {
  Course course;
  course.hops_left = in.u8();
  const std::uint8_t flags = in.u8();
  course.returned = (flags & returned_flag) != 0;
  course.back = (flags & back_flag) != 0;
  course.by_map = (flags & by_map_flag) != 0;
  course.closest = in.u64();
  course.trail = in.u64();
  return course;
}

void write(Writer& out, const Envelope& m) {
  out.id(m.to).id(m.from);
  write(out, m.course);
  out.bytes(m.sealed);
}
void read(Reader& in, Envelope& m) {
  m.to = in.id();
  m.from = in.id();
  m.course = read_course(in);
  m.sealed = copy(in.bytes(limits::control_message_size_max));
}

void write(Writer& out, const Seek& m) {
  out.u64(m.to).u64(m.from).u8(m.nearest ? 1 : 0);
  write(out, m.course);
}
void read(Reader& in, Seek& m) {
  m.to = in.u64();
  m.from = in.u64();
  m.nearest = in.u8() == 1;
  m.course = read_course(in);
}

void write(Writer& out, const SeekAnswer& m) {
  out.u64(m.to).u64(m.trail).u8(m.hops).u8(m.proof ? 1 : 0);
  if (m.proof) out.raw(*m.proof);
  out.integer(m.records.size());
  for (const Bytes& record : m.records) out.bytes(record);
}
void read(Reader& in, SeekAnswer& m) {
  m.to = in.u64();
  m.trail = in.u64();
  m.hops = in.u8();
  if (in.u8() == 1) m.proof = in.array<64>();
  const std::uint64_t count = in.integer_up_to(seek_records_max);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i)
    m.records.push_back(copy(in.bytes(limits::control_message_size_max)));
}

void write(Writer&, const SessionAsk&) {}
void read(Reader&, SessionAsk&) {}
void write(Writer&, const SessionAccept&) {}
void read(Reader&, SessionAccept&) {}
void write(Writer&, const SessionRefuse&) {}
void read(Reader&, SessionRefuse&) {}

void write(Writer& out, const SessionEnd& m) {
  write(out, m.reason);
  out.integer(m.pieces);
}
void read(Reader& in, SessionEnd& m) {
  m.reason = read_error(in);
  m.pieces = in.integer();
}

/// Makes and reads the alternative that the type stands for; none when it is not known.
template <std::size_t index = 0>
void read_as(std::uint64_t type, Reader& in, std::optional<Message>& out) {
  if constexpr (index < std::variant_size_v<Message>) {
    if (type != index + 1) return read_as<index + 1>(type, in, out);
    out.emplace(std::in_place_index<index>);
    read(in, *std::get_if<index>(&*out));
  }
}

}  // namespace

template <typename T>
Bytes encode_message(const T& message) {
  Writer out(64);
  out.integer(type_of<T>());
  write(out, message);
  return out.take();
}

template <>
Bytes encode_message(const Message& message) {
  return std::visit([](const auto& m) { return encode_message(m); }, message);
}

template Bytes encode_message(const Hello&);
template Bytes encode_message(const Proof&);
template Bytes encode_message(const Goodbye&);
template Bytes encode_message(const Ping&);
template Bytes encode_message(const Pong&);
template Bytes encode_message(const Spread&);
template Bytes encode_message(const SpreadAck&);
template Bytes encode_message(const Push&);
template Bytes encode_message(const Summary&);
template Bytes encode_message(const Have&);
template Bytes encode_message(const Want&);
template Bytes encode_message(const Floors&);
template Bytes encode_message(const Envelope&);
template Bytes encode_message(const Seek&);
template Bytes encode_message(const SeekAnswer&);
template Bytes encode_message(const SessionAsk&);
template Bytes encode_message(const SessionAccept&);
template Bytes encode_message(const SessionRefuse&);
template Bytes encode_message(const SessionEnd&);

Result<std::optional<Message>> decode_message(ByteView bytes) {
  Reader in(bytes);
  const std::uint64_t type = in.integer();
  std::optional<Message> message;
  read_as(type, in, message);
  if (!in.ok()) return Error::malformed;
  return message;
}

}  // namespace membrane
