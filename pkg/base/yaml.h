#pragma once

#include <string>

#include "base/json.h"

namespace respring {

/// A value as YAML that every parser (1.1 or 1.2) reads as the same value: texts that look like
/// something else are quoted, texts of several lines stand as blocks. Ends with a new line.
std::string to_yaml(const json::Value& value);

}  // namespace respring
