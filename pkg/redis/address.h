#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace respring::redis {

/// Which database of which server, and as whom.
struct Address {
  std::string host;
  std::uint16_t port = 6379;
  std::string user{};  ///< empty: the server's default user
  Secret<std::string> password{};
  int database = 0;

  /// `redis://host:port/db`, for people: without user and password.
  std::string str() const;
};

/// Reads `redis://[user[:password]@]host[:port][/db]`; user and password percent-encoded, an IPv6
/// host in brackets. The error says what is wrong and repeats nothing of the text.
Result<Address> parse_url(std::string_view url);

}  // namespace respring::redis
