#pragma once

#include <sodium.h>

#include <string>
#include <string_view>

namespace respring::user {

inline constexpr std::size_t kMaxTokenText = 100;  ///< ours have 43; longer ones are none

/// SHA-256, 32 bytes: what is kept of tokens and tickets.
inline std::string token_hash(std::string_view text) {
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return out;
}

}  // namespace respring::user
