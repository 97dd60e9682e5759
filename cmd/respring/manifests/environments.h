#pragma once

#include "ops/manifests/input.h"
#include "respring/console.h"

namespace respring::cmd {

/// `dev`, `staging`, `prod`.
const std::vector<std::string>& environment_names();

/// Says that there is none of this name, and which there are.
Exit fail_unknown_environment(Console& console, const std::string& name);

/// The values of an environment with what `files` say on top; an empty name: what all share, which
/// nobody can ask for by name. What is wrong has been said, and the exit code is the error.
Result<manifests::Input, Exit> load_environment(Console& console, const std::string& name,
                                                const std::vector<std::string>& files);

/// Every value with its default and what it means, as YAML.
std::string values_reference();

}  // namespace respring::cmd
