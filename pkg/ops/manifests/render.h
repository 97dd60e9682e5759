#pragma once

#include <map>

#include "ops/manifests/objects.h"

namespace respring::manifests {

/// Path below the output folder, and content.
using Files = std::map<std::string, std::string>;

/// `base/` with what all environments share, `overlays/ENV/` with what this one changes, as
/// kustomize reads them: `kubectl apply -k DIR/overlays/ENV`.
Files kustomize_files(const Input& base, const Input& environment);

/// The same objects with their namespace, as one stream.
std::string stream_of(const Input& environment);

/// systemd's units, users and settings for a machine that runs every role, laid out from `/`.
Files systemd_files(const Input& environment);

/// `kubectl create secret …` for each Secret that is named and not made.
std::vector<std::string> secrets_needed(const Input& environment);

/// `Deployment respring-gateway`.
std::string title_of(const json::Value& object);

}  // namespace respring::manifests
