#pragma once

#include "respring/verbs.h"

namespace respring::cmd {

/// What `respring` alone says: three commands for a newcomer.
std::string short_help(Language language);
/// What `respring --help` says: every command by group.
std::string full_help(const Arguments& root, Language language);
/// What `respring config check --help` says.
std::string command_help(const Arguments& command, Language language);

}  // namespace respring::cmd
