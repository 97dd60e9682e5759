#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 and code points (RFC 3629), strict: no surrogates, no overlong forms.
namespace respring::chat {

inline constexpr char32_t kNoCodePoint = 0xFFFFFFFF;

/// The code point at `at`, which moves behind it; kNoCodePoint, one byte on, where the bytes are
/// broken.
inline char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const char32_t first = byte(at);
  if (first < 0x80) return ++at, first;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() - at < size) return ++at, kNoCodePoint;
  char32_t point = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return ++at, kNoCodePoint;
    point = (point << 6U) | (byte(at + i) & 0x3FU);
  }
  const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return ++at, kNoCodePoint;
  at += size;
  return point;
}

/// Appends a code point.
inline void append_utf8(std::string& out, char32_t point) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0U | (point >> 6U));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
  }
  put(0x80U | (point & 0x3FU));
}

inline std::string to_utf8(std::u32string_view points) {
  std::string out;
  out.reserve(points.size() * 3);
  for (const char32_t point : points) append_utf8(out, point);
  return out;
}

/// Broken bytes become U+FFFD.
inline std::u32string to_code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = next_code_point(text, at);
    out.push_back(point == kNoCodePoint ? U'\uFFFD' : point);
  }
  return out;
}

}  // namespace respring::chat
