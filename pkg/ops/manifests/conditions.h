#pragma once

#include "ops/manifests/input.h"

namespace respring::manifests {

/// What is wrong with values that are right one by one.
std::vector<config::Problem> conditions_broken(const Input& input);

}  // namespace respring::manifests
