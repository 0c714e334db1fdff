#include "store.h"

namespace membrane {
namespace {

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

}  // namespace

void Digest::add(const Item& item) {
  ++count;
  fingerprint += mix(item.origin ^ mix(item.sequence));
}

void Digest::remove(const Item& item) {
  --count;
  fingerprint -= mix(item.origin ^ mix(item.sequence));
}

}  // namespace membrane
