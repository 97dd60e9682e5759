#pragma once

#include <string>

#include "config/load.h"
#include "ops/doctor/findings.h"

namespace respring::cmd {

json::Value findings_json(const std::vector<doctor::Finding>& findings);

/// What a helper needs to see and nothing else: facts, findings, settings, version. No message
/// text, no names of people or rooms, no secrets: secrets in addresses are blanked, settings
/// that are secret are shown as the path of their file.
std::string bundle_text(const doctor::Facts& facts, const std::vector<doctor::Finding>& findings,
                        const config::Loaded& loaded);

/// Writes a new file that only its owner can read; `conflict` when it is there already.
Result<void> write_bundle(const std::string& file, const std::string& text);

}  // namespace respring::cmd
