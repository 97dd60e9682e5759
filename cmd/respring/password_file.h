#pragma once

#include <istream>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace respring::cmd {

/// The password in a file, or of `in` for `-`: its first line. `invalid_request` when it cannot be
/// read, is too long or holds more than a line. Secrets are never given as arguments, which every
/// process of the machine can read.
Result<Secret<std::string>> read_password(const std::string& file, std::istream& in);

}  // namespace respring::cmd
