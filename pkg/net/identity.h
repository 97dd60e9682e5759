#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/http.h"

/// The internal identity header: with it a role shows another on whose behalf it asks. Requests
/// from outside never carry it, because the gateway removes every internal header.
namespace respring::net {

inline constexpr std::string_view kInternalPrefix = "x-respring-";
inline constexpr std::string_view kIdentityHeader = "x-respring-identity";

/// The cluster's keys. While a key is being replaced the one before is still accepted; signed is
/// with `current` alone.
struct IdentityKeys {
  using Key = std::array<unsigned char, 32>;
  Key current{};
  std::optional<Key> previous;
};

/// Signs and checks identities: HMAC-SHA-256 (RFC 2104) over who asks, when, and for which method
/// and target, so that a captured header is of no use for another request or after two minutes.
/// It does not cover the body. Immutable; any thread. The clock is borrowed.
class IdentitySeal {
 public:
  /// How old an identity may be, and how far ahead the signer's clock may run.
  static constexpr std::chrono::seconds kValidity{120};
  static constexpr std::chrono::seconds kSkew{30};

  IdentitySeal(IdentityKeys keys, const Clock& clock) : keys_(keys), clock_(clock) {}

  /// The header's value: `1.<user>-<session>.<ms>.<tag>`; without a principal the node itself asks,
  /// `1.node.<ms>.<tag>`. `target` as it is sent.
  std::string sign(const std::optional<Principal>& who, Method method,
                   std::string_view target) const;

  /// Who asks, or nothing for a node. `unauthenticated` when the header is missing, doubled,
  /// malformed, of another request, expired, from the future, or signed with an unknown key.
  Result<std::optional<Principal>> verify(const Request& request) const;

 private:
  IdentityKeys keys_;
  const Clock& clock_;
};

}  // namespace respring::net
