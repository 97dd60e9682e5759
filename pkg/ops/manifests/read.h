#pragma once

#include "ops/manifests/render.h"

namespace respring::manifests {

/// One environment as a cluster would see it. Every scalar is a text, as YAML has it.
struct Composed {
  std::string name;  ///< of the overlay, or empty for plain files
  Objects objects;
};

/// The overlays in `files` applied to their base; without overlays all documents of all files.
/// The error names the file.
Result<std::vector<Composed>> compose(const Files& files);

/// Documents of a stream that `---` separates.
Result<Objects> read_documents(const std::string& text, const std::string& path);

}  // namespace respring::manifests
