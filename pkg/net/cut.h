#pragma once

#include <algorithm>
#include <string_view>
#include <utility>

namespace respring::net {

/// What is before and behind the first `separator`; nothing behind when there is none. Both borrow
/// from the text.
inline std::pair<std::string_view, std::string_view> cut(std::string_view text, char separator) {
  const std::size_t at = std::min(text.find(separator), text.size());
  return {text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
}

}  // namespace respring::net
