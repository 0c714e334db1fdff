#include "fuzz.h"
#include "statement.h"

using namespace membrane;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::round_trip({data, size}, decode_state_body, encode_state_body);
  return 0;
}
