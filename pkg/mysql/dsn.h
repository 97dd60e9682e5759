#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace respring::mysql {

enum class Tls : std::uint8_t {
  disabled,         ///< what is said may be read on the way
  required,         ///< encrypted, but whoever answers is believed
  verify_ca,        ///< the server's certificate is signed by the CA
  verify_identity,  ///< … and is of the host that was asked for
};

/// Where a database is and how to speak to it.
struct Options {
  std::string host;  ///< a name or an address, IPv6 without brackets
  std::uint16_t port = 3306;
  std::string user;
  Secret<std::string> password;
  std::string database;
  Tls tls = Tls::disabled;
  std::string ca;  ///< file of the authority's certificate (PEM)
  std::chrono::seconds connect_timeout{5};
  /// How long a statement's answer may take: longer, and the connection counts as lost.
  std::chrono::seconds answer_timeout{30};
  /// The server ends a session that says nothing for so long: a process that was frozen inside a
  /// transaction must not hold its rows for ever. Whoever uses the connection next connects again.
  std::chrono::seconds idle_timeout{60};
  /// How long to wait for another transaction's row before `busy`.
  std::chrono::seconds lock_timeout{5};
  std::size_t statement_limit = 256;  ///< prepared ones kept per connection
};

/// Reads `mysql://user:password@host:port/database?tls=verify-identity&ca=/path`. User, password
/// and database may be percent-encoded (RFC 3986); the port may be left out. Parameters, each at
/// most once: `tls` (disabled, required, verify-ca, verify-identity), `ca`, and in whole seconds
/// `connect_timeout`, `answer_timeout`, `lock_timeout`. `invalid_request` with a sentence that
/// never repeats the URL, which holds a password.
Result<Options> parse_dsn(std::string_view dsn);

/// `mysql://user@host:port/database`, for logs and errors.
std::string describe(const Options& options);

}  // namespace respring::mysql
