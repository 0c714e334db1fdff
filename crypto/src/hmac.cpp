#include "hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "evp.h"

namespace membrane::crypto {
namespace {

// A context with the digest already chosen, of which each use takes a copy: looking an algorithm up
// by its name costs more than the code itself.
EVP_MAC_CTX* prepared_context() {
  static const MacContext prepared = [] {
    const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    MacContext context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    if (context && EVP_MAC_CTX_set_params(context.get(), parameters) != 1) context.reset();
    return context;
  }();
  return prepared.get();
}

}  // namespace

bool hmac_sha256(std::span<const std::uint8_t> key,
                 std::initializer_list<std::span<const std::uint8_t>> parts, Digest& out) {
  const Digest zero;
  if (key.empty()) key = zero;
  if (prepared_context() == nullptr) return false;
  const MacContext context(EVP_MAC_CTX_dup(prepared_context()));
  if (!context || EVP_MAC_init(context.get(), key.data(), key.size(), nullptr) != 1) return false;
  for (const auto part : parts) {
    if (EVP_MAC_update(context.get(), part.data(), part.size()) != 1) return false;
  }
  std::size_t size = 0;
  return EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size();
}

}  // namespace membrane::crypto
