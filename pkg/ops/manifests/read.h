#pragma once

#include "ops/manifests/render.h"

namespace respring::manifests {

/// One environment as a cluster would see it. Every scalar is a text, as YAML has it.
struct Composed {
  std::string name;  ///< of the overlay, or empty for plain files
  Objects objects;
};

/// The overlays in `files` applied to their base, each with its jobs/; without overlays all
/// documents of all files. Refused, with the file: what is no Kubernetes object, like a layout for
/// systemd, and fields of a kustomization that are not read here.
Result<std::vector<Composed>> compose(const Files& files);

/// Documents of a stream that `---` separates.
Result<Objects> read_documents(const std::string& text, const std::string& path);

}  // namespace respring::manifests
