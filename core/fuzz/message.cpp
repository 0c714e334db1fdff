#include "message.h"

#include "fuzz.h"

using namespace membrane;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::round_trip(
      {data, size},
      [](ByteView bytes) -> std::optional<Message> {
        auto message = decode_message(bytes);
        if (!message) return std::nullopt;
        return std::move(*message);
      },
      [](const Message& message) { return encode_message(message); });
  return 0;
}
