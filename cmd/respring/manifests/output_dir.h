#pragma once

#include <set>

#include "ops/manifests/render.h"

namespace respring::cmd {

/// Puts `files` where `dir` is, all at once: they are written beside it and then exchanged with it.
/// An existing folder is replaced only if it came from here and holds nothing but what `holds`
/// names, like `kubernetes prod` (`conflict` otherwise).
Result<void> replace_folder(const std::string& dir, const manifests::Files& files,
                            const std::set<std::string>& holds);

/// Every YAML file below a folder, or the one file `path`; at most 10,000 of them.
Result<manifests::Files> read_folder(const std::string& path);

}  // namespace respring::cmd
