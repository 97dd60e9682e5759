#pragma once

#include "ops/doctor/findings.h"

/// Of findings.cc alone: what the platform stands on.
namespace respring::doctor {

using Findings = std::vector<Finding>;

inline std::string mib(std::int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

void look_at(const MachineFacts& machine, Findings& out);
void look_at(const ConfigFacts& config, Findings& out);

}  // namespace respring::doctor
