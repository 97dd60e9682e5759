#pragma once

#include "base/json.h"

/// JSON patches (RFC 6902), as kustomize applies them.
namespace respring::manifests {

/// The operations that make `to` of `from`; empty when they are equal. Lists of different lengths
/// are replaced as a whole.
json::Array patch_between(const json::Value& from, const json::Value& to);

/// Applies add, replace and remove. The error names the operation that does not fit.
Result<void> apply_patch(json::Value& value, const json::Value& operations);

}  // namespace respring::manifests
