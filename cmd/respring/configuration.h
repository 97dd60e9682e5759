#pragma once

#include "respring/console.h"
#include "respring/settings.h"

namespace respring::cmd {

/// --config, --set and the process's environment.
config::Sources sources_of(const Common& common);

/// Loads the settings for a command; on failure everything wrong has been said and the exit code
/// is the error.
Result<config::Loaded, Exit> load_or_say(Console& console, Settings& settings);

/// Says what is wrong with a configuration.
Exit fail_configuration(Console& console, const config::Problems& problems);

}  // namespace respring::cmd
