#pragma once

#include "base/secret.h"
#include "ops/manifests/check.h"

namespace respring::cmd {

/// What manifests may know of this binary, from its own tables.
manifests::BinaryFacts binary_facts();
/// Stands for a secret that is not here but where the settings are going to be read.
Secret<std::string> secret_elsewhere();
/// This binary's judgement of settings and command lines.
manifests::Judges binary_judges();

}  // namespace respring::cmd
