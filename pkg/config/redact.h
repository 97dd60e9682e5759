#pragma once

#include <string>
#include <string_view>

namespace respring::config {

/// A value or a list of values fit to be shown, logged or sent: what may be a secret in an address
/// is `***`: the password before its host (`mysql://user:***@db`), a token there
/// (`https://***@host`), and parameters that are not known to be none (`?api_key=***`). Where it is
/// not clear how far a password goes, too much is hidden. What is no address stays as it is.
std::string without_secrets(std::string_view text);

}  // namespace respring::config
