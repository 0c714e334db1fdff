#include "statement.h"

#include "fuzz.h"

using namespace membrane;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::round_trip({data, size}, decode_statement, encode_statement);
  return 0;
}
