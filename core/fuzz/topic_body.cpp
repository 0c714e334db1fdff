#include "fuzz.h"
#include "statement.h"

using namespace membrane;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::round_trip({data, size}, decode_topic_body, [](const TopicBody& body) {
    return encode_topic_body(body.topic, body.payload);
  });
  return 0;
}
