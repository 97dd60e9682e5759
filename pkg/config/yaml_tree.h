#pragma once

#include "config/load.h"

namespace respring::config {

/// A configuration file as it was written: texts, lists and maps with their lines.
struct Tree {
  enum class Kind : std::uint8_t { null, text, list, map };
  Kind kind = Kind::null;
  std::string text;
  std::vector<Tree> items;
  std::vector<std::pair<std::string, Tree>> members;
  int line = 0;  ///< from 1
};

inline constexpr std::size_t kLargestFile = 1 << 20;

/// Reads one YAML document. Refused: broken YAML, a key that stands twice, more than 10,000 nodes
/// or 16 levels (aliases count as what they stand for).
Result<Tree, Problem> parse_yaml(const std::string& text, const std::string& path);

/// Reads a file of at most kLargestFile bytes.
Result<std::string, Problem> read_file(const std::string& path);

}  // namespace respring::config
