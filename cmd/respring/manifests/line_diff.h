#pragma once

#include <string>

namespace respring::cmd {

/// What differs between two texts, as a unified diff with three lines around each change; empty
/// when they are equal. Texts of many thousand lines are compared as a whole.
std::string line_diff(const std::string& before, const std::string& after, const std::string& name);

}  // namespace respring::cmd
