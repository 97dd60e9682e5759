#include "net/utf8.h"

#include <cstring>

namespace respring::net {

bool Utf8Checker::start_character(unsigned char byte) {
  lowest_ = 0x80;
  highest_ = 0xBF;
  if (byte >= 0xC2 && byte <= 0xDF) {
    missing_ = 1;
  } else if ((byte & 0xF0) == 0xE0) {
    missing_ = 2;
    if (byte == 0xE0) lowest_ = 0xA0;   // no overlong forms
    if (byte == 0xED) highest_ = 0x9F;  // no surrogates
  } else if (byte >= 0xF0 && byte <= 0xF4) {
    missing_ = 3;
    if (byte == 0xF0) lowest_ = 0x90;
    if (byte == 0xF4) highest_ = 0x8F;  // nothing above U+10FFFF
  } else {
    return false;
  }
  return true;
}

bool Utf8Checker::feed(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (!failed_ && at != end) {
    if (missing_ == 0) {
      std::uint64_t word = 0;
      while (end - at >= 8) {  // ASCII, eight bytes at a time
        std::memcpy(&word, at, 8);
        if ((word & 0x8080808080808080ULL) != 0) break;
        at += 8;
      }
      if (at == end) break;
    }
    const auto byte = static_cast<unsigned char>(*at++);
    if (missing_ != 0) {
      failed_ = byte < lowest_ || byte > highest_;
      lowest_ = 0x80;
      highest_ = 0xBF;
      --missing_;
    } else if (byte >= 0x80) {
      failed_ = !start_character(byte);
    }
  }
  return !failed_;
}

bool is_utf8(std::string_view text) {
  Utf8Checker checker;
  return checker.feed(text) && checker.complete();
}

std::string as_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= 4 && length <= text.size() && !is_utf8(text.substr(0, length))) ++length;
    if (length <= 4 && length <= text.size()) {
      out += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      out += '?';
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace respring::net
