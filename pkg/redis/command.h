#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace respring::redis {

/// Appends a command as the server reads it (RESP arrays of bulk strings). Any bytes may be in the
/// words.
void append_command(std::string& out, std::span<const std::string_view> words);

inline std::string command(std::initializer_list<std::string_view> words) {
  std::string out;
  append_command(out, std::span<const std::string_view>(words.begin(), words.size()));
  return out;
}

}  // namespace respring::redis
