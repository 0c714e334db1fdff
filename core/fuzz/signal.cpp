#include "fuzz.h"
#include "signalling.h"

using namespace membrane;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::round_trip({data, size}, decode_signal, encode_signal);
  return 0;
}
