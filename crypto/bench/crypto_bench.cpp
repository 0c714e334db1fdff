// What one crypto job costs here: the median of many, in microseconds, for a message as long as a
// session description.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "membrane/crypto/ed25519.h"
#include "membrane/crypto/hpke.h"

namespace {

using namespace membrane::crypto;

constexpr int rounds = 2000;
constexpr std::size_t message_bytes = 1024;

template <typename Job>
void measure(const char* name, Job job) {
  std::vector<double> times_us;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    if (!job()) std::exit(EXIT_FAILURE);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    times_us.push_back(took.count());
  }
  std::sort(times_us.begin(), times_us.end());
  std::printf("%-8s %7.1f us\n", name, times_us[rounds / 2]);
}

}  // namespace

int main() {
  const auto signing = SigningKey::generate();
  const auto sealing = SealingKey::generate();
  if (!signing || !sealing) return EXIT_FAILURE;
  const std::vector<std::uint8_t> message(message_bytes, 42);
  const auto signature = signing->sign(message);
  const auto sealed = seal(sealing->public_key(), {}, {}, message);
  if (!signature || !sealed) return EXIT_FAILURE;

  measure("sign", [&] { return signing->sign(message).has_value(); });
  measure("verify", [&] { return verify(signing->public_key(), message, *signature); });
  measure("seal", [&] { return seal(sealing->public_key(), {}, {}, message).has_value(); });
  measure("open", [&] { return open(*sealing, {}, {}, *sealed).has_value(); });
  return EXIT_SUCCESS;
}
