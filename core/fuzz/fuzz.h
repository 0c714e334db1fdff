#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "membrane/bytes.h"

/// What every fuzz target shares: the entry point that libFuzzer calls, and how it is told that
/// something does not hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace membrane::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// For a decoder and its encoder: what decodes encodes to something that decodes to the same, and
/// from there on nothing changes any more.
template <typename Decode, typename Encode>
void round_trip(ByteView input, Decode decode, Encode encode) {
  const auto first = decode(input);
  if (!first) return;
  const Bytes once = encode(*first);
  const auto second = decode(once);
  require(static_cast<bool>(second), "what was encoded decodes");
  require(encode(*second) == once, "it encodes to the same bytes again");
}

}  // namespace membrane::fuzz
