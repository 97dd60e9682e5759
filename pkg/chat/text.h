#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

/// What people write, checked and brought into one form: Unicode NFC, so that the same text typed
/// on different systems is the same bytes. Lengths are code points after NFC. Pure; any thread.
///
/// The checks answer the text in its final form or `invalid_request` with one FieldError of that
/// field: `required` (empty), `too_short`, `too_long`, `blank` (nothing to see), `invalid`.
namespace respring::chat {

/// The text in NFC (UAX 15). Broken UTF-8 becomes U+FFFD; the checks below refuse it instead.
std::string nfc(std::string_view utf8);

/// NFC with full case folding (Unicode 3.13): equal results mean equal but for case.
std::string fold(std::string_view utf8);

std::size_t count_code_points(std::string_view utf8);
bool is_valid_utf8(std::string_view text);

/// Any text of `min` to `max` code points.
Result<std::string> checked_text(std::string_view field, std::string_view text, std::size_t min,
                                 std::size_t max);
/// A message: 1 to 4,000, not only white space; of the control characters only newline and tab.
Result<std::string> checked_message_text(std::string_view field, std::string_view text);
/// A name or title of 1 to `max`: white space around it goes; no control characters or characters
/// that turn the direction of what surrounds it; something must be visible.
Result<std::string> checked_name(std::string_view field, std::string_view text, std::size_t max);
/// `[a-z0-9_.]{3,32}`
Result<std::string> checked_handle(std::string_view field, std::string_view text);
/// 8 to 128. The NFC form is what gets hashed (RFC 8265), so log-ins must use nfc() too.
Result<std::string> checked_password(std::string_view field, std::string_view text);
/// One emoji of at most 8 code points; see is_one_emoji.
Result<std::string> checked_emoji(std::string_view field, std::string_view text);

/// True for exactly one emoji by the grammar of UTS 51: with skin tone or variation selector, a
/// flag, a keycap, several joined by ZWJ. A letter or digit alone is none.
bool is_one_emoji(std::string_view utf8);

}  // namespace respring::chat
