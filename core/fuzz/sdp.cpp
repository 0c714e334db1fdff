#include "sdp.h"

#include "fuzz.h"

using namespace membrane;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = sdp_fingerprint(text_of({data, size}));
  if (found) fuzz::require(found->size() == 32, "a fingerprint has 32 bytes");
  return 0;
}
