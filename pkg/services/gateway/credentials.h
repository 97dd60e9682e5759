#pragma once

#include <optional>

#include "base/secret.h"
#include "chat/roles/accounts.h"
#include "net/http.h"

namespace respring::gateway {

/// The token a request shows, bearer before cookie.
struct Credentials {
  Secret<std::string> token;
  bool by_cookie = false;
};

/// Nothing when the request shows none; `unauthenticated` for a broken Authorization header (RFC
/// 6750). Other schemes than Bearer are somebody else's and are not looked at.
Result<std::optional<Credentials>> credentials_of(const net::Request& request);

}  // namespace respring::gateway
