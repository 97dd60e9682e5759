#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace respring::config {

/// The candidate that a person most likely meant by `word` (edit distance with transpositions, at
/// most a third of the word), or nothing.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace respring::config
