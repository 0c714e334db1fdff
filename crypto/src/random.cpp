#include "membrane/crypto/random.h"

#include <openssl/rand.h>

#include <limits>

#include "evp.h"

namespace membrane::crypto {

bool random_bytes(std::span<std::uint8_t> out) {
  if (out.size() > std::numeric_limits<int>::max()) return false;
  const QuietErrors quiet;
  return RAND_bytes(out.data(), static_cast<int>(out.size())) == 1;
}

}  // namespace membrane::crypto
