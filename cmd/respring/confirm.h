#pragma once

#include <istream>
#include <optional>
#include <string>

#include "respring/console.h"

namespace respring::cmd {

/// How a command that changes something is allowed to go on.
struct Consent {
  bool yes = false;                    ///< --yes: enough for moderate danger
  std::optional<std::string> confirm;  ///< --confirm=NAME: for severe danger
};

/// Moderate danger: asks "… [y/N]" on a terminal. Exit::ok means go on; without a terminal and
/// without --yes it refuses at once and says so.
Exit ask(Console& console, std::istream& in, const Consent& consent, const std::string& question);

/// Severe danger: wants `name` typed, or --confirm=NAME. --yes is not enough.
Exit ask_name(Console& console, std::istream& in, const Consent& consent,
              const std::string& question, const std::string& name);

}  // namespace respring::cmd
