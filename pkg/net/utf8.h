#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace respring::net {

/// Checks UTF-8 (RFC 3629) that arrives in pieces and fails at the first byte that cannot belong to
/// it.
class Utf8Checker {
 public:
  /// False as soon as the text so far cannot be continued to valid UTF-8; it stays false.
  bool feed(std::string_view bytes);
  /// True when the text so far is valid and does not stop inside a character.
  bool complete() const { return !failed_ && missing_ == 0; }
  void reset() { *this = {}; }

 private:
  bool start_character(unsigned char byte);

  std::uint8_t missing_ = 0;    ///< continuation bytes still to come
  std::uint8_t lowest_ = 0x80;  ///< bounds of the next continuation byte
  std::uint8_t highest_ = 0xBF;
  bool failed_ = false;
};

bool is_utf8(std::string_view text);

/// The text with `?` for every byte that is not valid UTF-8, for echoing what a client sent.
std::string as_utf8(std::string_view text);

}  // namespace respring::net
