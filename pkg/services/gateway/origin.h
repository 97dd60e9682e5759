#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace respring::gateway {

/// Which web pages may speak to us with the user's cookie (Fetch standard, Origin header).
/// Immutable; any thread.
class OriginPolicy {
 public:
  /// `public_url` may be empty. Origins are scheme, host and port; anything behind them is ignored.
  OriginPolicy(std::string_view public_url, const std::vector<std::string>& allowed);

  /// The request's Origin is one of the allowed, or our own by its Host. A page that came over
  /// https through a proxy is our own too. False without an Origin.
  bool allows(const net::Request& request) const;

  /// May an unsafe request use the session cookie: the Origin is allowed, or the browser says that
  /// the page is ours (Sec-Fetch-Site: same-origin).
  bool allows_cookie(const net::Request& request) const;

 private:
  std::set<std::string, std::less<>> allowed_;
};

/// `scheme://host[:port]` in lower case without a default port; empty when it is no such text.
std::string normal_origin(std::string_view url);

}  // namespace respring::gateway
