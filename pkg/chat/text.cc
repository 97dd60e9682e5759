#include "chat/text.h"

#include <algorithm>

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include "chat/limits.h"
#include "chat/utf8.h"

namespace respring::chat {
namespace {

constexpr std::size_t kMinHandle = 3;
constexpr std::size_t kMaxHandle = 32;

const icu::Normalizer2& normalizer() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFCInstance(status);  // ICU's own data: always there
  }();
  return *instance;
}

icu::StringPiece piece(std::string_view text) {
  return {text.data(), static_cast<std::int32_t>(text.size())};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

UChar32 icu_point(char32_t point) { return static_cast<UChar32>(point); }

/// True when one of the code points is as `wanted` says.
template <class Wanted>
bool any_point(std::string_view text, Wanted wanted) {
  for (std::size_t at = 0; at < text.size();) {
    if (wanted(next_code_point(text, at))) return true;
  }
  return false;
}

bool is_space(char32_t point) { return u_isUWhiteSpace(icu_point(point)) != 0; }

bool is_control(char32_t point) { return u_charType(icu_point(point)) == U_CONTROL_CHAR; }

/// Could make a name look like another's or break the line it stands in.
bool spoils_names(char32_t point) {
  const auto type = u_charType(icu_point(point));
  const bool turns_direction =
      (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
  return type == U_CONTROL_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR ||
         type == U_PRIVATE_USE_CHAR || type == U_UNASSIGNED || turns_direction;
}

bool is_visible(char32_t point) {
  return !is_space(point) &&
         u_hasBinaryProperty(icu_point(point), UCHAR_DEFAULT_IGNORABLE_CODE_POINT) == 0;
}

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = text.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_space(next_code_point(text, at))) continue;
    begin = std::min(begin, start);
    end = at;
  }
  return begin == text.size() ? std::string_view{} : text.substr(begin, end - begin);
}

Error refused(std::string_view field, const char* code) {
  return invalid_field(std::string(field), code);
}

}  // namespace

std::string nfc(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  std::string valid;
  if (!is_valid_utf8(utf8)) {
    valid = to_utf8(to_code_points(utf8));
    utf8 = valid;
  }
  UErrorCode status = U_ZERO_ERROR;
  if (normalizer().isNormalizedUTF8(piece(utf8), status)) return std::string(utf8);
  std::string out;
  icu::StringByteSink<std::string> sink(&out, static_cast<std::int32_t>(utf8.size()));
  normalizer().normalizeUTF8(0, piece(utf8), sink, nullptr, status);
  return out;
}

std::string fold(std::string_view utf8) {
  const std::string composed = nfc(utf8);
  std::string folded;
  UErrorCode status = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(&folded, static_cast<std::int32_t>(composed.size()));
  icu::CaseMap::utf8Fold(0, piece(composed), sink, nullptr, status);
  return nfc(folded);
}

std::size_t count_code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool is_valid_utf8(std::string_view text) {
  return is_ascii(text) || !any_point(text, [](char32_t point) { return point == kNoCodePoint; });
}

Result<std::string> checked_text(std::string_view field, std::string_view text, std::size_t min,
                                 std::size_t max) {
  if (text.empty() && min > 0) return refused(field, "required");
  if (text.size() > kMaxBodyBytes) return refused(field, "too_long");
  if (!is_valid_utf8(text)) return refused(field, "invalid");
  std::string composed = nfc(text);
  const std::size_t size = count_code_points(composed);
  if (size < min) return refused(field, "too_short");
  if (size > max) return refused(field, "too_long");
  return composed;
}

Result<std::string> checked_message_text(std::string_view field, std::string_view text) {
  RESPRING_TRY(auto checked, checked_text(field, text, 1, kMaxTextCodePoints));
  const auto broken = [](char32_t c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F; };
  if (any_point(checked, broken)) return refused(field, "invalid");
  if (trimmed(checked).empty()) return refused(field, "blank");
  return checked;
}

Result<std::string> checked_name(std::string_view field, std::string_view text, std::size_t max) {
  if (text.empty()) return refused(field, "required");
  if (!is_valid_utf8(text)) return refused(field, "invalid");
  const std::string_view inner = trimmed(text);
  if (inner.empty() || !any_point(inner, is_visible)) return refused(field, "blank");
  RESPRING_TRY(auto checked, checked_text(field, inner, 1, max));
  if (any_point(checked, spoils_names)) return refused(field, "invalid");
  return checked;
}

Result<std::string> checked_handle(std::string_view field, std::string_view text) {
  if (text.empty()) return refused(field, "required");
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  if (!std::all_of(text.begin(), text.end(), allowed)) return refused(field, "invalid");
  if (text.size() < kMinHandle) return refused(field, "too_short");
  if (text.size() > kMaxHandle) return refused(field, "too_long");
  return std::string(text);
}

Result<std::string> checked_password(std::string_view field, std::string_view text) {
  RESPRING_TRY(auto checked,
               checked_text(field, text, kMinPasswordCodePoints, kMaxPasswordCodePoints));
  if (any_point(checked, is_control)) return refused(field, "invalid");
  return checked;
}

Result<std::string> checked_emoji(std::string_view field, std::string_view text) {
  RESPRING_TRY(auto checked, checked_text(field, text, 1, kMaxEmojiCodePoints));
  if (!is_one_emoji(checked)) return refused(field, "invalid");
  return checked;
}

}  // namespace respring::chat
