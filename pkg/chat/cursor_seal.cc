#include "chat/cursor_seal.h"

#include <sodium.h>

namespace respring::chat {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMaxToken = 1024;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string CursorSeal::tag(std::string_view purpose, std::string_view text) const {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key_.data(), key_.size(), kTagBytes);
  crypto_generichash_update(&state, bytes_of(purpose), purpose.size());
  const unsigned char separator = 0;
  crypto_generichash_update(&state, &separator, 1);
  crypto_generichash_update(&state, bytes_of(text), text.size());
  std::string out(kTagBytes, '\0');
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(out.data()), out.size());
  return out;
}

std::string CursorSeal::seal(std::string_view purpose, std::string_view text) const {
  const std::string plain = tag(purpose, text) + std::string(text);
  std::string token(sodium_base64_encoded_len(plain.size(), kVariant), '\0');
  sodium_bin2base64(token.data(), token.size(), bytes_of(plain), plain.size(), kVariant);
  token.resize(token.find('\0'));
  return token;
}

std::optional<std::string> CursorSeal::open(std::string_view purpose,
                                            std::string_view token) const {
  if (token.size() > kMaxToken) return std::nullopt;
  std::string plain(token.size(), '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(plain.data()), plain.size(), token.data(),
                        token.size(), nullptr, &length, &end, kVariant) != 0 ||
      end != token.data() + token.size() || length < kTagBytes) {
    return std::nullopt;
  }
  plain.resize(length);
  std::string text = plain.substr(kTagBytes);
  const std::string expected = tag(purpose, text);
  if (sodium_memcmp(expected.data(), plain.data(), kTagBytes) != 0) return std::nullopt;
  return text;
}

}  // namespace respring::chat
