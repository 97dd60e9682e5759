#pragma once

#include <cstdint>

/// Close codes of the API beside those of RFC 6455, 7.4.1.
namespace respring::websocket {

inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kPolicyViolation = 1008;
inline constexpr std::uint16_t kTryAgainLater = 1013;
inline constexpr std::uint16_t kNotAuthenticated = 4001;
inline constexpr std::uint16_t kSessionRevoked = 4003;
inline constexpr std::uint16_t kTooManyRequests = 4008;
inline constexpr std::uint16_t kTooSlow = 4009;

}  // namespace respring::websocket
