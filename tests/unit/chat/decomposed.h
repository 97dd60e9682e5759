#pragma once

#include <string>
#include <string_view>

#include "chat/utf8.h"

namespace respring::testing {

/// Hangul syllables taken apart into conjoining jamo (NFD), as macOS file names and some keyboards
/// deliver them. Everything else stays.
inline std::string decomposed(std::string_view text) {
  std::u32string out;
  for (const char32_t c : chat::to_code_points(text)) {
    if (c < 0xAC00 || c > 0xD7A3) {
      out += c;
      continue;
    }
    const char32_t index = c - 0xAC00;
    out += static_cast<char32_t>(0x1100 + index / 588);
    out += static_cast<char32_t>(0x1161 + index % 588 / 28);
    if (index % 28 != 0) out += static_cast<char32_t>(0x11A7 + index % 28);
  }
  return chat::to_utf8(out);
}

}  // namespace respring::testing
