#include "aead.h"

#include <algorithm>
#include <array>

#include "evp.h"

namespace membrane::crypto {
namespace {

const EVP_CIPHER* cipher_of(Aead aead) {
  return aead == Aead::aes_128_gcm ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

int int_size(std::span<const std::uint8_t> bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

bool aead_encrypt(Aead aead, std::span<const std::uint8_t> key,
                  std::span<const std::uint8_t, aead_nonce_bytes> nonce,
                  std::span<const std::uint8_t> aad, std::span<const std::uint8_t> plaintext,
                  std::vector<std::uint8_t>& out) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX* const c = context.get();
  const std::size_t start = out.size();
  out.resize(start + plaintext.size() + aead_tag_bytes);
  std::uint8_t* const ciphertext = out.data() + start;
  std::uint8_t* const tag = ciphertext + plaintext.size();
  int size = 0;
  // An update with a null output takes associated data; with nothing to encrypt it must not run.
  return c != nullptr &&
         EVP_EncryptInit_ex(c, cipher_of(aead), nullptr, key.data(), nonce.data()) == 1 &&
         (aad.empty() || EVP_EncryptUpdate(c, nullptr, &size, aad.data(), int_size(aad)) == 1) &&
         (plaintext.empty() ||
          EVP_EncryptUpdate(c, ciphertext, &size, plaintext.data(), int_size(plaintext)) == 1) &&
         EVP_EncryptFinal_ex(c, tag, &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, aead_tag_bytes, tag) == 1;
}

std::optional<std::vector<std::uint8_t>> aead_decrypt(
    Aead aead, std::span<const std::uint8_t> key,
    std::span<const std::uint8_t, aead_nonce_bytes> nonce, std::span<const std::uint8_t> aad,
    std::span<const std::uint8_t> ciphertext) {
  if (ciphertext.size() < aead_tag_bytes) return std::nullopt;
  const auto body = ciphertext.first(ciphertext.size() - aead_tag_bytes);
  std::array<std::uint8_t, aead_tag_bytes> tag{};
  std::copy_n(ciphertext.end() - aead_tag_bytes, aead_tag_bytes, tag.begin());

  const CipherContext context(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX* const c = context.get();
  std::vector<std::uint8_t> plaintext(body.size());
  std::array<std::uint8_t, aead_tag_bytes> rest{};
  int size = 0;
  const bool authentic =
      c != nullptr &&
      EVP_DecryptInit_ex(c, cipher_of(aead), nullptr, key.data(), nonce.data()) == 1 &&
      (aad.empty() || EVP_DecryptUpdate(c, nullptr, &size, aad.data(), int_size(aad)) == 1) &&
      (body.empty() ||
       EVP_DecryptUpdate(c, plaintext.data(), &size, body.data(), int_size(body)) == 1) &&
      EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, aead_tag_bytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(c, rest.data(), &size) == 1;
  if (!authentic) return std::nullopt;
  return plaintext;
}

}  // namespace membrane::crypto
