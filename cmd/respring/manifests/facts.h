#pragma once

#include "ops/manifests/check.h"

namespace respring::cmd {

/// What manifests may know of this binary, from its own tables.
manifests::BinaryFacts binary_facts();
/// This binary's judgement of settings and command lines.
manifests::Judges binary_judges();

}  // namespace respring::cmd
