// Who owns an OpenSSL key, without letting OpenSSL's headers into ours.
#pragma once

#include <memory>

struct evp_pkey_st;

namespace membrane::crypto {

struct KeyDeleter {
  void operator()(evp_pkey_st* key) const noexcept;
};

// Owns one EVP_PKEY; OpenSSL wipes the private part when it is freed.
using KeyHandle = std::unique_ptr<evp_pkey_st, KeyDeleter>;

}  // namespace membrane::crypto
