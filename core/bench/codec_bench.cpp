#include <cstdlib>

#include "benches.h"
#include "measure.h"
#include "samples.h"

namespace membrane::bench {
namespace {

Bytes encode(const Message& message) { return encode_message(message); }
Bytes encode(const Statement& statement) { return encode_statement(statement); }
Bytes encode(const Record& record) { return encode_record(record); }
Bytes encode(const TopicBody& body) { return encode_topic_body(body.topic, body.payload); }
Bytes encode(const Signal& signal) { return encode_signal(signal); }

auto decode(const Message&, ByteView bytes) { return decode_message(bytes); }
auto decode(const Statement&, ByteView bytes) { return decode_statement(bytes); }
auto decode(const Record&, ByteView bytes) { return decode_record(bytes); }
auto decode(const TopicBody&, ByteView bytes) { return decode_topic_body(bytes); }
auto decode(const Signal&, ByteView bytes) { return decode_signal(bytes); }

bool same_again(const Message& message, const Bytes& bytes) {
  const auto decoded = decode_message(bytes);
  return decoded && *decoded && encode(**decoded) == bytes &&
         (*decoded)->index() == message.index();
}
template <typename T>
bool same_again(const T& content, const Bytes& bytes) {
  const auto decoded = decode(content, bytes);
  return decoded && encode(*decoded) == bytes;
}

template <typename T>
void measure_one(const std::string& name, const T& content) {
  const Bytes bytes = encode(content);
  if (!same_again(content, bytes)) std::abort();
  report_count("bytes: " + name, bytes.size());
  report("encode: " + name, measure([&] { keep(encode(content)); }));
  report("decode: " + name, measure([&] { keep(decode(content, bytes)); }));
}

}  // namespace

void measure_codec() {
  for (const Sample& sample : samples())
    std::visit([&](const auto& content) { measure_one(sample.name, content); }, sample.content);
}

}  // namespace membrane::bench
